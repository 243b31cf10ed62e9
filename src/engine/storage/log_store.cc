#include "engine/storage/log_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/storage/file_names.h"
#include "foundation/base/check.h"
#include "machines/log/producer_snapshot.h"
#include "machines/log/roll.h"

namespace highwater::engine {

LogStore::LogStore(Deps deps, std::string directory, const configs::TopicSettings& settings, StoreListener& listener)
    : reactor_(deps.reactor),
      shared_(deps.shared),
      counters_(deps.counters),
      logger_(std::move(deps.logger)),
      directory_(std::move(directory)),
      settings_(settings),
      listener_(listener),
      admission_(0, 0),
      tail_(shared_.tails),
      tasks_(deps.reactor.ready()) {}

LogStore::~LogStore() = default;

SegmentRules LogStore::segment_rules() const {
  return {static_cast<std::uint32_t>(settings_.index_interval_bytes),
          static_cast<std::uint32_t>(settings_.segment_index_bytes)};
}

Offset LogStore::committed_end() const {
  switch (settings_.durability) {
    case configs::Durability::fsync:
      return durable_end_;
    case configs::Durability::page_cache:
      return written_end_;
  }
  return durable_end_;
}

Offset LogStore::segment_base_of(Offset offset) const { return segment_at(offset)->base; }

Offset LogStore::sealed_end() const {
  const auto open = std::ranges::find_if(segments_, [](const auto& segment) { return !segment->sealed; });
  return open == segments_.end() ? end() : (*open)->base;
}

std::uint64_t LogStore::bytes_of_segment(Offset base) const {
  const Segment* segment = segment_at(base);
  return segment->base == base ? segment->size : 0;
}

std::uint64_t LogStore::size_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& segment : segments_) sum += segment->size;
  return sum;
}

std::uint64_t LogStore::unwritten_bytes() const {
  std::uint64_t sum = 0;
  for (auto at = segments_.rbegin(); at != segments_.rend() && (*at)->size != (*at)->written; ++at)
    sum += (*at)->size - (*at)->written;
  return sum;
}

void LogStore::add_segment(Offset base) {
  Segment::Deps deps{shared_.files, shared_.indexes};
  segments_.push_back(std::make_unique<Segment>(deps, directory_, base, reactor_.wall_now()));
  Segment& segment = *segments_.back();
  segment.indexes_are_loaded(Segment::Eviction::never);
  if (settings_.segment_jitter_ms > 0)
    segment.jitter_ms = reactor_.random().between(0, settings_.segment_jitter_ms - 1);
}

void LogStore::roll_if_due(const log::BatchFacts& facts) {
  const Segment& active = *segments_.back();
  const SegmentRules rules = segment_rules();
  log::ActiveSegment state;
  state.base_offset = active.base;
  state.size_bytes = static_cast<std::int64_t>(active.size);
  state.first_batch_timestamp = active.first_timestamp;
  state.created = active.created;
  state.jitter_ms = active.jitter_ms;
  state.offset_index = active.offset_index_full(rules) ? log::IndexRoom::full : log::IndexRoom::left;
  state.time_index = active.time_index_full(rules) ? log::IndexRoom::full : log::IndexRoom::left;
  const log::IncomingAppend incoming{facts.size_bytes, facts.max_timestamp, facts.last_offset};
  std::int64_t segment_ms = settings_.segment_ms;
  if (settings_.cleanup_compact) segment_ms = std::min(segment_ms, settings_.max_compaction_lag_ms);
  const log::RollLimits limits{settings_.segment_bytes, segment_ms};
  if (log::decide_roll(state, incoming, limits, reactor_.wall_now()) == log::RollReason::stay) return;
  // An empty segment is never followed by another of the same base.
  if (active.size == 0) return;
  const Offset base = log::base_of_new_segment(facts.base_offset, admission_.log_end());
  ++counters_.rolls;
  add_segment(base);
  begin_snapshot(*segments_.back());
}

namespace {

constexpr std::size_t producers_per_step = 1000;

}  // namespace

// Of many producers in steps (rule L1), unless segments are so short that the next one begins meanwhile.
void LogStore::begin_snapshot(Segment& segment) {
  while (step_snapshot()) {
  }
  if (admission_.producers().size() <= producers_per_step) {
    segment.start_snapshot = Slice::copy_of(log::encode_snapshot(admission_.producers()));
    return;
  }
  drafting_.emplace(segment, log::SnapshotDraft(admission_.mutable_producers()));
}

// True while there is more to do.
bool LogStore::step_snapshot() {
  if (!drafting_.has_value()) return false;
  if (drafting_->draft.step(admission_.mutable_producers(), producers_per_step)) return true;
  drafting_->segment.start_snapshot = drafting_->draft.finish();
  drafting_.reset();
  return false;
}

// While nothing is appended.
io::Task<Slice> LogStore::encode_producers() {
  log::SnapshotDraft draft(admission_.mutable_producers());
  while (draft.step(admission_.mutable_producers(), producers_per_step))
    if (admission_.producers().size() > producers_per_step) co_await reactor_.sleep_until(reactor_.now());
  co_return draft.finish();
}

io::Future<Result<void, StoreError>> LogStore::flush() {
  using Answer = Result<void, StoreError>;
  if (state_ == State::fenced) return io::Future<Answer>::ready(std::unexpected(StoreError::fenced));
  if (state_ == State::closed) return io::Future<Answer>::ready(std::unexpected(StoreError::closed));
  if (state_ == State::repairing) return io::Future<Answer>::ready(std::unexpected(StoreError::rolled_back));
  if (durable_end_ == end()) return io::Future<Answer>::ready({});
  auto [promise, future] = reactor_.make_future<Answer>();
  flushes_.push_back({end(), std::move(promise)});
  if (!committing_) reactor_.request_turn_end(*this);
  return std::move(future);
}

void LogStore::answer_flushes() {
  std::erase_if(flushes_, [this](FlushWaiter& waiter) {
    if (waiter.end > durable_end_) return false;
    waiter.promise.complete({});
    return true;
  });
}

io::NewFile LogStore::epochs_file() const {
  return {join_path(directory_, epoch_checkpoint_name),
          Slice::copy_of(as_bytes(admission_.epochs().checkpoint_text()))};
}

io::Task<Result<void, StoreError>> LogStore::write_epochs() {
  auto saved = co_await save_epochs();
  if (saved.has_value()) co_return Result<void, StoreError>{};
  if (saved.error() == io::IoError::no_space || saved.error() == io::IoError::too_many_files)
    co_return std::unexpected(StoreError::rolled_back);
  fence(fmt::format("writing the epochs of {} failed: {}", directory_, io::io_error_text(saved.error())));
  co_return std::unexpected(StoreError::fenced);
}

io::Task<io::IoStatus> LogStore::save_epochs() {
  if (!epochs_dirty_) co_return io::IoStatus{};
  epochs_dirty_ = false;
  io::NewFile file = epochs_file();
  auto replaced = co_await shared_.files.replace_file(std::move(file.path), std::move(file.content));
  if (replaced.has_value()) {
    epochs_on_disk_ = true;
  } else {
    epochs_dirty_ = true;
  }
  co_return replaced;
}

io::Task<void> LogStore::idle() {
  while (committing_ || syncing_sealed_) {
    auto [promise, future] = reactor_.make_future<io::Done>();
    idle_waiters_.push_back(std::move(promise));
    co_await std::move(future);
  }
}

io::Task<Result<void, StoreError>> LogStore::close() {
  std::vector<io::NewFile> last;
  auto closed = co_await close_but_for(last);
  if (!closed.has_value()) co_return closed;
  auto replaced = co_await shared_.files.file_system().replace_files(std::move(last));
  if (!replaced.has_value()) co_return std::unexpected(StoreError::rolled_back);
  co_return closed;
}

io::Task<Result<void, StoreError>> LogStore::close_but_for(std::vector<io::NewFile>& last) {
  co_await idle();
  if (state_ != State::ready)
    co_return std::unexpected(state_ == State::fenced ? StoreError::fenced : StoreError::closed);
  // Until nothing came while the flush was under way.
  do {
    auto flushed = co_await flush();
    if (!flushed.has_value()) co_return std::unexpected(flushed.error());
    co_await idle();
    if (state_ != State::ready) co_return std::unexpected(StoreError::fenced);
  } while (durable_end_ != end());
  state_ = State::closed;
  Segment& active = *segments_.back();
  active.finish_times();
  active.add_indexes(last);
  // Kafka expects the file even when it says nothing.
  if (epochs_dirty_ || !epochs_on_disk_) last.push_back(epochs_file());
  // Of a log that nothing was ever written to Kafka leaves none (ProducerStateManager.takeSnapshot).
  if (end() > 0) {
    Slice producers = co_await encode_producers();
    last.push_back({join_path(directory_, offset_file_name(end(), suffix::snapshot)), std::move(producers)});
  }
  for (const auto& segment : segments_) segment->log.close();
  tail_.clear();
  co_return Result<void, StoreError>{};
}

io::Task<void> LogStore::abandon() {
  if (state_ != State::fenced) state_ = State::closed;
  staged_.clear();
  for (FlushWaiter& waiter : flushes_) waiter.promise.complete(std::unexpected(StoreError::closed));
  flushes_.clear();
  co_await idle();
  tail_.clear();
}

}  // namespace highwater::engine
