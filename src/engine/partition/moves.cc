#include "engine/partition/moves.h"

#include <utility>
#include <vector>

#include "engine/partition/log_copy.h"
#include "engine/storage/file_names.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

using io::IoStatus;

Moves::Moves(HostShared& host, Neighbours neighbours)
    : host_(host), neighbours_(neighbours), tasks_(host.reactor.ready()) {}

ErrorCode Moves::begin(const MoveQuery& query) {
  HostedPartition* hosted = host_.hosted.serving(query.partition).value_or(nullptr);
  if (hosted == nullptr) return ErrorCode::replica_not_available;
  if (host_.health.has_failed(query.directory) || !hosted->is_online()) return ErrorCode::kafka_storage_error;
  const Partition::Identity& identity = hosted->partition->identity();
  if (identity.directory == query.directory) {
    hosted->future.reset();
    return ErrorCode::none;
  }
  if (hosted->future.has_value() && hosted->future->directory == query.directory) return ErrorCode::none;
  const Uuid unique = Uuid::from_halves(host_.reactor.random().next(), host_.reactor.random().next());
  FutureLog future;
  future.number = ++last_;
  future.directory = query.directory;
  future.path = join_path(host_.options.directories[query.directory].path,
                          future_directory_name(identity.topic, identity.id.index, unique));
  std::string path = future.path;
  hosted->future = std::move(future);
  tasks_.spawn(move_log(query.partition, last_, std::move(path)));
  return ErrorCode::none;
}

// Null when it was called off: another move, another life of the log, or none.
HostedPartition* Moves::find(const TopicPartition& id, std::uint64_t number) {
  HostedPartition* hosted = host_.hosted.serving(id).value_or(nullptr);
  const bool goes_on = hosted != nullptr && hosted->is_online() && hosted->future.has_value() &&
                       hosted->future->number == number && !host_.health.has_failed(hosted->future->directory);
  return goes_on ? hosted : nullptr;
}

io::Task<void> Moves::move_log(TopicPartition id, std::uint64_t number, std::string path) {
  auto copied = co_await make_future_folder(host_.reactor.files(), path, id.topic_id);
  if (copied.has_value()) copied = co_await copy_sealed(id, number);
  HostedPartition* hosted = find(id, number);
  if (!copied.has_value()) host_.logger.error("Copying to {} failed: {}", path, io::io_error_text(copied.error()));
  if (!copied.has_value() || hosted == nullptr) {
    if (hosted != nullptr) hosted->future.reset();
    co_await neighbours_.folders.remove(path);
    co_return;
  }
  hosted->state = State::moving;
  host_.operations.begin();
  const State state = co_await change_directory(*hosted);
  const Partition::Identity& now = hosted->partition->identity();
  const bool has_moved = now.directory == hosted->future->directory;
  if (has_moved)
    host_.logger.info("The log of {} is in {} now", partition_directory_name(now.topic, now.id.index), now.path);
  hosted->future.reset();
  neighbours_.openings.end(*hosted, state);
  if (!has_moved) co_await neighbours_.folders.remove(path);
}

// Segments that were closed and whole in their files when this began: seldom does one of them change.
io::Task<IoStatus> Moves::copy_sealed(TopicPartition id, std::uint64_t number) {
  const HostedPartition* first = find(id, number);
  if (first == nullptr) co_return IoStatus{};
  io::FileSystem& files = host_.reactor.files();
  const std::string from = first->partition->identity().path;
  const Offset closed_end = first->partition->store().sealed_end();
  auto listed = co_await files.list(from);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  for (const io::DirectoryEntry& file : *listed) {
    const auto name = parse_offset_file_name(file.name);
    if (!goes_along(file) || !name.has_value() || name->offset >= closed_end) continue;
    HostedPartition* hosted = find(id, number);
    if (hosted == nullptr) co_return IoStatus{};
    std::uint64_t bytes = 0;
    auto done =
        co_await copy_file(files, join_path(from, file.name), join_path(hosted->future->path, file.name), bytes);
    hosted = find(id, number);
    if (hosted == nullptr) co_return IoStatus{};
    // Deleted meanwhile.
    if (!done.has_value() && done.error() == io::IoError::not_found) continue;
    if (!done.has_value()) co_return done;
    hosted->future->copied.emplace(file.name, bytes);
    if (name->suffix != suffix::log) continue;
    hosted->future->copied_bytes += bytes;
    hosted->future->copied_end = name->offset;
  }
  co_return IoStatus{};
}

namespace {

FoundLog closed_log(const Partition& partition) {
  const LogPosition position = position_of(partition);
  FoundLog log;
  log.path = partition.identity().path;
  log.topic = position.topic;
  log.index = position.index;
  log.topic_id = partition.identity().id.topic_id;
  log.directory = position.directory;
  log.shutdown = Shutdown::clean;
  log.recovery_point = position.recovery_point;
  log.high_watermark = position.high_watermark;
  log.log_start = position.log_start;
  return log;
}

}  // namespace

// From here on nobody is served until the log is open again, there or, when something fails, where it was.
io::Task<HostedPartition::State> Moves::change_directory(HostedPartition& hosted) {
  Partition& old = *hosted.partition;
  FutureLog& future = *hosted.future;
  co_await hosted.users.none(host_.reactor);
  std::vector<io::NewFile> last;
  auto was_closed = co_await old.close(last);
  if (!was_closed.has_value() && was_closed.error() == StoreError::rolled_back) co_return State::open;  // no room
  old.resign();
  neighbours_.reads.release(old);
  if (!was_closed.has_value()) {
    host_.health.note_offline(old.identity().directory, "its files could not be closed for a move");
    co_return State::open;
  }
  FoundLog log = closed_log(old);
  auto replaced = co_await host_.reactor.files().replace_files(std::move(last));
  if (!replaced.has_value()) {
    host_.health.note_failure("Closing", log.path, replaced.error());
    log.shutdown = Shutdown::unclean;
  }
  auto copied = replaced;
  if (copied.has_value()) copied = co_await copy_rest(host_.reactor.files(), old, future);
  if (copied.has_value()) {
    const bool taken = co_await take_new_folder(hosted, position_of(old));
    if (taken) log.directory = future.directory;
  } else {
    host_.logger.error("Copying {} to {} failed: {}", log.path, future.path, io::io_error_text(copied.error()));
  }
  log.path = join_path(host_.options.directories[log.directory].path, partition_directory_name(log.topic, log.index));
  hosted.before = std::move(log);
  if (hosted.state == State::moving) hosted.state = State::opening;
  const State state = co_await neighbours_.openings.open_log(hosted);
  co_return state;
}

// In turn with topics of the same name that are made there meanwhile.
io::Task<bool> Moves::take_new_folder(HostedPartition& hosted, LogPosition position) {
  const Partition::Identity identity = hosted.partition->identity();
  const Directories::LogName name{hosted.future->directory, identity.topic, identity.id.index};
  const std::string target =
      join_path(host_.options.directories[name.directory].path, partition_directory_name(name.topic, name.index));
  co_await host_.directories.begin_making(name);
  const bool entered = co_await enter(hosted, target, std::move(position));
  host_.directories.end_making(name);
  if (!entered || HW_PLANTED("moved_log_left_behind")) co_return entered;
  auto retired =
      co_await neighbours_.folders.retire(identity.path, identity.topic, identity.id.index, Retired::deleted);
  if (retired.has_value())
    neighbours_.folders.remove_later(std::move(*retired), Duration::from_ms(hosted.settings.file_delete_delay_ms));
  co_return true;
}

// Both folders count for the checkpoints until the old one is gone. What they said there of an older log of that name
// does not; but of a newer one it must stay.
io::Task<bool> Moves::enter(HostedPartition& hosted, std::string target, LogPosition position) {
  position.directory = hosted.future->directory;
  if (host_.health.has_failed(position.directory)) co_return false;
  auto listed = co_await host_.reactor.files().list(target);
  if (listed.has_value() || listed.error() != io::IoError::not_found) {
    host_.logger.error("{} cannot move: {} is there", hosted.partition->identity().path, target);
    co_return false;
  }
  Directories::LogName name{position.directory, position.topic, position.index};
  const bool forgotten = co_await neighbours_.folders.forget_older(std::move(name));
  if (!forgotten) co_return false;
  hosted.future->position = position;
  std::vector<LogPosition> starts;
  starts.push_back(std::move(position));
  if (HW_PLANTED("moved_start_forgotten")) starts.clear();
  auto noted = co_await host_.directories.raise_log_starts(std::move(starts));
  if (!noted.has_value()) co_return false;
  const bool named = co_await take_name(hosted.future->path, target);
  co_return named;
}

// A name that may not last is given back: two logs of one partition would part company.
io::Task<bool> Moves::take_name(std::string copy, std::string target) {
  io::FileSystem& files = host_.reactor.files();
  auto renamed = co_await files.rename(copy, target);
  if (!renamed.has_value()) {
    host_.logger.error("Renaming {} failed: {}", copy, io::io_error_text(renamed.error()));
    co_return false;
  }
  auto synced = co_await files.sync_directory(target.substr(0, target.rfind('/')));
  if (synced.has_value()) co_return true;
  host_.health.note_failure("Naming", target, synced.error());
  auto back = co_await files.rename(target, copy);
  if (!back.has_value()) host_.logger.error("Renaming {} failed: {}", target, io::io_error_text(back.error()));
  co_return false;
}

}  // namespace highwater::engine
