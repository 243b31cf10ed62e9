// How partitions come, change and go.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "engine/partition/host_body.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

PartitionHost::Body::Body(Deps deps, HostOptions host_options)
    : cores(deps.cores),
      self(deps.self),
      reactor(deps.cores.reactor(deps.self)),
      logger(std::move(deps.logger)),
      directories(deps.directories),
      options(std::move(host_options)),
      shared(reactor.files(), options.open_files, options.tail_bytes, options.index_bytes),
      deadlines(reactor, *this),
      tasks(reactor.ready()) {
  failed_directories.resize(options.directories.size());
  shared.producer_expiration_ms = options.producer_expiration_ms;
  tasks.spawn(expire_producers());
  tasks.spawn(remove_deleted_segments());
}

io::Task<void> PartitionHost::Body::expire_producers() {
  for (;;) {
    co_await reactor.sleep_until(reactor.now() + options.producer_check_interval);
    for (auto& [id, entry] : entries) {
      if (entry.opening || entry.partition == nullptr || !entry.partition->online()) continue;
      log::ProducerTable& producers = entry.partition->store().admission().mutable_producers();
      counters.producers_expired += producers.remove_expired(reactor.wall_now(), options.producer_expiration_ms);
    }
  }
}

PartitionHost::Body::Entry* PartitionHost::Body::online_entry(const TopicPartition& id) {
  const auto found = by_id.find(id);
  if (stopping || found == by_id.end() || found->second->opening || found->second->removing) return nullptr;
  return found->second;
}

ErrorCode PartitionHost::Body::missing(const TopicPartition& id) const {
  if (stopping) return ErrorCode::not_leader_or_follower;
  const auto found = by_id.find(id);
  // Clients ask again when the leader is not there yet; of an unknown partition they read the metadata anew.
  if (found != by_id.end() && found->second->opening) return ErrorCode::not_leader_or_follower;
  return ErrorCode::unknown_topic_or_partition;
}

void PartitionHost::Body::leave(Entry& entry) {
  if (--entry.users != 0) return;
  for (io::Promise<io::Done>& waiter : std::exchange(entry.unused_waiters, {})) waiter.complete({});
}

io::Task<void> PartitionHost::Body::unused(Entry& entry) {
  while (entry.users != 0) {
    auto [promise, future] = reactor.make_future<io::Done>();
    entry.unused_waiters.push_back(std::move(promise));
    co_await std::move(future);
  }
}

void PartitionHost::Body::operation_ended() {
  if (--operations != 0) return;
  for (io::Promise<io::Done>& waiter : std::exchange(settled_waiters, {})) waiter.complete({});
}

std::size_t PartitionHost::Body::directory_for(const Assignment& assignment) const {
  for (std::size_t i = 0; i < options.directories.size(); ++i)
    if (options.directories[i].id == assignment.directory) return i;
  std::vector<std::size_t> online;
  for (std::size_t i = 0; i < options.directories.size(); ++i)
    if (!failed_directories[i]) online.push_back(i);
  if (online.empty()) return 0;
  return online[cores.spread(assignment.partition, online.size())];
}

void PartitionHost::Body::assign(Assignment assignment, configs::TopicSettings settings) {
  if (stopping) return;
  const TopicPartition id = assignment.partition;
  Entry& entry = entries[id];
  by_id[id] = &entry;
  entry.assignment = std::move(assignment);
  entry.settings = settings;
  if (entry.opening || entry.removing) return;  // looked at again when that is done
  if (entry.partition != nullptr) {
    entry.partition->configure(settings);
    entry.partition->assign(entry.assignment);
    return;
  }
  start_opening(entry);
}

void PartitionHost::Body::start_opening(Entry& entry) {
  entry.opening = true;
  ++operations;
  tasks.spawn(open(entry.assignment.partition));
}

io::Task<void> PartitionHost::Body::open(TopicPartition id) {
  Entry& entry = entries.at(id);
  Partition::Identity identity{id, entry.assignment.topic, "", 0, options.node_id};
  OpenPlan plan;
  plan.was_closed_cleanly = true;  // of a new log
  std::optional<Offset> high_watermark;
  auto found = found_logs.find(id);
  if (HW_PLANTED("recreated_topic_adopts_old_log") && found == found_logs.end()) {
    found = std::ranges::find_if(found_logs, [&](const auto& each) {
      return each.second.topic == entry.assignment.topic && each.second.index == id.index;
    });
  }
  const bool is_new = found == found_logs.end();
  if (is_new) {
    identity.directory = directory_for(entry.assignment);
    identity.path = join_path(options.directories[identity.directory].path,
                              partition_directory_name(entry.assignment.topic, id.index));
  } else {
    const FoundLog& log = found->second;
    identity.directory = log.directory;
    identity.path = log.path;
    plan = {log.shutdown == Shutdown::clean, log.recovery_point, log.log_start};
    high_watermark = log.high_watermark;
    entry.before = std::move(found->second);
    found_logs.erase(found);
  }
  const std::string directory = identity.path;
  const std::string parent = options.directories[identity.directory].path;
  Partition::Deps deps{reactor, shared, counters.store, counters.partitions, *this, logger};
  entry.partition =
      std::make_unique<Partition>(deps, std::move(identity), entry.settings, options.max_decompressed_batch_bytes);
  bool good = !failed_directories[entry.partition->identity().directory];
  if (good && is_new) good = co_await make_place(directory, parent, entry.partition->identity());
  if (good) {
    auto opened = co_await entry.partition->open(plan, high_watermark);
    good = opened.has_value() && !failed_directories[entry.partition->identity().directory];
    if (!opened.has_value()) offline.push_back({entry.partition->identity().directory, opened.error().text});
  }
  entry.opening = false;
  entry.opened = good;
  if (good) {
    entry.before.reset();
    entry.partition->configure(entry.settings);
    entry.partition->assign(entry.assignment);
    note_place(entry);
  } else {
    all_clean = false;
  }
  if (entry.removing) {
    ++operations;
    tasks.spawn(remove_partition(id));
  }
  operation_ended();
}

namespace {

constexpr Duration path_first_look = Duration::from_ms(5);
constexpr Duration path_patience = Duration::from_seconds(10);

}  // namespace

// A topic that was deleted and made anew has another id, so another core may still be renaming the old directory. What
// does not go by itself is of a topic that nobody knows, or a log without an id.
io::Task<bool> PartitionHost::Body::wait_for_path(std::string directory, Uuid topic_id) {
  io::FileSystem& files = reactor.files();
  const std::string metadata = join_path(directory, partition_metadata_name);
  Duration pause = path_first_look;
  bool had_no_id = false;
  for (const Instant limit = reactor.now() + path_patience;;) {
    auto listed = co_await files.list(directory);
    if (!listed.has_value()) {
      if (listed.error() == io::IoError::not_found) co_return true;
      note_failed_making(directory, listed.error());
      co_return false;
    }
    const bool has_log = std::ranges::any_of(*listed, [](const io::DirectoryEntry& entry) {
      const auto name = parse_offset_file_name(entry.name);
      return name.has_value() && name->suffix == suffix::log;
    });
    auto text = co_await files.read_file(metadata, 4096);
    if (!text.has_value() && !has_log) {  // cut short while it was made
      std::erase_if(nameless, [&directory](const FoundLog& log) { return log.path == directory; });
      co_return true;
    }
    if (text.has_value() && parse_partition_metadata(as_text(text->view())) == topic_id) co_return true;
    const bool is_stray =
        std::erase_if(found_logs, [&directory](const auto& found) { return found.second.path == directory; }) != 0;
    // Seen twice: between the two looks above it may have been renamed.
    const bool has_no_id = !text.has_value();
    if ((has_no_id && had_no_id) || is_stray || reactor.now() >= limit) break;
    had_no_id = has_no_id;
    co_await reactor.sleep_until(reactor.now() + pause);
    pause = pause * 2;
  }
  std::erase_if(nameless, [&directory](const FoundLog& log) { return log.path == directory; });
  const std::string_view name = std::string_view(directory).substr(directory.rfind('/') + 1);
  const auto parsed = parse_partition_directory(name);
  auto renamed = co_await retire_directory(directory, parsed->topic, parsed->index, Retired::stray);
  co_return renamed.has_value();
}

// Before the directory says whose it is: what the checkpoints say of the name counts from then on.
io::Task<bool> PartitionHost::Body::make_place(std::string directory, std::string parent,
                                               Partition::Identity identity) {
  const Directories::LogName name{identity.directory, identity.topic, identity.id.index};
  auto asked = cores.call<io::Done>(
      self, 0, [&where = directories, name](Reply<io::Done> reply) { where.begin_making(name, std::move(reply)); });
  co_await std::move(asked);
  bool good = co_await wait_for_path(directory, identity.id.topic_id);
  if (good) good = co_await forget_older(name);
  if (good) good = co_await make_directory(directory, std::move(parent), identity.id.topic_id);
  cores.post(0, [&where = directories, name] { where.end_making(name); });
  co_return good;
}

io::Task<bool> PartitionHost::Body::forget_older(Directories::LogName name) {
  const std::string topic = name.topic;
  const std::int32_t index = name.index;
  auto asked = cores.call<Result<void>>(
      self, 0, [&where = directories, name = std::move(name)](Reply<Result<void>> reply) mutable {
        where.forget(std::move(name), std::move(reply));
      });
  auto forgotten = co_await std::move(asked);
  if (!forgotten.has_value()) logger.error("Making {}-{} failed: {}", topic, index, forgotten.error().text);
  co_return forgotten.has_value();
}

// Where no log can be made, none can be trusted; but too little space says nothing of what is there.
void PartitionHost::Body::note_failed_making(const std::string& path, io::IoError error) {
  logger.error("Making {} failed: {}", path, io::io_error_text(error));
  if (error == io::IoError::no_space || error == io::IoError::too_many_files) return;
  const std::string_view root = std::string_view(path).substr(0, path.rfind('/'));
  const auto place = std::ranges::find(options.directories, root, &Directories::Place::path);
  if (place == options.directories.end()) return;
  offline.push_back({static_cast<std::size_t>(place - options.directories.begin()),
                     fmt::format("making {} failed: {}", path, io::io_error_text(error))});
}

// The directory carries its topic id before it holds a log, and its name is durable before anything in it is.
io::Task<bool> PartitionHost::Body::make_directory(std::string directory, std::string parent, Uuid topic_id) {
  io::FileSystem& files = reactor.files();
  auto made = co_await files.make_directories(directory);
  std::string path = join_path(directory, partition_metadata_name);
  Slice text = Slice::copy_of(as_bytes(partition_metadata_text(topic_id)));
  if (made.has_value()) made = co_await files.replace_file(std::move(path), std::move(text));
  if (made.has_value()) made = co_await files.sync_directory(std::move(parent));
  if (made.has_value()) co_return true;
  note_failed_making(directory, made.error());
  co_return false;
}

void PartitionHost::Body::remove(const TopicPartition& id) {
  const auto found = entries.find(id);
  if (found == entries.end() || found->second.removing) return;
  Entry& entry = found->second;
  entry.removing = true;
  if (entry.partition != nullptr) entry.partition->resign();
  if (entry.opening) return;
  ++operations;
  tasks.spawn(remove_partition(id));
}

io::Task<void> PartitionHost::Body::remove_partition(TopicPartition id) {
  Entry& entry = entries.at(id);
  co_await unused(entry);
  co_await entry.partition->store().abandon();
  const Partition::Identity identity = entry.partition->identity();
  const Duration delay = Duration::from_ms(entry.settings.file_delete_delay_ms);
  let_parked_go(*entry.partition);
  by_id.erase(id);
  std::unique_ptr<Partition> gone = std::move(entry.partition);
  entries.erase(id);
  gone.reset();
  auto renamed = co_await retire_directory(identity.path, identity.topic, id.index, Retired::deleted);
  if (renamed.has_value()) leaving.insert(*renamed);
  operation_ended();
  if (renamed.has_value()) co_await remove_directory_later(*renamed, delay);
}

io::Task<void> PartitionHost::Body::remove_directory_later(std::string path, Duration delay) {
  co_await reactor.sleep_until(reactor.now() + delay);
  if (leaving.erase(path) == 0) co_return;
  auto removed = co_await reactor.files().remove_tree(path);
  if (!removed.has_value()) logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
}

// Requests that wait for other partitions too may still name it.
void PartitionHost::Body::let_parked_go(Partition& partition) {
  for (const std::uint64_t call : std::vector<std::uint64_t>(partition.parked))
    if (const auto read = reads.find(call); read != reads.end() && !read->second->reading) serve(call, When::at_once);
  partition.parked.clear();
}

io::Task<std::optional<std::string>> PartitionHost::Body::retire_directory(std::string path, std::string topic,
                                                                           std::int32_t index, Retired as) {
  io::FileSystem& files = reactor.files();
  const Uuid unique = Uuid::from_halves(reactor.random().next(), reactor.random().next());
  const std::string parent = path.substr(0, path.rfind('/'));
  std::string renamed = join_path(parent, retired_directory_name(topic, index, unique, as));
  auto moved = co_await files.rename(path, renamed);
  if (moved.has_value()) moved = co_await files.sync_directory(parent);
  if (moved.has_value()) {
    logger.info("{} is now {}", path, renamed);
    co_return renamed;
  }
  logger.error("Renaming {} failed: {}", path, io::io_error_text(moved.error()));
  co_return std::nullopt;
}

void PartitionHost::Body::retire_strays() {
  for (auto& [id, log] : std::exchange(found_logs, {})) nameless.push_back(std::move(log));
  for (FoundLog& log : std::exchange(nameless, {})) {
    logger.warn("{} belongs to no partition of this broker", log.path);
    ++operations;
    tasks.spawn(retire_stray(std::move(log)));
  }
}

// A topic that was made anew may have taken the place of the stray, and must not go in its stead.
io::Task<void> PartitionHost::Body::retire_stray(FoundLog log) {
  auto text = co_await reactor.files().read_file(join_path(log.path, partition_metadata_name), 4096);
  std::optional<Uuid> id;
  if (text.has_value())
    if (const auto parsed = parse_partition_metadata(as_text(text->view())); parsed.has_value()) id = *parsed;
  if (id != log.topic_id) {
    operation_ended();
    co_return;
  }
  auto renamed = co_await retire_directory(log.path, log.topic, log.index, Retired::stray);
  static_cast<void>(renamed);
  operation_ended();
}

io::Task<void> PartitionHost::Body::settle() {
  while (operations != 0) {
    auto [promise, future] = reactor.make_future<io::Done>();
    settled_waiters.push_back(std::move(promise));
    co_await std::move(future);
  }
}

void PartitionHost::Body::note_place(const Entry& entry) {
  const std::size_t directory = entry.partition->identity().directory;
  if (options.directories[directory].id == entry.assignment.directory) return;
  misplaced.push_back({entry.assignment.partition, directory});
}

void PartitionHost::Body::fail_directory(std::size_t number, const std::string& reason) {
  if (failed_directories[number]) return;
  failed_directories[number] = true;
  all_clean = false;
  for (auto& [id, entry] : entries)
    if (entry.partition != nullptr && entry.partition->identity().directory == number) entry.partition->fail(reason);
}

void PartitionHost::Body::on_offline(Partition& partition, const std::string& reason) {
  all_clean = false;
  offline.push_back({partition.identity().directory, reason});
}

LogPosition PartitionHost::Body::position_of(const Partition& partition) const {
  const LogStore& store = partition.store();
  LogPosition position;
  position.directory = partition.identity().directory;
  position.topic = partition.identity().topic;
  position.index = partition.identity().id.index;
  position.recovery_point = store.durable_end();
  position.high_watermark = partition.high_watermark();
  position.log_start = store.start();
  position.first_segment = store.first_segment_base();
  return position;
}

namespace {

// What the checkpoints said.
LogPosition untouched(const FoundLog& log) {
  LogPosition position;
  position.directory = log.directory;
  position.topic = log.topic;
  position.index = log.index;
  position.recovery_point = log.recovery_point;
  position.high_watermark = log.high_watermark.value_or(log.log_start);
  position.log_start = log.log_start;
  return position;
}

}  // namespace

// Without those whose name a newer topic has.
std::vector<const FoundLog*> PartitionHost::Body::unasked() const {
  std::vector<const FoundLog*> logs;
  for (const auto& [id, log] : found_logs) logs.push_back(&log);
  for (const FoundLog& log : nameless) logs.push_back(&log);
  if (logs.empty()) return logs;
  std::set<std::string_view> taken;
  for (const auto& [id, entry] : entries)
    if (entry.partition != nullptr) taken.insert(entry.partition->identity().path);
  std::erase_if(logs, [&taken](const FoundLog* log) { return taken.contains(log->path); });
  return logs;
}

// What is left out is forgotten: the checkpoints are written whole.
std::vector<LogPosition> PartitionHost::Body::positions() const {
  std::vector<LogPosition> all;
  for (const auto& [id, entry] : entries) {
    if (entry.removing) continue;
    if (entry.elsewhere.has_value()) all.push_back(*entry.elsewhere);
    if (entry.opened) {
      all.push_back(position_of(*entry.partition));
    } else if (entry.before.has_value()) {
      all.push_back(untouched(*entry.before));
    }
  }
  for (const FoundLog* log : unasked()) all.push_back(untouched(*log));
  return all;
}

}  // namespace highwater::engine
