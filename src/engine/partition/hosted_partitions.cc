#include "engine/partition/hosted_partitions.h"

#include <utility>

namespace highwater::engine {

HostedPartition& HostedPartitions::add(const TopicPartition& id) {
  HostedPartition& hosted = all_[id];
  by_id_[id] = &hosted;
  return hosted;
}

HostedPartition* HostedPartitions::find(const TopicPartition& id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::unique_ptr<Partition> HostedPartitions::take_out(const TopicPartition& id) {
  by_id_.erase(id);
  const auto found = all_.find(id);
  std::unique_ptr<Partition> partition = std::move(found->second.partition);
  all_.erase(found);
  return partition;
}

Result<HostedPartition*, ErrorCode> HostedPartitions::serving(const TopicPartition& id) const {
  if (stopping_) return std::unexpected(ErrorCode::not_leader_or_follower);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::unexpected(ErrorCode::unknown_topic_or_partition);
  // Clients ask again when the leader is not there yet; of an unknown partition they read the metadata anew.
  if (found->second->is_opening()) return std::unexpected(ErrorCode::not_leader_or_follower);
  if (found->second->is_going()) return std::unexpected(ErrorCode::unknown_topic_or_partition);
  return found->second;
}

LogPosition position_of(const Partition& partition) {
  const LogStore& store = partition.store();
  LogPosition position;
  position.directory = partition.identity().directory;
  position.topic = partition.identity().topic;
  position.index = partition.identity().id.index;
  position.recovery_point = store.durable_end();
  position.high_watermark = partition.high_watermark();
  position.log_start = store.start();
  position.first_segment = store.first_segment_base();
  return position;
}

LogPosition position_of(const FoundLog& log) {
  LogPosition position;
  position.directory = log.directory;
  position.topic = log.topic;
  position.index = log.index;
  position.recovery_point = log.recovery_point;
  position.high_watermark = log.high_watermark.value_or(log.log_start);
  position.log_start = log.log_start;
  return position;
}

std::vector<LogPosition> HostedPartitions::positions() const {
  std::vector<LogPosition> positions;
  for (const auto& [id, hosted] : all_) {
    if (hosted.is_going()) continue;
    if (hosted.state == HostedPartition::State::moving && hosted.future->position.has_value())
      positions.push_back(*hosted.future->position);
    if (hosted.has_open_log()) {
      positions.push_back(position_of(*hosted.partition));
    } else if (hosted.before.has_value()) {
      positions.push_back(position_of(*hosted.before));
    }
    for (const FoundLog& twin : hosted.twins) positions.push_back(position_of(twin));
  }
  return positions;
}

}  // namespace highwater::engine
