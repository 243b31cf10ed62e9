#include "engine/quorum/quorum.h"

#include <algorithm>
#include <utility>

#include "engine/quorum/quorum_core.h"

namespace highwater::engine {

namespace {

// The metadata log's share: few files, a tail that is read only by what comes later than this release.
constexpr std::size_t open_files = 16;
constexpr std::size_t tail_bytes = std::size_t{8} << 20;
constexpr std::size_t index_bytes = std::size_t{1} << 20;

}  // namespace

Offset QuorumCore::Progress::lowest() const { return *std::ranges::min_element(applied); }

void QuorumCore::Progress::note(CoreIndex core, Offset offset) {
  applied[core] = offset;
  const Offset reached = lowest();
  for (auto& [wanted, promise] : waiters) {
    if (wanted <= reached) promise.complete({});
  }
  std::erase_if(waiters, [](const auto& waiter) { return !waiter.second.pending(); });
}

QuorumCore::QuorumCore(Cores& cores, std::vector<MetadataPublisher*> publishers, QuorumOptions options, Logger log)
    : cores_(cores),
      publishers_(std::move(publishers)),
      options_(std::move(options)),
      log_(std::move(log)),
      reactor_(cores.reactor(0)),
      shared_(reactor_.files(), open_files, tail_bytes, index_bytes),
      snapshots_(reactor_, log_directory(), log_),
      schedule_(options_.snapshots, reactor_.now()),
      ground_(
          std::make_shared<Ground>(Ground{metadata::MetadataLoader(std::make_shared<const metadata::MetadataImage>()),
                                          controller::Controller(options_.controller)})),
      progress_(std::make_shared<Progress>()),
      upkeep_(reactor_.ready()),
      tasks_(reactor_.ready()) {
  HW_CHECK(publishers_.size() == cores_.count());
  progress_->applied.assign(cores_.count(), no_offset);
}

QuorumCore::~QuorumCore() {
  // Waiters belong to frames of this core; nobody completes them any more.
  progress_->waiters.clear();
}

io::Task<Result<void>> QuorumCore::start() {
  auto loaded = co_await load();
  if (!loaded.has_value()) co_return loaded;
  auto leads = co_await lead();
  if (!leads.has_value()) co_return leads;
  tasks_.spawn(housekeeping());
  tasks_.spawn(checkpoint_rounds());
  tasks_.spawn(clean_rounds());
  co_return Result<void>{};
}

io::Task<void> QuorumCore::stop() {
  active_ = false;
  snapshots_.give_up();
  auto finished = upkeep_.drained();
  co_await std::move(finished);
  if (committing_) {
    auto [promise, future] = reactor_.make_future<io::Done>();
    drained_ = std::move(promise);
    co_await std::move(future);
  }
  // A log that was not loaded is left as it is.
  const bool leads = raft_.has_value() && raft_->leads();
  if (leads && !store_->fenced()) {
    auto closed = co_await store_->close();
    if (closed.has_value()) {
      co_await write_recovery_point(store_->durable_end());
    } else {
      log_.error("The metadata log in {} was not closed cleanly", log_directory());
    }
  }
}

Offset QuorumCore::applied() const { return progress_->lowest(); }

Offset QuorumCore::high_watermark() const {
  return raft_.has_value() ? raft_->high_watermark().value_or(no_offset) : no_offset;
}

io::Future<io::Done> QuorumCore::applied_everywhere(Offset offset) {
  if (!fenced_.empty() || progress_->lowest() >= offset) return io::Future<io::Done>::ready({});
  auto [promise, future] = reactor_.make_future<io::Done>();
  progress_->waiters.emplace_back(offset, std::move(promise));
  return std::move(future);
}

io::Future<std::string> QuorumCore::wait_fenced() {
  if (!fenced_.empty()) return io::Future<std::string>::ready(fenced_);
  auto [promise, future] = reactor_.make_future<std::string>();
  fenced_promise_ = std::move(promise);
  return std::move(future);
}

Quorum::Quorum(Cores& cores, std::vector<MetadataPublisher*> publishers, QuorumOptions options, Logger log)
    : core_(std::make_unique<QuorumCore>(cores, std::move(publishers), std::move(options), std::move(log))) {}
Quorum::~Quorum() = default;

io::Task<Result<void>> Quorum::start() { return core_->start(); }
io::Task<void> Quorum::stop() { return core_->stop(); }

Offset Quorum::applied() const { return core_->applied(); }
Offset Quorum::high_watermark() const { return core_->high_watermark(); }
Epoch Quorum::leader_epoch() const { return core_->raft() == nullptr ? no_epoch : core_->raft()->epoch(); }
NodeId Quorum::leader() const { return core_->raft() == nullptr ? no_node : core_->raft()->leader(); }
const std::string& Quorum::fenced() const { return core_->fenced(); }
io::Future<std::string> Quorum::wait_fenced() { return core_->wait_fenced(); }

}  // namespace highwater::engine
