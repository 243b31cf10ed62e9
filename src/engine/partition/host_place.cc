// Where logs lie: their directories are made, in turn with others of their name, and set aside.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/partition/host_body.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"

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
      note_failure("Making", directory, listed.error());
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

io::Task<void> PartitionHost::Body::begin_making(Directories::LogName name) {
  auto asked = cores.call<io::Done>(
      self, 0, [&where = directories, name](Reply<io::Done> reply) { where.begin_making(name, std::move(reply)); });
  co_await std::move(asked);
}

void PartitionHost::Body::end_making(const Directories::LogName& name) {
  cores.post(0, [&where = directories, name] { where.end_making(name); });
}

// Before the directory says whose it is: what the checkpoints say of the name counts from then on.
io::Task<bool> PartitionHost::Body::make_place(Partition::Identity identity) {
  const Directories::LogName name{identity.directory, identity.topic, identity.id.index};
  co_await begin_making(name);
  bool good = co_await wait_for_path(identity.path, identity.id.topic_id);
  if (good) good = co_await forget_older(name);
  if (good) good = co_await make_directory(identity.path, identity.id.topic_id);
  end_making(name);
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

// A directory that does not do as told is not to be trusted; but want of space says nothing of what is there.
void PartitionHost::Body::note_failure(const char* doing, const std::string& path, io::IoError error) {
  logger.error("{} {} failed: {}", doing, path, io::io_error_text(error));
  if (error == io::IoError::no_space || error == io::IoError::too_many_files) return;
  const std::string_view root = std::string_view(path).substr(0, path.rfind('/'));
  const auto place = std::ranges::find(options.directories, root, &Directories::Place::path);
  if (place == options.directories.end()) return;
  const auto number = static_cast<std::size_t>(place - options.directories.begin());
  unclean_directories[number] = true;
  offline.push_back({number, fmt::format("{} {} failed: {}", doing, path, io::io_error_text(error))});
}

// The directory carries its topic id before it holds a log, and its name is durable before anything in it is.
io::Task<bool> PartitionHost::Body::make_directory(std::string directory, Uuid topic_id) {
  io::FileSystem& files = reactor.files();
  std::string parent = directory.substr(0, directory.rfind('/'));
  auto made = co_await files.make_directories(directory);
  std::string path = join_path(directory, partition_metadata_name);
  Slice text = Slice::copy_of(as_bytes(partition_metadata_text(topic_id)));
  if (made.has_value()) made = co_await files.replace_file(std::move(path), std::move(text));
  if (made.has_value()) made = co_await files.sync_directory(std::move(parent));
  if (made.has_value()) co_return true;
  note_failure("Making", directory, made.error());
  co_return false;
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
  if (moved.error() == io::IoError::not_found) {
    logger.warn("{} is gone already", path);
  } else {
    note_failure("Renaming", path, moved.error());
  }
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

}  // namespace highwater::engine
