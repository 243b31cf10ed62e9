#include "machines/controller/partition_change.h"

#include <algorithm>
#include <utility>

#include "machines/controller/reassignment.h"
#include "machines/controller/replica_placement.h"
#include "machines/metadata/features.h"

namespace highwater::controller {

namespace {

using metadata::PartitionImage;

bool contains(const std::vector<NodeId>& nodes, NodeId node) { return std::ranges::find(nodes, node) != nodes.end(); }

// Whether a broker with these online directories holds what lies in `directory` (Kafka: DirectoryId.isOnline).
bool is_online(const Uuid& directory, const std::vector<Uuid>& online) {
  constexpr Uuid migrating;
  if (directory == metadata::unassigned_directory || directory == migrating) return true;
  if (directory == metadata::lost_directory) return false;
  // Registered under a metadata.version without directories: a broker that lost all of them would be gone.
  return online.empty() || std::ranges::binary_search(online, directory);
}

struct Elected {
  NodeId leader = no_node;
  bool unclean = false;
};

struct Change {
  const PartitionImage& partition;
  const PartitionRules& rules;
  const Electorate& electorate;
  std::vector<NodeId> replicas;
  std::vector<NodeId> removing;
  std::vector<NodeId> adding;
  std::vector<NodeId> isr;
  std::vector<NodeId> elr;
  messages::PartitionChangeRecord record;

  bool accepts(NodeId node) const { return electorate.accepts(node, partition); }
  bool may_lead(NodeId node) const {
    return (contains(isr, node) || (isr.empty() && contains(elr, node))) && accepts(node);
  }

  void complete_reassignment() {
    auto completed = completed_reassignment({replicas, removing, adding}, isr);
    if (!completed.has_value()) return;
    replicas = std::move(completed->replicas);
    isr = std::move(completed->isr);
    removing.clear();
    adding.clear();
  }

  // Members of ISR or ELR that are not in the next ISR stay eligible, as long as the ISR is below its minimum.
  void choose_elr(NodeId lost_uncleanly) {
    if (!rules.elr_enabled) return;
    if (isr.size() >= static_cast<std::size_t>(rules.min_insync_replicas)) {
      elr.clear();
      return;
    }
    std::vector<NodeId> candidates = elr;
    candidates.insert(candidates.end(), partition.isr.begin(), partition.isr.end());
    std::ranges::sort(candidates);
    candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
    std::erase_if(candidates, [&](NodeId node) { return contains(isr, node) || node == lost_uncleanly; });
    elr = std::move(candidates);
  }

  Elected elect() const {
    if (rules.election == ElectionRule::preferred && may_lead(replicas.at(0))) return {replicas[0], false};
    if (may_lead(partition.leader)) return {partition.leader, false};
    for (const NodeId node : replicas) {
      if (may_lead(node)) return {node, false};
    }
    const bool nobody_eligible = rules.elr_enabled && elr.empty() && isr.empty();
    if (nobody_eligible && partition.last_known_elr.size() == 1 && accepts(partition.last_known_elr[0])) {
      return {partition.last_known_elr[0], true};
    }
    if (rules.election == ElectionRule::unclean) {
      for (const NodeId node : replicas) {
        if (accepts(node)) return {node, true};
      }
    }
    return {};
  }

  void try_election() {
    const Elected elected = elect();
    if (elected.leader == partition.leader) return;
    if (contains(elr, elected.leader)) {
      isr = {elected.leader};
      std::erase(elr, elected.leader);
    }
    record.leader = elected.leader;
    if (!elected.unclean) return;
    record.isr = std::vector<NodeId>{elected.leader};
    if (partition.leader_recovery != metadata::LeaderRecovery::recovering) {
      record.leader_recovery_state = static_cast<std::int8_t>(metadata::LeaderRecovery::recovering);
    }
  }

  // Who is no replica any more must learn it from a new leader epoch.
  void renew_epoch_of_lost_replicas() {
    const auto lost = [&](NodeId node) { return !contains(replicas, node); };
    if (record.leader == leader_unchanged && std::ranges::any_of(partition.replicas, lost)) {
      record.leader = partition.leader;
    }
  }

  void write_elr() {
    if (record.isr.has_value() || !rules.elr_enabled) elr.clear();
    if (elr != partition.elr) record.eligible_leader_replicas = elr;
  }

  void write_isr() {
    if (!record.isr.has_value() && (!isr.empty() || rules.elr_enabled) && isr != partition.isr) record.isr = isr;
    // Brokers before 3.6 noticed a shrunken ISR only by a new leader epoch (KAFKA-15021).
    if (!metadata::bumps_leader_epoch_on_isr_shrink(rules.metadata_version)) return;
    if (record.leader != leader_unchanged || !record.isr.has_value()) return;
    const auto lost = [&](NodeId node) { return !contains(*record.isr, node); };
    if (std::ranges::any_of(partition.isr, lost)) record.leader = partition.leader;
  }

  void write_last_leader() {
    if (!rules.elr_enabled) return;
    if (record.leader == no_node && partition.last_known_elr.empty()) {
      record.last_known_elr = std::vector<NodeId>{partition.leader};
    } else if (record.leader >= 0 && !partition.last_known_elr.empty()) {
      record.last_known_elr = std::vector<NodeId>{};
    }
  }

  void write_assignment() {
    if (replicas != partition.replicas) {
      record.replicas = replicas;
      if (metadata::has_directory_assignment(rules.metadata_version)) write_directories();
    }
    if (removing != partition.removing) record.removing_replicas = removing;
    if (adding != partition.adding) record.adding_replicas = adding;
  }

  void write_directories() {
    std::vector<Uuid> directories;
    for (const NodeId node : replicas) {
      const auto held = std::ranges::find(partition.replicas, node);
      const auto place = static_cast<std::size_t>(held - partition.replicas.begin());
      const bool known = place < partition.directories.size();
      directories.push_back(known ? partition.directories[place] : default_directory(electorate.image, node));
    }
    if (directories != partition.directories) record.directories = std::move(directories);
  }

  bool says_nothing() const {
    return !record.isr.has_value() && record.leader == leader_unchanged &&
           !record.eligible_leader_replicas.has_value() && !record.last_known_elr.has_value() &&
           !record.replicas.has_value() && !record.removing_replicas.has_value() &&
           !record.adding_replicas.has_value() && !record.directories.has_value() && record.leader_recovery_state == -1;
  }

  static constexpr NodeId leader_unchanged = -2;
};

}  // namespace

bool Electorate::accepts(NodeId broker, const PartitionImage& partition) const {
  if (broker == excluded) return false;
  const metadata::BrokerImage* found = image.find_broker(broker);
  if (found == nullptr || (broker != extra && !found->active())) return false;
  const auto held = std::ranges::find(partition.replicas, broker);
  const auto place = static_cast<std::size_t>(held - partition.replicas.begin());
  return place >= partition.directories.size() || is_online(partition.directories[place], found->directories);
}

std::optional<metadata::MetadataRecord> change_partition(const TopicPartition& where, const PartitionImage& partition,
                                                         const PartitionRules& rules, const Electorate& electorate,
                                                         const PartitionShift& shift) {
  Change change{partition,
                rules,
                electorate,
                shift.replicas.value_or(partition.replicas),
                shift.removing.value_or(partition.removing),
                shift.adding.value_or(partition.adding),
                shift.target_isr,
                partition.elr,
                {}};
  change.record.topic_id = where.topic_id;
  change.record.partition_id = where.index;
  change.complete_reassignment();
  change.choose_elr(shift.lost_uncleanly);
  change.try_election();
  change.renew_epoch_of_lost_replicas();
  change.write_elr();
  change.write_isr();
  change.write_last_leader();
  change.write_assignment();
  if (change.says_nothing()) return std::nullopt;
  return metadata::MetadataRecord{std::move(change.record),
                                  metadata::partition_change_record_version(rules.metadata_version)};
}

}  // namespace highwater::controller
