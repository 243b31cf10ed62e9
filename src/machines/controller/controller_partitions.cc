#include <algorithm>
#include <utility>

#include "machines/configs/values.h"
#include "machines/controller/controller.h"
#include "machines/metadata/features.h"

namespace highwater::controller {

namespace {

struct Asked {
  std::string_view topic;
  NodeId node;
  std::string_view key;
};

// A value that was set for the topic, for this node, or for all brokers; empty when none was.
std::optional<std::string_view> configured(const metadata::MetadataImage& image, const Asked& asked) {
  using metadata::ResourceType;
  for (const auto* values :
       {&image.configs(ResourceType::topic, asked.topic),
        &image.configs(ResourceType::broker, std::to_string(asked.node)), &image.configs(ResourceType::broker, "")}) {
    if (const auto found = values->find(asked.key); found != values->end()) return found->second;
  }
  return std::nullopt;
}

// What reached the log was validated: a number, at least 1.
std::int32_t small_number(std::string_view text) {
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > INT32_MAX) return INT32_MAX;
    value = value * 10 + (c - '0');
  }
  return static_cast<std::int32_t>(std::min<std::int64_t>(value, INT32_MAX));
}

}  // namespace

bool Controller::elr_enabled() const { return image_->feature_level(metadata::elr_feature) > 0; }

PartitionRules Controller::rules_for(const metadata::TopicImage& topic,
                                     const metadata::PartitionImage& partition) const {
  PartitionRules rules;
  rules.metadata_version = image_->metadata_version();
  rules.elr_enabled = elr_enabled();
  rules.min_insync_replicas = settings_.topic_defaults.min_insync_replicas;
  if (const auto text = configured(*image_, {topic.name, settings_.node, "min.insync.replicas"})) {
    rules.min_insync_replicas = small_number(*text);
  }
  rules.min_insync_replicas = std::min(rules.min_insync_replicas, static_cast<std::int32_t>(partition.replicas.size()));
  bool unclean = settings_.topic_defaults.unclean_leader_election;
  if (const auto text = configured(*image_, {topic.name, settings_.node, "unclean.leader.election.enable"})) {
    unclean = configs::parse_boolean(*text).value_or(unclean);
  }
  rules.election = unclean ? ElectionRule::unclean : ElectionRule::clean;
  return rules;
}

void Controller::shift_partitions(const PartitionSet& partitions, const Electorate& electorate, NodeId lost_uncleanly,
                                  metadata::Records& records) const {
  for (const TopicPartition& where : partitions) {
    const metadata::TopicImage& topic = *image_->find_topic(where.topic_id);
    const metadata::PartitionImage& partition = *topic.find_partition(where.index);
    PartitionShift shift{partition.isr, lost_uncleanly};
    if (electorate.excluded != no_node) std::erase(shift.target_isr, electorate.excluded);
    auto change = change_partition(where, partition, rules_for(topic, partition), electorate, shift);
    if (change.has_value()) records.push_back(std::move(*change));
  }
}

void Controller::take_from(NodeId broker, Departure departure, metadata::Records& records) const {
  const Electorate others{*image_, no_node, broker};
  if (departure != Departure::unclean) {
    shift_partitions(index_.in_isr(broker), others, no_node, records);
    return;
  }
  // It came back without what it may have acknowledged, so nothing of it counts any more, eligibility included.
  shift_partitions(index_.in_isr(broker), others, broker, records);
  shift_partitions(index_.in_elr(broker), others, broker, records);
}

void Controller::give_to(NodeId broker, metadata::Records& records) const {
  shift_partitions(index_.leaderless(), Electorate{*image_, broker, no_node}, no_node, records);
}

void Controller::fence(NodeId broker, metadata::Records& records) const {
  take_from(broker, Departure::fenced, records);
  messages::BrokerRegistrationChangeRecord change;
  change.broker_id = broker;
  change.broker_epoch = image_->find_broker(broker)->epoch;
  change.fenced = 1;
  records.push_back({std::move(change), 0});
}

}  // namespace highwater::controller
