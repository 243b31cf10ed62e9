#include <fmt/core.h>

#include <algorithm>

#include "machines/metadata/apply.h"

namespace highwater::metadata {

namespace {

constexpr NodeId leader_unchanged = -2;
constexpr std::int8_t recovery_unchanged = -1;

// A partition from before directories existed has none of its own yet (DirectoryId.MIGRATING).
std::vector<Uuid> directories_of(const messages::PartitionRecord& record) {
  if (!record.directories.empty()) return record.directories;
  return std::vector<Uuid>(record.replicas.size());
}

Result<void> merge(const messages::PartitionChangeRecord& record, PartitionImage& partition) {
  if (record.replicas.has_value()) partition.replicas = *record.replicas;
  if (record.directories.has_value() && !record.directories->empty()) partition.directories = *record.directories;
  // Before metadata.version 3.7-IV2 nobody names directories, however many replicas there are.
  constexpr Uuid migrating;
  if (std::ranges::all_of(partition.directories, [&](const Uuid& id) { return id == migrating; })) {
    partition.directories.assign(partition.replicas.size(), migrating);
  }
  if (partition.directories.size() != partition.replicas.size()) {
    return failure(fmt::format("a change of partition {} of topic id {} names {} directories for {} replicas",
                               record.partition_id, record.topic_id.to_text(), partition.directories.size(),
                               partition.replicas.size()));
  }
  if (record.isr.has_value()) partition.isr = *record.isr;
  if (record.removing_replicas.has_value()) partition.removing = *record.removing_replicas;
  if (record.adding_replicas.has_value()) partition.adding = *record.adding_replicas;
  if (record.eligible_leader_replicas.has_value()) partition.elr = *record.eligible_leader_replicas;
  if (record.last_known_elr.has_value()) partition.last_known_elr = *record.last_known_elr;
  if (record.leader != leader_unchanged) {
    partition.leader = record.leader;
    ++partition.leader_epoch;
  }
  if (record.leader_recovery_state != recovery_unchanged) {
    partition.leader_recovery = static_cast<LeaderRecovery>(record.leader_recovery_state);
  }
  ++partition.partition_epoch;
  return {};
}

}  // namespace

TopicChange& RecordApplier::touch(const Uuid& id, std::string_view name) const {
  TopicChange& change = delta.topics_[id];
  if (change.name.empty()) change.name = name;
  return change;
}

Result<void> RecordApplier::operator()(const messages::TopicRecord& record) const {
  const std::string name = record.name.str();
  if (image().topic_ids_.contains(name)) {
    return failure(fmt::format("topic {} is created although it exists", name));
  }
  image().topic_ids_.set(name, record.topic_id);
  image().topics_.set(record.topic_id, TopicImage{name, record.topic_id, {}, image().partitions_made_});
  touch(record.topic_id, name).created = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::PartitionRecord& record) const {
  const TopicImage* topic = image().topics_.find(record.topic_id);
  if (topic == nullptr) {
    return failure(fmt::format("a partition belongs to topic id {}, which does not exist", record.topic_id.to_text()));
  }
  PartitionImage partition;
  partition.replicas = record.replicas;
  partition.directories = directories_of(record);
  partition.isr = record.isr;
  partition.removing = record.removing_replicas;
  partition.adding = record.adding_replicas;
  if (record.eligible_leader_replicas.has_value()) partition.elr = *record.eligible_leader_replicas;
  if (record.last_known_elr.has_value()) partition.last_known_elr = *record.last_known_elr;
  partition.leader = record.leader;
  partition.leader_recovery = static_cast<LeaderRecovery>(record.leader_recovery_state);
  partition.leader_epoch = record.leader_epoch;
  partition.partition_epoch = record.partition_epoch;
  if (topic->find_partition(record.partition_id) == nullptr) ++image().partitions_made_;
  touch(record.topic_id, topic->name).partitions.insert(record.partition_id);
  image().topics_.edit(record.topic_id).partitions.set(record.partition_id, std::move(partition));
  return {};
}

Result<void> RecordApplier::operator()(const messages::PartitionChangeRecord& record) const {
  const TopicImage* topic = image().topics_.find(record.topic_id);
  if (topic == nullptr || topic->find_partition(record.partition_id) == nullptr) {
    return failure(fmt::format("partition {} of topic id {} is changed although it does not exist", record.partition_id,
                               record.topic_id.to_text()));
  }
  touch(record.topic_id, topic->name).partitions.insert(record.partition_id);
  return merge(record, image().topics_.edit(record.topic_id).partitions.edit(record.partition_id));
}

Result<void> RecordApplier::operator()(const messages::RemoveTopicRecord& record) const {
  const TopicImage* topic = image().topics_.find(record.topic_id);
  if (topic == nullptr) {
    return failure(fmt::format("topic id {} is removed although it does not exist", record.topic_id.to_text()));
  }
  const std::string name = topic->name;
  const ConfigResource resource{ResourceType::topic, name};
  if (image().configs_.erase(resource)) delta.configs_.insert(resource);
  image().topic_ids_.erase(name);
  image().topics_.erase(record.topic_id);
  if (delta.base_->find_topic(record.topic_id) == nullptr) {
    delta.topics_.erase(record.topic_id);  // came and went between two images
    return {};
  }
  TopicChange& change = touch(record.topic_id, name);
  change.removed = true;
  change.partitions.clear();
  return {};
}

void RecordApplier::clear_elr(const Uuid& id) const {
  std::vector<std::int32_t> indexes;
  const TopicImage* topic = image().topics_.find(id);
  for (const auto& [index, partition] : topic->partitions) {
    if (!partition.elr.empty() || !partition.last_known_elr.empty()) indexes.push_back(index);
  }
  if (indexes.empty()) return;
  TopicChange& change = touch(id, topic->name);
  TopicImage& edited = image().topics_.edit(id);
  for (const std::int32_t index : indexes) {
    PartitionImage& partition = edited.partitions.edit(index);
    partition.elr.clear();
    partition.last_known_elr.clear();
    ++partition.partition_epoch;
    change.partitions.insert(index);
  }
}

Result<void> RecordApplier::operator()(const messages::ClearElrRecord& record) const {
  if (!record.topic_name.empty()) {
    const TopicImage* topic = image().find_topic(record.topic_name.view());
    if (topic == nullptr) {
      return failure(
          fmt::format("the ELR of topic {} is cleared although it does not exist", record.topic_name.view()));
    }
    clear_elr(topic->id);
    return {};
  }
  std::vector<Uuid> ids;
  for (const auto& [id, topic] : image().topics_) ids.push_back(id);
  for (const Uuid& id : ids) clear_elr(id);
  return {};
}

}  // namespace highwater::metadata
