// How a log is made or opened when its partition is assigned, and tried again when only room was wanting.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/partition/host_body.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

std::size_t PartitionHost::Body::directory_for(const Assignment& assignment) const {
  for (std::size_t i = 0; i < options.directories.size(); ++i)
    if (options.directories[i].id == assignment.directory) return i;
  std::vector<std::size_t> online;
  for (std::size_t i = 0; i < options.directories.size(); ++i)
    if (!failed_directories[i]) online.push_back(i);
  if (online.empty()) return 0;
  return online[cores.spread(assignment.partition, online.size())];
}

void PartitionHost::Body::start_opening(Entry& entry) {
  entry.opening = true;
  ++operations;
  tasks.spawn(open(entry.assignment.partition));
}

io::Task<void> PartitionHost::Body::open(TopicPartition id) {
  Entry& entry = entries.at(id);
  if (entry.partition != nullptr) {  // not the first attempt
    co_await unused(entry);
    let_parked_go(*entry.partition);
  }
  const bool good = co_await open_log(entry);
  entry.opening = false;
  entry.opened = good;
  if (good) {
    entry.before.reset();
    entry.partition->configure(entry.settings);
    entry.partition->assign(entry.assignment);
    note_place(entry);
  } else if (failed_directories[entry.partition->identity().directory]) {
    entry.wants_room = false;
  }
  if (entry.wants_room && !trying_again) {
    trying_again = true;
    tasks.spawn(try_again());
  }
  if (entry.removing) {
    ++operations;
    tasks.spawn(remove_partition(id));
  }
  operation_ended();
}

// What was found of the log, now or at an earlier attempt.
void PartitionHost::Body::take_found(Entry& entry) {
  const TopicPartition& id = entry.assignment.partition;
  auto found = found_logs.find(id);
  if (HW_PLANTED("recreated_topic_adopts_old_log") && found == found_logs.end()) {
    found = std::ranges::find_if(found_logs, [&](const auto& each) {
      return each.second.topic == entry.assignment.topic && each.second.index == id.index;
    });
  }
  if (found == found_logs.end()) return;
  entry.before = std::move(found->second);
  found_logs.erase(found);
}

io::Task<bool> PartitionHost::Body::open_log(Entry& entry) {
  take_found(entry);
  const TopicPartition id = entry.assignment.partition;
  Partition::Identity identity{id, entry.assignment.topic, "", 0, options.node_id};
  OpenPlan plan;
  std::optional<Offset> high_watermark;
  const bool is_new = !entry.before.has_value();
  if (is_new) {
    identity.directory = directory_for(entry.assignment);
    identity.path = join_path(options.directories[identity.directory].path,
                              partition_directory_name(entry.assignment.topic, id.index));
  } else {
    const FoundLog& log = *entry.before;
    identity.directory = log.directory;
    identity.path = log.path;
    plan = {log.shutdown == Shutdown::clean, log.recovery_point, log.log_start};
    high_watermark = log.high_watermark;
  }
  const std::string directory = identity.path;
  const std::string parent = options.directories[identity.directory].path;
  const std::size_t number = identity.directory;
  Partition::Deps deps{reactor, shared, counters.store, counters.partitions, *this, logger};
  entry.partition =
      std::make_unique<Partition>(deps, std::move(identity), entry.settings, options.max_decompressed_batch_bytes);
  entry.wants_room = false;
  if (failed_directories[number]) co_return false;
  if (is_new) {
    const bool made = co_await make_place(directory, parent, entry.partition->identity());
    entry.wants_room = !made;  // whatever else it was takes the directory away
    if (!made) co_return false;
  }
  auto opened = co_await entry.partition->open(plan, high_watermark);
  if (opened.has_value()) co_return !failed_directories[number];
  entry.wants_room = opened.error().cause == OpenFailure::Cause::no_room;
  if (!entry.wants_room) on_offline(*entry.partition, opened.error().text);
  co_return false;
}

namespace {

constexpr Duration first_pause = Duration::from_seconds(1);
constexpr Duration longest_pause = Duration::from_seconds(10);

}  // namespace

// One after the other: where there is no room for one log, there is none for many at once.
io::Task<void> PartitionHost::Body::try_again() {
  for (Duration wait = first_pause;; wait = std::min(wait * 2, longest_pause)) {
    co_await reactor.sleep_until(reactor.now() + wait);
    std::vector<TopicPartition> due;
    for (const auto& [id, entry] : entries)
      if (entry.wants_room) due.push_back(id);
    if (due.empty() || stopping) break;
    for (const TopicPartition& id : due) {
      if (!settled_waiters.empty()) break;  // a stop does not wait for room
      const auto found = entries.find(id);
      if (found == entries.end() || !found->second.wants_room || found->second.removing) continue;
      found->second.opening = true;
      ++operations;
      co_await open(id);
    }
  }
  trying_again = false;
}

void PartitionHost::Body::note_place(const Entry& entry) {
  const std::size_t directory = entry.partition->identity().directory;
  if (options.directories[directory].id == entry.assignment.directory) return;
  misplaced.push_back({entry.assignment.partition, directory});
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

}  // namespace highwater::engine
