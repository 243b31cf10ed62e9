#include "server/handlers/wanted_topic.h"

#include <string>

#include "protocol/api/internal_topics.h"

namespace highwater::server {
namespace {

using Topic = messages::CreateTopicsRequest::CreatableTopic;

void set(Topic& topic, std::string_view name, std::string_view value) { topic.configs.push_back({name, value}); }

void shape(Topic& topic, const configs::StateTopicSettings& settings) {
  topic.num_partitions = settings.num_partitions;
  topic.replication_factor = settings.replication_factor;
  set(topic, "segment.bytes", std::to_string(settings.segment_bytes));
}

}  // namespace

Topic wanted_topic(std::string_view name, const configs::StateTopics& shapes) {
  Topic topic;
  topic.name = name;
  topic.num_partitions = -1;  // the broker's num.partitions and default.replication.factor
  topic.replication_factor = -1;
  if (name == api::group_offsets_topic) {
    shape(topic, shapes.group_offsets);
    set(topic, "cleanup.policy", "compact");
    set(topic, "compression.type", "producer");
  } else if (name == api::transaction_state_topic) {
    shape(topic, shapes.transaction_state);
    set(topic, "cleanup.policy", "compact");
    set(topic, "compression.type", "uncompressed");
    set(topic, "min.insync.replicas", std::to_string(shapes.transaction_state.min_isr));
    set(topic, "unclean.leader.election.enable", "false");
  } else if (name == api::share_group_state_topic) {
    shape(topic, shapes.share_group_state);
    set(topic, "cleanup.policy", "delete");
    set(topic, "compression.type", "producer");
    set(topic, "min.insync.replicas", std::to_string(shapes.share_group_state.min_isr));
    set(topic, "retention.ms", "-1");
  }
  return topic;
}

}  // namespace highwater::server
