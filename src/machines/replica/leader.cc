#include "machines/replica/leader.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"

namespace highwater::replica {

Leader::Leader(Start start)
    : self_(start.self),
      replicas_(std::move(start.replicas)),
      in_sync_(std::move(start.in_sync)),
      min_in_sync_(start.min_in_sync),
      high_watermark_(start.high_watermark),
      committed_end_(start.committed_end),
      epoch_start_(start.epoch_start) {
  HW_CHECK(high_watermark_ <= epoch_start_);
  advance();
}

std::int32_t Leader::effective_minimum() const {
  return std::min(min_in_sync_, static_cast<std::int32_t>(replicas_.size()));
}

bool Leader::has_follower(NodeId node) const {
  return node != self_ && std::ranges::find(replicas_, node) != replicas_.end();
}

void Leader::on_local_end(Offset committed_end) {
  HW_CHECK(committed_end >= committed_end_);
  committed_end_ = committed_end;
  answer(local_, committed_end_, Answer::acknowledged);
  advance();
}

void Leader::on_follower_end(NodeId follower, Offset next_wanted) {
  if (!has_follower(follower)) return;
  Offset& known = follower_ends_[follower];
  known = std::max(known, next_wanted);
  advance();
}

void Leader::on_taken_back(Offset end) {
  for (auto* waiting : {&local_, &committed_}) {
    const auto first = std::ranges::upper_bound(*waiting, end, {}, &Waiting::end);
    for (auto at = first; at != waiting->end(); ++at) output_.answers.push_back({at->ticket, Answer::taken_back});
    waiting->erase(first, waiting->end());
  }
}

void Leader::on_in_sync(std::vector<NodeId> in_sync) {
  in_sync_ = std::move(in_sync);
  advance();
}

void Leader::on_min_in_sync(std::int32_t min_in_sync) {
  min_in_sync_ = min_in_sync;
  advance();
}

void Leader::advance() {
  if (enough_in_sync()) {
    Offset reached = committed_end_;
    for (const NodeId replica : in_sync_) {
      if (replica == self_) continue;
      const auto end = follower_ends_.find(replica);
      reached = std::min(reached, end == follower_ends_.end() ? Offset{0} : end->second);
    }
    if (reached > high_watermark_) {
      high_watermark_ = reached;
      output_.high_watermark = reached;
    }
  }
  answer(committed_, high_watermark_, enough_in_sync() ? Answer::acknowledged : Answer::too_few_in_sync);
}

void Leader::answer(Queue& waiting, Offset reached, Answer with) {
  for (; !waiting.empty() && waiting.front().end <= reached; waiting.pop_front()) {
    output_.answers.push_back({waiting.front().ticket, with});
  }
}

void Leader::put(Queue& waiting, Waiting one) {
  if (waiting.empty() || waiting.back().end <= one.end) {
    waiting.push_back(one);
  } else {
    waiting.insert(std::ranges::upper_bound(waiting, one.end, {}, &Waiting::end), one);
  }
}

void Leader::wait(TicketId ticket, Offset end, Need need) {
  switch (need) {
    case Need::local:
      put(local_, {end, ticket});
      answer(local_, committed_end_, Answer::acknowledged);
      return;
    case Need::in_sync:
      put(committed_, {end, ticket});
      answer(committed_, high_watermark_, enough_in_sync() ? Answer::acknowledged : Answer::too_few_in_sync);
      return;
  }
}

void Leader::forget(TicketId ticket) {
  const auto is_it = [ticket](const Waiting& one) { return one.ticket == ticket; };
  if (std::erase_if(local_, is_it) == 0) std::erase_if(committed_, is_it);
}

Leader::Output Leader::take_output() { return std::exchange(output_, {}); }

}  // namespace highwater::replica
