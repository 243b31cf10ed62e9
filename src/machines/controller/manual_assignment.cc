#include "machines/controller/manual_assignment.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "machines/controller/replica_placement.h"

namespace highwater::controller {

namespace {

bool is_active(const metadata::MetadataImage& image, NodeId id) {
  const metadata::BrokerImage* broker = image.find_broker(id);
  return broker != nullptr && broker->active();
}

}  // namespace

std::string assignment_problem(const metadata::MetadataImage& image, const std::vector<NodeId>& brokers,
                               std::optional<std::size_t> replicas) {
  if (brokers.empty()) return "The manual partition assignment includes an empty replica list.";
  auto sorted = brokers;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const metadata::BrokerImage* broker = image.find_broker(sorted[i]);
    if (broker == nullptr) {
      return fmt::format("The manual partition assignment includes broker {}, but no such broker is registered.",
                         sorted[i]);
    }
    if (!has_uncordoned_directory(*broker)) {
      return fmt::format(
          "The manual partition assignment includes broker {}, but all its log directories are cordoned.", sorted[i]);
    }
    if (i > 0 && sorted[i] == sorted[i - 1]) {
      return fmt::format("The manual partition assignment includes the broker {} more than once.", sorted[i]);
    }
  }
  if (replicas.has_value() && *replicas != sorted.size()) {
    return fmt::format(
        "The manual partition assignment includes a partition with {} replica(s), but this is not consistent with "
        "previous partitions, which have {} replica(s).",
        sorted.size(), *replicas);
  }
  return {};
}

std::string leadership_problem(const metadata::MetadataImage& image, const std::vector<NodeId>& brokers,
                               std::int32_t partition) {
  if (std::ranges::any_of(brokers, [&](NodeId id) { return is_active(image, id); })) return {};
  return fmt::format(
      "All brokers specified in the manual partition assignment for partition {} are fenced or in controlled shutdown.",
      partition);
}

std::optional<metadata::PartitionImage> fresh_partition(const metadata::MetadataImage& image,
                                                        std::vector<NodeId> brokers) {
  metadata::PartitionImage partition;
  for (const NodeId id : brokers) {
    partition.directories.push_back(default_directory(image, id));
    if (is_active(image, id)) partition.isr.push_back(id);
  }
  if (partition.isr.empty()) return std::nullopt;
  partition.replicas = std::move(brokers);
  partition.leader = partition.isr[0];
  partition.leader_epoch = 0;
  partition.partition_epoch = 0;
  return partition;
}

}  // namespace highwater::controller
