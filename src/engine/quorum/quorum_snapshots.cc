// Snapshots of the running metadata, and the clean-up behind them. The log goes on while one is written: what it says
// is an image, which never changes.
#include <fmt/core.h>

#include <optional>
#include <utility>

#include "engine/quorum/quorum_core.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

namespace {

// As Kafka's RaftMetadataLogCleanerManager.
constexpr Duration clean_interval = Duration::from_ms(60'000);

}  // namespace

void QuorumCore::snapshot_if_due() {
  if (writing_snapshot_ || !active_) return;
  const metadata::ImageHandle& image = publishers_[0]->image();
  const auto newest = snapshots_.newest();
  if (image->offset() < 0 || (newest.has_value() && newest->end_offset > image->offset())) return;
  const auto why = schedule_.due(reactor_.now());
  if (!why.has_value()) return;
  log_.info("Creating new KRaft snapshot file snapshot {:020}-{:010} because {}.", image->offset() + 1, image->epoch(),
            *why);
  writing_snapshot_ = true;
  schedule_.begin(reactor_.now());
  upkeep_.spawn(write_snapshot(image));
}

io::Task<void> QuorumCore::write_snapshot(metadata::ImageHandle image) {
  const Offset end = HW_PLANTED("snapshot_claims_too_much") ? next_offset_ : image->offset() + 1;
  SnapshotFiles::Content content{{end, image->epoch()}, image, std::nullopt};
  if (image->kraft_version() > 0) content.voters = SnapshotVoters{image->kraft_version(), raft_->voters()};
  auto written = co_await snapshots_.write(std::move(content));
  writing_snapshot_ = false;
  if (written.has_value()) {
    log_.info("Successfully wrote snapshot {:020}-{:010}, {} bytes", image->offset() + 1, image->epoch(), *written);
  } else {
    // The log holds it all: nothing is lost, and a start takes longer.
    schedule_.postpone(reactor_.now());
    log_.error("The metadata snapshot was not made: {}", written.error().text);
  }
}

io::Task<void> QuorumCore::clean_rounds() {
  while (active_) {
    upkeep_.spawn(clean());
    co_await reactor_.sleep_until(reactor_.now() + clean_interval);
  }
}

// The log first: what a crash leaves in between are snapshots below its start, which the next start removes.
io::Task<void> QuorumCore::clean() {
  while (active_ && store_->ready()) {
    const auto why =
        metadata::why_delete_oldest(snapshots_.facts(), store_->size_bytes(), options_.snapshots, reactor_.wall_now());
    if (!why.has_value()) co_return;
    const SnapshotId oldest = snapshots_.all()[0].id;
    const SnapshotId next = snapshots_.all()[1].id;
    log_.info("Marking snapshot OffsetAndEpoch(offset={}, epoch={}) for deletion because {}", oldest.end_offset,
              oldest.epoch, *why);
    auto advanced = co_await store_->advance_start(next.end_offset);
    if (!advanced.has_value()) co_return;
    co_await snapshots_.forget_before(next);
  }
}

}  // namespace highwater::engine
