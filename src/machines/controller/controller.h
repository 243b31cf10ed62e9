// The active controller: requests and the clock against the image, out come records and the answer. It never changes
// the image itself: the driver writes the records, feeds them through the metadata loader and tells the controller with
// on_image(); an answer may leave when its records are committed. One owner; only soft state (who is alive) of its own.
// Kafka: QuorumController with its control managers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "foundation/base/random.h"
#include "machines/configs/topic_settings.h"
#include "machines/controller/cluster_index.h"
#include "machines/controller/heartbeats.h"
#include "machines/controller/partition_change.h"
#include "machines/metadata/image.h"
#include "machines/metadata/records.h"

namespace highwater::messages {
struct AllocateProducerIdsRequest;
struct AllocateProducerIdsResponse;
struct BrokerHeartbeatRequest;
struct BrokerHeartbeatResponse;
struct BrokerRegistrationRequest;
struct BrokerRegistrationResponse;
struct CreateTopicsRequest;
struct CreateTopicsResponse;
struct DeleteTopicsRequest;
struct DeleteTopicsResponse;
namespace create_topics_request_parts {
struct CreatableTopic;
}
namespace create_topics_response_parts {
struct CreatableTopicResult;
}
}  // namespace highwater::messages

namespace highwater::controller {

struct ControllerSettings {
  NodeId node = no_node;
  std::string cluster_id;
  Duration session_timeout = Duration::from_ms(9000);  // broker.session.timeout.ms
  std::int32_t default_partitions = 1;                 // num.partitions
  std::int16_t default_replication_factor = 1;         // default.replication.factor
  bool topic_deletion = true;                          // delete.topic.enable
  configs::TopicSettings topic_defaults;               // of this node's configuration
  configs::ConfigMap broker_configs;                   // this node's configuration as text, for what answers show
};

// An atomic decision is one batch of the log; of the others a prefix alone does no harm.
enum class Atomicity : std::uint8_t { atomic, divisible };

template <class Answer>
struct Decision {
  metadata::Records records;
  Answer answer;
  Atomicity atomicity = Atomicity::atomic;
};

struct Moment {
  Instant now;
  Offset next_offset = 0;  // that the first record of the decision will get
};

class Controller {
 public:
  explicit Controller(ControllerSettings settings);

  // This node became the active controller with this image: everyone who is registered counts as alive from now.
  void activate(metadata::ImageHandle image, Instant now);
  // After the records of each decision (and after activate), in order.
  void on_image(metadata::ImageHandle image, const metadata::MetadataDelta& delta);

  Decision<messages::BrokerRegistrationResponse> register_broker(const messages::BrokerRegistrationRequest& request,
                                                                 const Moment& moment);
  Decision<messages::BrokerHeartbeatResponse> heartbeat(const messages::BrokerHeartbeatRequest& request,
                                                        const Moment& moment);
  Decision<messages::CreateTopicsResponse> create_topics(const messages::CreateTopicsRequest& request, Random& random);
  Decision<messages::DeleteTopicsResponse> delete_topics(const messages::DeleteTopicsRequest& request);
  Decision<messages::AllocateProducerIdsResponse> allocate_producer_ids(
      const messages::AllocateProducerIdsRequest& request);

  // Fences at most one broker whose session is over; call again while records come.
  metadata::Records tick(Instant now);
  Instant next_deadline() const { return heartbeats_.next_deadline(); }

  const metadata::MetadataImage& image() const { return *image_; }

 private:
  struct Wanted;  // a topic of one CreateTopics request on its way
  enum class Departure : std::uint8_t { fenced, leaving, unclean };

  // Partition changes, in controller_partitions.cc.
  PartitionRules rules_for(const metadata::TopicImage& topic, const metadata::PartitionImage& partition) const;
  void shift_partitions(const PartitionSet& partitions, const Electorate& electorate, NodeId lost_uncleanly,
                        metadata::Records& records) const;
  void take_from(NodeId broker, Departure departure, metadata::Records& records) const;
  void give_to(NodeId broker, metadata::Records& records) const;
  void fence(NodeId broker, metadata::Records& records) const;

  // Brokers, in controller_brokers.cc.
  std::int16_t refuse_registration(const messages::BrokerRegistrationRequest& request, Instant now) const;
  std::int16_t check_epoch(NodeId broker, BrokerEpoch epoch) const;
  void change_standing(const messages::BrokerHeartbeatRequest& request, BrokerStanding next,
                       metadata::Records& records) const;
  void note_directories(const messages::BrokerHeartbeatRequest& request, metadata::Records& records) const;

  // Topics, in create_topics.cc and create_topics_layout.cc.
  bool name_and_configs_fit(Wanted& wanted) const;
  bool lay_out(Wanted& wanted, Random& random) const;
  bool lay_out_manually(Wanted& wanted) const;
  bool assignment_fits(const std::vector<NodeId>& brokers, std::optional<std::size_t> replicas, Wanted& wanted) const;
  bool add_partition(Wanted& wanted, std::vector<NodeId> brokers) const;
  void write_topic(const Wanted& wanted, metadata::Records& records) const;
  void describe_topic(const Wanted& wanted, messages::create_topics_response_parts::CreatableTopicResult& result) const;

  bool elr_enabled() const;

  ControllerSettings settings_;
  metadata::ImageHandle image_;
  ClusterIndex index_;
  BrokerHeartbeats heartbeats_;
  std::map<NodeId, Offset> registration_offsets_;  // of the RegisterBrokerRecord, which may follow the broker epoch
};

}  // namespace highwater::controller
