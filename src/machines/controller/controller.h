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
#include "machines/controller/refusals.h"
#include "machines/metadata/image.h"
#include "machines/metadata/records.h"
#include "protocol/messages/fwd.h"

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
  // What the quorum is to raise kraft.version to, after the records: no metadata record does.
  std::optional<std::int16_t> kraft_version = std::nullopt;
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
  // Every resource for itself; a resource whose change is refused keeps what it has.
  Decision<messages::IncrementalAlterConfigsResponse> alter_configs(
      const messages::IncrementalAlterConfigsRequest& request) const;
  Decision<messages::AlterConfigsResponse> alter_configs(const messages::AlterConfigsRequest& request) const;
  Decision<messages::AllocateProducerIdsResponse> allocate_producer_ids(
      const messages::AllocateProducerIdsRequest& request);
  Decision<messages::UnregisterBrokerResponse> unregister_broker(const messages::UnregisterBrokerRequest& request);
  Decision<messages::CreatePartitionsResponse> create_partitions(const messages::CreatePartitionsRequest& request,
                                                                 Random& random);
  Decision<messages::ElectLeadersResponse> elect_leaders(const messages::ElectLeadersRequest& request);
  // assign_directories.cc
  Decision<messages::AssignReplicasToDirsResponse> assign_replicas_to_dirs(
      const messages::AssignReplicasToDirsRequest& request);
  Decision<messages::AlterPartitionReassignmentsResponse> alter_reassignments(
      const messages::AlterPartitionReassignmentsRequest& request);
  Decision<messages::ListPartitionReassignmentsResponse> list_reassignments(
      const messages::ListPartitionReassignmentsRequest& request) const;
  Decision<messages::UpdateFeaturesResponse> update_features(const messages::UpdateFeaturesRequest& request) const;
  Decision<messages::AlterClientQuotasResponse> alter_client_quotas(
      const messages::AlterClientQuotasRequest& request) const;
  Decision<messages::AlterUserScramCredentialsResponse> alter_scram_credentials(
      const messages::AlterUserScramCredentialsRequest& request) const;

  // Fences at most one broker whose session is over; call again while records come.
  metadata::Records tick(Instant now);
  Instant next_deadline() const { return heartbeats_.next_deadline(); }

  const metadata::MetadataImage& image() const { return *image_; }
  const ControllerSettings& settings() const { return settings_; }

 private:
  struct ConfigChange;
  struct Wanted;  // a topic of one CreateTopics request on its way
  enum class Departure : std::uint8_t { fenced, leaving, unclean };
  enum class FactorChange : std::uint8_t { allowed, refused };

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
  api::ErrorCode assign_directory(NodeId broker, const TopicPartition& where, const Uuid& directory,
                                  metadata::Records& records) const;
  void change_standing(const messages::BrokerHeartbeatRequest& request, BrokerStanding next,
                       metadata::Records& records) const;
  void note_directories(const messages::BrokerHeartbeatRequest& request, metadata::Records& records) const;

  // Topics, in create_topics.cc and create_topics_layout.cc.
  bool name_and_configs_fit(Wanted& wanted) const;
  bool lay_out(Wanted& wanted, Random& random) const;
  bool lay_out_manually(Wanted& wanted) const;
  bool add_partition(Wanted& wanted, std::vector<NodeId> brokers) const;
  void write_topic(const Wanted& wanted, metadata::Records& records) const;
  void describe_topic(const Wanted& wanted, messages::create_topics_response_parts::CreatableTopicResult& result) const;

  // One part of a request each: records, or why not. In create_partitions.cc, elect_leaders.cc, alter_reassignments.cc.
  std::optional<Refusal> add_partitions(const messages::create_partitions_request_parts::CreatePartitionsTopic& wish,
                                        Random& random, metadata::Records& records) const;
  std::optional<Refusal> elect_leader(const metadata::TopicImage& topic, std::int32_t index, ElectionRule rule,
                                      metadata::Records& records) const;
  void elect_everywhere(ElectionRule rule, Decision<messages::ElectLeadersResponse>& decision) const;
  std::optional<Refusal> reassign(
      const metadata::TopicImage& topic,
      const messages::alter_partition_reassignments_request_parts::ReassignablePartition& target,
      FactorChange factor_change, metadata::Records& records) const;
  // Configurations, in configs_alter.cc and configs_rules.cc.
  ConfigChange config_change(std::int8_t type, std::string_view name) const;
  std::optional<Refusal> check_change(const ConfigChange& change) const;
  std::optional<Refusal> check_step(const ConfigChange& change, std::string_view key,
                                    const std::optional<std::string>& value) const;
  std::optional<Refusal> check_topic_configs(const ConfigChange& change) const;
  std::optional<Refusal> check_existence(const ConfigChange& change) const;
  void clear_elr_as_needed(metadata::Records& records) const;
  void take_broker_configs();

  bool elr_enabled() const;
  metadata::Records elr_safety_records() const;

  ControllerSettings settings_;
  metadata::ImageHandle image_;
  configs::ConfigMap broker_configs_;      // what holds for this node now
  configs::TopicSettings topic_defaults_;  // and so for topics without a configuration of their own
  ClusterIndex index_;
  BrokerHeartbeats heartbeats_;
  std::map<NodeId, Offset> registration_offsets_;  // of the RegisterBrokerRecord, which may follow the broker epoch
};

}  // namespace highwater::controller
