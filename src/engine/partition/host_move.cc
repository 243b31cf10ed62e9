// A log moves to another directory of its node (AlterReplicaLogDirs, KIP-113): its closed segments are copied while it
// serves; then it pauses, the rest is copied, the copy takes its name, the old directory goes. Clients hear
// NOT_LEADER_OR_FOLLOWER for that moment and try again. A crash before the copy has the name leaves the log where it
// was; one before the old directory is renamed leaves two equal ones, of which the next start sets one aside.
// Kafka: ReplicaManager.alterReplicaLogDirs, ReplicaAlterLogDirsThread, LogManager.replaceCurrentWithFutureLog.
#include <utility>

#include "engine/partition/host_body.h"

namespace highwater::engine {

using io::IoStatus;

namespace {

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

bool is_copied(const io::DirectoryEntry& entry) {
  return !entry.is_directory && !entry.name.ends_with(suffix::deleted) && !entry.name.ends_with(".tmp");
}

}  // namespace

void PartitionHost::move_logs(std::vector<MoveQuery> queries, Reply<std::vector<ErrorCode>> reply) {
  std::vector<ErrorCode> answers;
  answers.reserve(queries.size());
  for (const MoveQuery& query : queries) answers.push_back(body_->begin_move(query));
  reply.complete(std::move(answers));
}

ErrorCode PartitionHost::Body::begin_move(const MoveQuery& query) {
  Entry* entry = online_entry(query.partition);
  if (entry == nullptr) return ErrorCode::replica_not_available;
  if (failed_directories[query.directory] || !entry->partition->online()) return ErrorCode::kafka_storage_error;
  if (entry->partition->identity().directory == query.directory) {
    entry->move.reset();
    return ErrorCode::none;
  }
  if (entry->move.has_value() && entry->move->to == query.directory) return ErrorCode::none;
  const Partition::Identity& identity = entry->partition->identity();
  const Uuid unique = Uuid::from_halves(reactor.random().next(), reactor.random().next());
  Entry::Move move;
  move.number = ++last_move;
  move.to = query.directory;
  move.path = join_path(options.directories[query.directory].path,
                        future_directory_name(identity.topic, identity.id.index, unique));
  entry->move = std::move(move);
  std::string path = entry->move->path;
  tasks.spawn(move_log(query.partition, last_move, std::move(path)));
  return ErrorCode::none;
}

// Null when it was called off: another move, another life of the log, or none.
PartitionHost::Body::Entry* PartitionHost::Body::moving(const TopicPartition& id, std::uint64_t number) {
  Entry* entry = online_entry(id);
  const bool goes_on = entry != nullptr && entry->partition->online() && entry->move.has_value() &&
                       entry->move->number == number && !failed_directories[entry->move->to];
  return goes_on ? entry : nullptr;
}

io::Task<void> PartitionHost::Body::move_log(TopicPartition id, std::uint64_t number, std::string path) {
  auto copied = co_await make_future_directory(path, id.topic_id);
  if (copied.has_value()) copied = co_await copy_sealed(id, number);
  Entry* entry = moving(id, number);
  if (!copied.has_value()) logger.error("Copying to {} failed: {}", path, io::io_error_text(copied.error()));
  if (!copied.has_value() || entry == nullptr) {
    if (entry != nullptr) entry->move.reset();
    auto removed = co_await reactor.files().remove_tree(path);
    if (!removed.has_value()) logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
    co_return;
  }
  entry->opening = true;
  ++operations;
  co_await change_places(*entry);
  const Partition::Identity& now = entry->partition->identity();
  const bool has_moved = now.directory == entry->move->to;
  if (has_moved) logger.info("The log of {} is in {} now", partition_directory_name(now.topic, now.id.index), now.path);
  entry->move.reset();
  end_opening(*entry);
  if (has_moved) co_return;
  auto removed = co_await reactor.files().remove_tree(path);
  if (!removed.has_value()) logger.warn("Removing {} failed: {}", path, io::io_error_text(removed.error()));
}

io::Task<IoStatus> PartitionHost::Body::make_future_directory(std::string path, Uuid topic_id) {
  auto made = co_await reactor.files().make_directories(path);
  if (!made.has_value()) co_return made;
  std::string file = join_path(path, partition_metadata_name);
  Slice text = Slice::copy_of(as_bytes(partition_metadata_text(topic_id)));
  made = co_await reactor.files().replace_file(std::move(file), std::move(text));
  co_return made;
}

// Segments that were closed and whole in their files when this began: seldom does one of them change.
io::Task<IoStatus> PartitionHost::Body::copy_sealed(TopicPartition id, std::uint64_t number) {
  const Entry* first = moving(id, number);
  if (first == nullptr) co_return IoStatus{};
  const std::string from = first->partition->identity().path;
  const Offset closed_end = first->partition->store().sealed_end();
  auto listed = co_await reactor.files().list(from);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  for (const io::DirectoryEntry& file : *listed) {
    const auto name = parse_offset_file_name(file.name);
    if (!is_copied(file) || !name.has_value() || name->offset >= closed_end) continue;
    Entry* entry = moving(id, number);
    if (entry == nullptr) co_return IoStatus{};
    std::uint64_t bytes = 0;
    auto done = co_await copy_file(join_path(from, file.name), join_path(entry->move->path, file.name), bytes);
    entry = moving(id, number);
    if (entry == nullptr) co_return IoStatus{};
    // Deleted meanwhile.
    if (!done.has_value() && done.error() == io::IoError::not_found) continue;
    if (!done.has_value()) co_return done;
    entry->move->copied.emplace(file.name, bytes);
    if (name->suffix != suffix::log) continue;
    entry->move->copied_bytes += bytes;
    entry->move->copied_end = name->offset;
  }
  co_return IoStatus{};
}

// The log is closed: what the copy lacks comes, what is no longer in the log goes. A segment that grew after it was
// copied, because space had run out and the next one was taken back, comes again with all its files.
io::Task<IoStatus> PartitionHost::Body::copy_rest(const Partition& old, Entry::Move& move) {
  const std::string from = old.identity().path;
  auto listed = co_await reactor.files().list(from);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  std::map<std::string, std::uint64_t> gone = std::exchange(move.copied, {});
  std::set<Offset> whole;
  for (const auto& [file, bytes] : gone) {
    const auto name = parse_offset_file_name(file);
    if (name->suffix == suffix::log && old.store().bytes_of_segment(name->offset) == bytes) whole.insert(name->offset);
  }
  for (const io::DirectoryEntry& file : *listed) {
    const bool is_there = gone.erase(file.name) != 0 && whole.contains(parse_offset_file_name(file.name)->offset);
    if (!is_copied(file) || is_there) continue;
    std::uint64_t bytes = 0;
    auto done = co_await copy_file(join_path(from, file.name), join_path(move.path, file.name), bytes);
    if (!done.has_value()) co_return done;
  }
  for (const auto& [name, bytes] : gone) {
    auto removed = co_await reactor.files().remove(join_path(move.path, name));
    if (!removed.has_value() && removed.error() != io::IoError::not_found) co_return removed;
  }
  auto synced = co_await reactor.files().sync_directory(move.path);
  co_return synced;
}

io::Task<IoStatus> PartitionHost::Body::copy_file(std::string from, std::string to, std::uint64_t& bytes) {
  auto source = co_await reactor.files().open(std::move(from), io::OpenMode::read);
  if (!source.has_value()) co_return std::unexpected(source.error());
  auto target = co_await reactor.files().open(std::move(to), io::OpenMode::create_truncate);
  if (!target.has_value()) co_return std::unexpected(target.error());
  for (bytes = 0;;) {
    auto piece = co_await (*source)->read(bytes, copy_bytes);
    if (!piece.has_value()) co_return std::unexpected(piece.error());
    if (piece->empty()) break;
    const std::size_t size = piece->size();
    std::vector<Slice> slices;
    slices.push_back(std::move(*piece));
    auto written = co_await (*target)->write(bytes, std::move(slices));
    if (!written.has_value()) co_return written;
    bytes += size;
  }
  auto synced = co_await (*target)->sync(io::SyncKind::data_and_metadata);
  co_return synced;
}

// From here on nobody is served until the log is open again, there or, when something fails, where it was.
io::Task<void> PartitionHost::Body::change_places(Entry& entry) {
  Partition& old = *entry.partition;
  co_await unused(entry);
  std::vector<io::NewFile> last;
  auto was_closed = co_await old.close(last);
  if (!was_closed.has_value() && was_closed.error() == StoreError::rolled_back) co_return;  // no room: it goes on here
  old.resign();
  let_parked_go(old);
  if (!was_closed.has_value()) {
    on_offline(old, "its files could not be closed for a move");
    co_return;
  }
  FoundLog log = closed_log(old);
  auto replaced = co_await reactor.files().replace_files(std::move(last));
  if (!replaced.has_value()) {
    note_failure("Closing", log.path, replaced.error());
    log.shutdown = Shutdown::unclean;
  }
  auto copied = replaced;
  if (copied.has_value()) copied = co_await copy_rest(old, *entry.move);
  if (copied.has_value()) {
    const bool taken = co_await take_new_place(entry, position_of(old));
    if (taken) log.directory = entry.move->to;
  } else {
    logger.error("Copying {} to {} failed: {}", log.path, entry.move->path, io::io_error_text(copied.error()));
  }
  log.path = join_path(options.directories[log.directory].path, partition_directory_name(log.topic, log.index));
  entry.before = std::move(log);
  entry.elsewhere.reset();
  co_await open_log(entry);
}

FoundLog PartitionHost::Body::closed_log(const Partition& partition) const {
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

// In turn with topics of the same name that are made there meanwhile.
io::Task<bool> PartitionHost::Body::take_new_place(Entry& entry, LogPosition position) {
  const Partition::Identity identity = entry.partition->identity();
  const Directories::LogName name{entry.move->to, identity.topic, identity.id.index};
  const std::string target =
      join_path(options.directories[name.directory].path, partition_directory_name(name.topic, name.index));
  co_await begin_making(name);
  const bool entered = co_await enter(entry, target, std::move(position));
  end_making(name);
  if (!entered) co_return false;
  auto retired = co_await retire_directory(identity.path, identity.topic, identity.id.index, Retired::deleted);
  if (!retired.has_value()) co_return true;
  leaving.insert(*retired);
  tasks.spawn(remove_directory_later(*retired, Duration::from_ms(entry.settings.file_delete_delay_ms)));
  co_return true;
}

// Both places count for the checkpoints until the old one is gone. What they said there of an older log of that name
// does not; but of a newer one it must stay.
io::Task<bool> PartitionHost::Body::enter(Entry& entry, std::string target, LogPosition position) {
  position.directory = entry.move->to;
  if (failed_directories[position.directory]) co_return false;
  auto listed = co_await reactor.files().list(target);
  if (listed.has_value() || listed.error() != io::IoError::not_found) {
    logger.error("{} cannot move: {} is there", entry.partition->identity().path, target);
    co_return false;
  }
  Directories::LogName name{position.directory, position.topic, position.index};
  const bool forgotten = co_await forget_older(std::move(name));
  if (!forgotten) co_return false;
  entry.elsewhere = position;
  std::vector<LogPosition> starts(1, position);
  auto noted = co_await note_log_starts(std::move(starts));
  if (!noted.has_value()) co_return false;
  const bool named = co_await take_name(entry.move->path, target);
  co_return named;
}

// A name that may not last is given back: two logs of one partition would part company.
io::Task<bool> PartitionHost::Body::take_name(std::string copy, std::string target) {
  io::FileSystem& files = reactor.files();
  auto renamed = co_await files.rename(copy, target);
  if (!renamed.has_value()) {
    logger.error("Renaming {} failed: {}", copy, io::io_error_text(renamed.error()));
    co_return false;
  }
  auto synced = co_await files.sync_directory(target.substr(0, target.rfind('/')));
  if (synced.has_value()) co_return true;
  note_failure("Naming", target, synced.error());
  auto back = co_await files.rename(target, copy);
  if (!back.has_value()) logger.error("Renaming {} failed: {}", target, io::io_error_text(back.error()));
  co_return false;
}

}  // namespace highwater::engine
