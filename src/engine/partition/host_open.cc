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
  take_found(entry);
  co_await open_log(entry);
  end_opening(entry);
}

// What happened to it meanwhile takes effect now.
void PartitionHost::Body::end_opening(Entry& entry) {
  entry.opening = false;
  if (entry.opened && entry.partition->online()) {
    entry.partition->configure(entry.settings);
    entry.partition->assign(entry.assignment);
    note_place(entry);
  }
  if (entry.wants_room && !trying_again) {
    trying_again = true;
    tasks.spawn(try_again());
  }
  if (entry.removing) {
    ++operations;
    tasks.spawn(remove_partition(entry.assignment.partition));
  }
  operation_ended();
}

// At the first attempt; later ones go by that.
void PartitionHost::Body::take_found(Entry& entry) {
  const TopicPartition& id = entry.assignment.partition;
  auto [first, last] = found_logs.equal_range(id);
  if (HW_PLANTED("recreated_topic_adopts_old_log") && first == last) {
    first = std::ranges::find_if(found_logs, [&](const auto& each) {
      return each.second.topic == entry.assignment.topic && each.second.index == id.index;
    });
    last = first == found_logs.end() ? first : std::next(first);
  }
  for (auto found = first; found != last; ++found) {
    if (entry.before.has_value()) {
      entry.twins.push_back(std::move(found->second));
    } else {
      entry.before = std::move(found->second);
    }
  }
  found_logs.erase(first, last);
}

namespace {

// How far a log goes, as told by the names and sizes of its files.
struct Extent {
  Offset last_segment = no_offset;
  std::uint64_t bytes = 0;  // of that segment

  auto operator<=>(const Extent&) const = default;
};

io::Task<io::IoResult<Extent>> extent_of(io::FileSystem& files, std::string directory) {
  auto listed = co_await files.list(directory);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  Extent extent;
  for (const io::DirectoryEntry& entry : *listed) {
    const auto name = parse_offset_file_name(entry.name);
    if (name.has_value() && name->suffix == suffix::log)
      extent.last_segment = std::max(extent.last_segment, name->offset);
  }
  if (extent.last_segment == no_offset) co_return extent;
  const std::string path = join_path(directory, offset_file_name(extent.last_segment, suffix::log));
  auto file = co_await files.open(path, io::OpenMode::read);
  if (!file.has_value()) co_return std::unexpected(file.error());
  auto size = co_await (*file)->size();
  if (!size.has_value()) co_return std::unexpected(size.error());
  extent.bytes = *size;
  co_return extent;
}

}  // namespace

// A move that a crash or a failing disk cut short leaves two of a log. They were equal then, and only one was written
// to since: it goes further. Apache Kafka would not start and ask for one to be removed (LogManager.loadLog).
io::Task<Result<void>> PartitionHost::Body::set_twins_aside(Entry& entry) {
  const Uuid assigned = entry.assignment.directory;
  while (!entry.twins.empty()) {
    FoundLog& kept = *entry.before;
    FoundLog& twin = entry.twins.back();
    auto mine = co_await extent_of(reactor.files(), kept.path);
    if (!mine.has_value()) co_return failure(fmt::format("{}: {}", kept.path, io::io_error_text(mine.error())));
    auto other = co_await extent_of(reactor.files(), twin.path);
    if (!other.has_value()) co_return failure(fmt::format("{}: {}", twin.path, io::io_error_text(other.error())));
    const bool is_assigned = options.directories[twin.directory].id == assigned;
    if (*other > *mine || (*other == *mine && is_assigned)) std::swap(kept, twin);
    logger.warn(
        "Duplicate log directories of {}-{} are found in {} and {}, as a move that was cut short leaves them: the "
        "first goes further and is used, the other is renamed and kept",
        kept.topic, kept.index, kept.path, twin.path);
    auto renamed = co_await retire_directory(twin.path, twin.topic, twin.index, Retired::stray);
    static_cast<void>(renamed);
    entry.twins.pop_back();
  }
  co_return Result<void>{};
}

// From `before`, or anew when nothing is known of it.
io::Task<void> PartitionHost::Body::open_log(Entry& entry) {
  entry.opened = false;
  entry.wants_room = false;
  const auto alone = co_await set_twins_aside(entry);
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
  const std::size_t directory = identity.directory;
  Partition::Deps deps{reactor, shared, counters.store, counters.partitions, *this, logger};
  entry.partition =
      std::make_unique<Partition>(deps, std::move(identity), entry.settings, options.max_decompressed_batch_bytes);
  if (failed_directories[directory]) co_return;
  if (!alone.has_value()) {
    on_offline(*entry.partition, alone.error().text);
    co_return;
  }
  if (is_new) {
    const bool made = co_await make_place(entry.partition->identity());
    entry.wants_room = !made && !failed_directories[directory];  // whatever else it was takes the directory away
    if (!made) co_return;
  }
  auto opened = co_await entry.partition->open(plan, high_watermark);
  if (failed_directories[directory]) co_return;
  if (opened.has_value()) {
    entry.opened = true;
    entry.before.reset();
    co_return;
  }
  switch (opened.error().cause) {
    case OpenFailure::Cause::no_room:
      entry.wants_room = true;
      break;
    case OpenFailure::Cause::damage:  // it stays as it is, and the logs beside it serve
      break;
    case OpenFailure::Cause::doubt:
      on_offline(*entry.partition, opened.error().text);
      break;
  }
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

}  // namespace highwater::engine
