#include "engine/partition/openings.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "engine/partition/left_copies.h"

namespace highwater::engine {

using State = HostedPartition::State;

namespace {

// Up to its first wait each takes ten to thirty microseconds: its Partition is made, with the log that it writes to. A
// turn may take five hundred (rule L1).
constexpr std::size_t begun_per_turn = 16;

}  // namespace

Openings::Openings(HostShared& host, Neighbours neighbours, Listeners listeners)
    : host_(host), neighbours_(neighbours), listeners_(listeners), tasks_(host.reactor.ready()) {}

void Openings::begin(HostedPartition& hosted) {
  for (FoundLog& log : host_.found.take(hosted.assignment)) {
    if (log.is_copy) {
      hosted.copies.push_back(std::move(log));
    } else if (hosted.before.has_value()) {
      hosted.twins.push_back(std::move(log));
    } else {
      hosted.before = std::move(log);
    }
  }
  hosted.state = State::opening;
  host_.operations.begin();
  begin_now_or_later(hosted.assignment.partition);
}

void Openings::begin_now_or_later(TopicPartition id) {
  if (std::exchange(turn_, host_.reactor.now()) != host_.reactor.now()) begun_ = 0;
  if (due_.empty() && begun_ < begun_per_turn) {
    ++begun_;
    return tasks_.spawn(open(id));
  }
  due_.push_back(id);
  if (due_.size() == 1) tasks_.spawn(begin_later());
}

io::Task<void> Openings::begin_later() {
  while (!due_.empty()) {
    co_await host_.reactor.sleep_until(host_.reactor.now());
    for (std::size_t begun = 0; begun < begun_per_turn && !due_.empty(); ++begun) {
      const TopicPartition id = due_.front();
      due_.pop_front();
      tasks_.spawn(open(id));
    }
  }
}

io::Task<void> Openings::open(TopicPartition id) {
  HostedPartition& hosted = host_.hosted.at(id);
  const bool is_first = hosted.partition == nullptr;
  // Removed before its turn came: a folder of its name may be a newer topic's.
  if (is_first && hosted.state == State::doomed && !hosted.has_files()) co_return neighbours_.removals.end(id);
  if (!is_first) {
    co_await hosted.users.none(host_.reactor);
    neighbours_.reads.release(*hosted.partition);
  }
  const State state = co_await open_log(hosted);
  end(hosted, state);
}

void Openings::end(HostedPartition& hosted, State state) {
  const bool is_doomed = hosted.state == State::doomed;
  hosted.state = state;
  if (hosted.is_online()) {
    hosted.partition->configure(hosted.settings);
    hosted.partition->assign(hosted.assignment);
    const std::size_t directory = hosted.partition->identity().directory;
    if (host_.options.directories[directory].id != hosted.assignment.directory)
      misplaced_.push_back({hosted.assignment.partition, directory});
  }
  if (state == State::no_room && !is_doomed && !trying_again_) {
    trying_again_ = true;
    tasks_.spawn(try_again());
  }
  if (is_doomed) neighbours_.removals.begin(hosted);
  host_.operations.end();
}

std::vector<PartitionHost::Misplaced> Openings::take_misplaced() { return std::exchange(misplaced_, {}); }

namespace {

bool has_damage(const FoundLog& log) { return log.damage.has_value(); }

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
io::Task<Result<void>> Openings::set_twins_aside(HostedPartition& hosted) {
  const Uuid assigned = hosted.assignment.directory;
  // Which of them goes further cannot be told when one is perhaps of another topic: all stay closed.
  const auto damaged = std::ranges::find_if(hosted.twins, &has_damage);
  if (damaged != hosted.twins.end() && !has_damage(*hosted.before)) std::swap(*hosted.before, *damaged);
  if (!hosted.twins.empty() && has_damage(*hosted.before)) co_return Result<void>{};
  while (!hosted.twins.empty()) {
    FoundLog& kept = *hosted.before;
    FoundLog& twin = hosted.twins.back();
    auto mine = co_await extent_of(host_.reactor.files(), kept.path);
    if (!mine.has_value()) co_return failure(fmt::format("{}: {}", kept.path, io::io_error_text(mine.error())));
    auto other = co_await extent_of(host_.reactor.files(), twin.path);
    if (!other.has_value()) co_return failure(fmt::format("{}: {}", twin.path, io::io_error_text(other.error())));
    const bool is_assigned = host_.options.directories[twin.directory].id == assigned;
    if (*other > *mine || (*other == *mine && is_assigned)) std::swap(kept, twin);
    host_.logger.warn(
        "Duplicate log directories of {}-{} are found in {} and {}, as a move that was cut short leaves them: the "
        "first goes further and is used, the other is renamed and kept",
        kept.topic, kept.index, kept.path, twin.path);
    auto renamed = co_await neighbours_.folders.retire(twin.path, twin.topic, twin.index, Retired::stray);
    static_cast<void>(renamed);
    hosted.twins.pop_back();
  }
  co_return Result<void>{};
}

io::Task<State> Openings::open_log(HostedPartition& hosted) {
  auto alone = co_await adopt_copy(host_, neighbours_.folders, hosted);
  if (alone.has_value()) alone = co_await set_twins_aside(hosted);
  const Assignment& assignment = hosted.assignment;
  Partition::Identity identity{assignment.partition, assignment.topic, "", 0, host_.options.node_id};
  if (hosted.before.has_value()) {
    hosted.has_folder = true;
    identity.directory = hosted.before->directory;
    identity.path = hosted.before->path;
  } else {
    identity.directory = host_.health.choose(assignment);
    identity.path = join_path(host_.options.directories[identity.directory].path,
                              partition_directory_name(assignment.topic, assignment.partition.index));
  }
  Partition::Deps deps{.reactor = host_.reactor,
                       .shared = host_.store,
                       .store_counters = host_.counters.store,
                       .counters = host_.counters.partitions,
                       .appends = listeners_.appends,
                       .events = listeners_.partitions,
                       .logger = host_.logger};
  hosted.partition = std::make_unique<Partition>(deps, std::move(identity), hosted.settings,
                                                 host_.options.max_decompressed_batch_bytes);
  const std::size_t directory = hosted.partition->identity().directory;
  if (host_.health.has_failed(directory)) co_return State::failed;
  if (!alone.has_value()) {
    host_.health.note_offline(directory, alone.error().text);
    co_return State::failed;
  }
  const State state = co_await make_or_open(hosted);
  if (state == State::open) co_await retire_copies(host_, neighbours_.folders, hosted);
  co_return state;
}

io::Task<State> Openings::make_or_open(HostedPartition& hosted) {
  const std::size_t directory = hosted.partition->identity().directory;
  OpenPlan plan;
  std::optional<Offset> high_watermark;
  if (hosted.before.has_value()) {
    const FoundLog& log = *hosted.before;
    if (log.damage.has_value()) {
      host_.logger.error("Partition {}-{} is offline: {}", log.topic, log.index, *log.damage);
      co_return State::failed;
    }
    plan = {log.shutdown == Shutdown::clean, log.recovery_point, log.log_start};
    high_watermark = log.high_watermark;
  } else {
    const LogFolders::Made made = co_await neighbours_.folders.make(hosted.partition->identity());
    hosted.has_folder = made != LogFolders::Made::none;
    // Whatever else than want of space it was takes the directory away.
    if (made != LogFolders::Made::whole) co_return host_.health.has_failed(directory) ? State::failed : State::no_room;
  }
  auto opened = co_await hosted.partition->open(plan, high_watermark);
  if (host_.health.has_failed(directory)) co_return State::failed;
  if (opened.has_value()) {
    hosted.before.reset();
    co_return State::open;
  }
  switch (opened.error().cause) {
    case OpenFailure::Cause::no_room:
      co_return State::no_room;
    case OpenFailure::Cause::damage:  // it stays as it is, and the logs beside it serve
      break;
    case OpenFailure::Cause::doubt:
      host_.health.note_offline(directory, opened.error().text);
      break;
  }
  co_return State::failed;
}

namespace {

constexpr Duration first_pause = Duration::from_seconds(1);
constexpr Duration longest_pause = Duration::from_seconds(10);

}  // namespace

// One after the other: where there is no room for one log, there is none for many at once.
io::Task<void> Openings::try_again() {
  for (Duration wait = first_pause;; wait = std::min(wait * 2, longest_pause)) {
    co_await host_.reactor.sleep_until(host_.reactor.now() + wait);
    std::vector<TopicPartition> due;
    for (const auto& [id, hosted] : host_.hosted.all())
      if (hosted.state == State::no_room) due.push_back(id);
    if (due.empty() || host_.hosted.is_stopping()) break;
    for (const TopicPartition& id : due) {
      if (host_.operations.is_awaited()) break;  // a stop does not wait for room
      HostedPartition* hosted = host_.hosted.find(id);
      if (hosted == nullptr || hosted->state != State::no_room) continue;
      hosted->state = State::opening;
      host_.operations.begin();
      co_await open(id);
    }
  }
  trying_again_ = false;
}

}  // namespace highwater::engine
