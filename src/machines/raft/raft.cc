#include "machines/raft/raft.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"

namespace highwater::raft {

Result<Raft> Raft::create(RaftStart start) {
  const auto is_self = [&](const Voter& voter) {
    return voter.key.id == start.self.key.id &&
           (start.kraft_version == 0 || voter.key.directory == start.self.key.directory);
  };
  if (std::ranges::none_of(start.voters, is_self)) {
    const auto same_id = [&](const Voter& voter) { return voter.key.id == start.self.key.id; };
    if (std::ranges::any_of(start.voters, same_id)) {
      return failure(
          fmt::format("node {} is a voter with another directory.id than {}: the metadata directory was exchanged; "
                      "restore its meta.properties or format all directories anew",
                      start.self.key.id, start.self.key.directory.to_text()));
    }
    return failure(fmt::format("node {} is not among the voters of the metadata quorum", start.self.key.id));
  }
  if (start.voters.size() != 1) {
    return failure(fmt::format("the metadata quorum has {} voters, this release runs with one", start.voters.size()));
  }
  return Raft(std::move(start));
}

Raft::Raft(RaftStart start) : start_(std::move(start)), election_(start_.election), log_end_(start_.log_end) {
  // quorum-state may have been lost; records of an epoch prove that the epoch was.
  if (election_.epoch < start_.log_epoch) election_ = {start_.log_epoch, no_node, std::nullopt};
}

void Raft::campaign() {
  HW_CHECK(!leads());
  // Also after a crash between vote and victory: a new epoch is always free, an old one may have been led.
  election_ = {election_.epoch + 1, no_node, start_.self.key};
  role_ = Candidate{{start_.self.key.id}};
  output_.to_persist = election_;
}

void Raft::on_persisted() {
  if (const auto* candidate = std::get_if<Candidate>(&role_)) {
    const std::size_t majority = start_.voters.size() / 2 + 1;
    if (candidate->granting.size() >= majority) become_leader(candidate->granting);
    return;
  }
  if (const auto* leader = std::get_if<Leader>(&role_)) begin_epoch(*leader);
}

void Raft::become_leader(std::vector<NodeId> granting) {
  role_ = Leader{log_end_, std::move(granting), std::nullopt};
  election_.leader = start_.self.key.id;
  election_.voted.reset();
  output_.to_persist = election_;
}

void Raft::begin_epoch(const Leader& leader) {
  EpochStart begin;
  begin.epoch = election_.epoch;
  begin.leader = start_.self.key.id;
  for (const Voter& voter : start_.voters) begin.voters.push_back(voter.key.id);
  begin.granting = leader.granting;
  const auto is_self = [&](const Voter& voter) { return voter.key.id == start_.self.key.id; };
  const auto own = std::ranges::find_if(start_.voters, is_self);
  if (start_.kraft_version > 0 && (!start_.voters_in_log || *own != start_.self)) {
    *own = start_.self;
    begin.kraft_version = start_.kraft_version;
    begin.voter_set = start_.voters;
  }
  output_.to_append = std::move(begin);
}

VersionRaise Raft::raise_kraft_version(std::int16_t level) {
  auto* leader = std::get_if<Leader>(&role_);
  HW_CHECK(leader != nullptr && start_.kraft_version == 0 && level > 0);
  for (const Voter& voter : start_.voters) HW_CHECK(level <= voter.kraft_version_highest);
  leader->raised = log_end_;
  start_.kraft_version = level;
  start_.voters_in_log = true;
  return {level, start_.voters};
}

void Raft::on_appended(Offset log_end) {
  HW_CHECK(leads() && log_end > log_end_);
  log_end_ = log_end;
}

void Raft::on_truncated(Offset log_end) {
  auto* leader = std::get_if<Leader>(&role_);
  HW_CHECK(leader != nullptr && log_end <= log_end_ && log_end > leader->epoch_start);
  HW_CHECK(!high_watermark_.has_value() || *high_watermark_ <= log_end);
  log_end_ = log_end;
  if (!leader->raised.has_value() || log_end > *leader->raised) return;
  leader->raised.reset();
  start_.kraft_version = 0;
  start_.voters_in_log = false;
}

void Raft::on_durable(Offset log_end) {
  const auto* leader = std::get_if<Leader>(&role_);
  HW_CHECK(leader != nullptr && log_end <= log_end_);
  // Records of former epochs are committed only together with one of this epoch (Raft, 5.4.2).
  if (log_end <= leader->epoch_start) return;
  if (high_watermark_.has_value() && *high_watermark_ >= log_end) return;
  high_watermark_ = log_end;
  output_.high_watermark = log_end;
}

Raft::Output Raft::take_output() { return std::exchange(output_, {}); }

}  // namespace highwater::raft
