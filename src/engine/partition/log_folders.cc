#include "engine/partition/log_folders.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/storage/checkpoint_text.h"

namespace highwater::engine {

namespace {

constexpr Duration path_first_look = Duration::from_ms(5);
constexpr Duration path_patience = Duration::from_seconds(10);

}  // namespace

LogFolders::LogFolders(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {}

// Before the folder says whose it is: what the checkpoints say of the name counts from then on.
io::Task<LogFolders::Made> LogFolders::make(Partition::Identity identity) {
  const Directories::LogName name{identity.directory, identity.topic, identity.id.index};
  co_await host_.directories.begin_making(name);
  bool good = co_await wait_for_path(identity.path, identity.id);
  if (good) good = co_await forget_older(name);
  Made made = Made::none;
  if (good) {
    const bool is_whole = co_await create(identity.path, identity.id.topic_id);
    made = is_whole ? Made::whole : Made::in_part;
  }
  host_.directories.end_making(name);
  co_return made;
}

// A topic that was deleted and made anew has another id, so another core may still be renaming the old folder. What
// does not go by itself is of a topic that nobody knows, or a log without an id; but not on the word of a partition
// that is removed itself: what it finds may be of a newer topic, which another core serves.
io::Task<bool> LogFolders::wait_for_path(std::string folder, TopicPartition id) {
  io::FileSystem& files = host_.reactor.files();
  const std::string metadata = join_path(folder, partition_metadata_name);
  Duration pause = path_first_look;
  bool had_no_id = false;
  for (const Instant limit = host_.reactor.now() + path_patience;;) {
    if (host_.hosted.at(id).is_going()) co_return false;
    auto listed = co_await files.list(folder);
    if (!listed.has_value()) {
      if (listed.error() == io::IoError::not_found) co_return true;
      host_.health.note_failure("Making", folder, listed.error());
      co_return false;
    }
    const bool has_log = std::ranges::any_of(*listed, [](const io::DirectoryEntry& entry) {
      const auto name = parse_offset_file_name(entry.name);
      return name.has_value() && name->suffix == suffix::log;
    });
    auto text = co_await files.read_file(metadata, 4096);
    if (!text.has_value() && !has_log) {  // cut short while it was made
      host_.found.forget_nameless(folder);
      co_return true;
    }
    if (text.has_value() && parse_partition_metadata(as_text(text->view())) == id.topic_id) co_return true;
    if (host_.hosted.at(id).is_going()) co_return false;
    const bool is_stray = host_.found.forget_named(folder);
    // Seen twice: between the two looks above it may have been renamed.
    const bool has_no_id = !text.has_value();
    if ((has_no_id && had_no_id) || is_stray || host_.reactor.now() >= limit) break;
    had_no_id = has_no_id;
    co_await host_.reactor.sleep_until(host_.reactor.now() + pause);
    pause = pause * 2;
  }
  const bool is_free = co_await set_stray_aside(std::move(folder));
  co_return is_free;
}

io::Task<bool> LogFolders::set_stray_aside(std::string folder) {
  host_.found.forget_nameless(folder);
  const std::string_view name = std::string_view(folder).substr(folder.rfind('/') + 1);
  const auto parsed = parse_partition_directory(name);
  auto renamed = co_await retire(folder, parsed->topic, parsed->index, Retired::stray);
  co_return renamed.has_value();
}

io::Task<bool> LogFolders::forget_older(Directories::LogName name) {
  auto forgotten = co_await host_.directories.forget(name);
  if (!forgotten.has_value())
    host_.logger.error("Making {}-{} failed: {}", name.topic, name.index, forgotten.error().text);
  co_return forgotten.has_value();
}

// The folder carries its topic id before it holds a log, and its name is durable before anything in it is.
io::Task<bool> LogFolders::create(std::string folder, Uuid topic_id) {
  io::FileSystem& files = host_.reactor.files();
  std::string parent = folder.substr(0, folder.rfind('/'));
  auto made = co_await files.make_directories(folder);
  std::string path = join_path(folder, partition_metadata_name);
  Slice text = Slice::copy_of(as_bytes(partition_metadata_text(topic_id)));
  if (made.has_value()) made = co_await files.replace_file(std::move(path), std::move(text));
  if (made.has_value()) made = co_await files.sync_directory(std::move(parent));
  if (made.has_value()) co_return true;
  host_.health.note_failure("Making", folder, made.error());
  co_return false;
}

io::Task<std::optional<std::string>> LogFolders::retire(std::string path, std::string topic, std::int32_t index,
                                                        Retired as) {
  io::Reactor& reactor = host_.reactor;
  const Uuid unique = Uuid::from_halves(reactor.random().next(), reactor.random().next());
  const std::string parent = path.substr(0, path.rfind('/'));
  std::string renamed = join_path(parent, retired_directory_name(topic, index, unique, as));
  auto moved = co_await reactor.files().rename(path, renamed);
  if (moved.has_value()) moved = co_await reactor.files().sync_directory(parent);
  if (moved.has_value()) {
    host_.logger.info("{} is now {}", path, renamed);
    co_return renamed;
  }
  if (moved.error() == io::IoError::not_found) {
    host_.logger.warn("{} is gone already", path);
  } else {
    host_.health.note_failure("Renaming", path, moved.error());
  }
  co_return std::nullopt;
}

void LogFolders::retire_strays() {
  for (FoundLog& log : host_.found.take_all()) {
    host_.logger.warn("{} belongs to no partition of this broker", log.path);
    host_.operations.begin();
    tasks_.spawn(retire_stray(std::move(log)));
  }
}

// A topic that was made anew may have taken the path of the stray, and must not go in its stead.
io::Task<void> LogFolders::retire_stray(FoundLog log) {
  auto text = co_await host_.reactor.files().read_file(join_path(log.path, partition_metadata_name), 4096);
  std::optional<Uuid> id;
  if (text.has_value())
    if (const auto parsed = parse_partition_metadata(as_text(text->view())); parsed.has_value()) id = *parsed;
  if (id == log.topic_id) {
    auto renamed = co_await retire(log.path, log.topic, log.index, Retired::stray);
    static_cast<void>(renamed);
  }
  host_.operations.end();
}

void LogFolders::remove_later(std::string path, Duration delay) {
  leaving_.insert(path);
  tasks_.spawn(remove_after(std::move(path), delay));
}

io::Task<void> LogFolders::remove_after(std::string path, Duration delay) {
  co_await host_.reactor.sleep_until(host_.reactor.now() + delay);
  if (leaving_.erase(path) != 0) co_await remove(std::move(path));
}

io::Task<void> LogFolders::remove_leaving() {
  for (const std::string& path : std::exchange(leaving_, {})) co_await remove(path);
}

io::Task<void> LogFolders::remove(std::string path) {
  auto removed = co_await host_.reactor.files().remove_tree(path);
  if (!removed.has_value()) host_.logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
}

}  // namespace highwater::engine
