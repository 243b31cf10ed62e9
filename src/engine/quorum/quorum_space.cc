// No space for the metadata log (rule W11): the store has taken back what did not fit, so the quorum forgets it too and
// goes on from there. Who asked is told to try again; nothing was promised.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/quorum/quorum_core.h"

namespace highwater::engine {

namespace {

// A NoOp record would only fail again; requests try sooner.
constexpr Duration patience = Duration::from_ms(10'000);

}  // namespace

// What stands when the log ends at `end`: a batch is in the log or not, and an image belongs to the end of one.
metadata::ImageHandle QuorumCore::image_at(Offset end) const {
  metadata::ImageHandle image = publishers_[0]->image();
  for (const Pending& each : pending_) {
    if (each.end > end) break;
    if (each.publication.has_value()) image = each.publication->image;
  }
  return image;
}

void QuorumCore::on_rolled_back(Offset end) {
  if (!fenced_.empty()) return;
  const bool promised = raft_->high_watermark().has_value() && end < *raft_->high_watermark();
  // Before the first commit of this epoch there is no state to go back to.
  if (!active_ || promised || !raft_->high_watermark().has_value()) {
    fail(fmt::format("no space for the metadata log in {}", log_directory()));
    return;
  }
  const auto first = std::ranges::find_if(pending_, [&](const Pending& each) { return each.end > end; });
  std::deque<Pending> refused(std::make_move_iterator(first), std::make_move_iterator(pending_.end()));
  pending_.erase(first, pending_.end());
  log_.error("No space for the metadata log in {}: {} requests were refused, the log ends at offset {}",
             log_directory(), refused.size(), end);
  raft_->on_truncated(end);
  next_offset_ = end;
  if (away_) {
    ground_lost_ = true;
  } else {
    stand_on(image_at(end));
  }
  out_of_space_until_ = reactor_.now() + patience;
  for (Pending& each : refused) {
    QuorumCore::end(std::move(each.question), Ending::failed);
  }
}

void QuorumCore::on_ready() {
  if (store_ready_.pending()) store_ready_.complete({});
}

io::Future<io::Done> QuorumCore::store_ready() {
  if (store_->ready() || !fenced_.empty()) return io::Future<io::Done>::ready({});
  auto [promise, future] = reactor_.make_future<io::Done>();
  store_ready_ = std::move(promise);
  return std::move(future);
}

}  // namespace highwater::engine
