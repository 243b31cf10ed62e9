// What the cluster knows about itself at one offset of the metadata log: an immutable value of persistent maps, so that
// the next image shares all that did not change. Made only by MetadataDelta; shared between cores through ImageHandle.
// Kafka: org.apache.kafka.image.MetadataImage.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/persistent_map.h"
#include "foundation/base/uuid.h"

namespace highwater::metadata {

// Directory ids that stand for no directory (KIP-858).
inline constexpr Uuid unassigned_directory = Uuid::from_halves(0, 1);
inline constexpr Uuid lost_directory = Uuid::from_halves(0, 2);

enum class LeaderRecovery : std::int8_t { recovered = 0, recovering = 1 };

struct PartitionImage {
  std::vector<NodeId> replicas;
  std::vector<Uuid> directories;  // as long as replicas
  std::vector<NodeId> isr;
  std::vector<NodeId> removing;
  std::vector<NodeId> adding;
  std::vector<NodeId> elr;             // eligible leader replicas (KIP-966)
  std::vector<NodeId> last_known_elr;  // at most one: the last leader, when ISR and ELR are empty
  NodeId leader = no_node;
  LeaderRecovery leader_recovery = LeaderRecovery::recovered;
  Epoch leader_epoch = no_epoch;
  std::int32_t partition_epoch = -1;

  bool operator==(const PartitionImage&) const = default;
};

struct TopicImage {
  std::string name;
  Uuid id;
  PersistentMap<std::int32_t, PartitionImage> partitions;  // in index order, 0 .. size-1
  // How many partitions had been made before it, as far as this node has read: partition i is number `number + i`, by
  // which a node spreads them evenly. In no record and on no disk: the next start may give it another one.
  std::uint32_t number = 0;

  const PartitionImage* find_partition(std::int32_t index) const { return partitions.find(index); }
};

struct ListenerImage {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  std::int16_t security_protocol = 0;

  bool operator==(const ListenerImage&) const = default;
};

struct FeatureRange {
  std::int16_t lowest = 0;
  std::int16_t highest = 0;

  bool operator==(const FeatureRange&) const = default;
};

struct BrokerImage {
  NodeId id = no_node;
  BrokerEpoch epoch = -1;
  Uuid incarnation;
  std::vector<ListenerImage> listeners;  // by name
  std::map<std::string, FeatureRange> features;
  std::optional<std::string> rack;
  bool fenced = true;
  bool in_controlled_shutdown = false;
  bool migrating_from_zookeeper = false;
  std::vector<Uuid> directories;                          // sorted
  std::optional<std::vector<Uuid>> cordoned_directories;  // unknown until the broker's first heartbeat says it

  // May lead partitions and be in an ISR.
  bool active() const { return !fenced && !in_controlled_shutdown; }
  const ListenerImage* find_listener(std::string_view name) const;
  bool operator==(const BrokerImage&) const = default;
};

struct ControllerImage {
  NodeId id = no_node;
  Uuid incarnation;
  bool zookeeper_migration_ready = false;
  std::vector<ListenerImage> listeners;
  std::map<std::string, FeatureRange> features;

  bool operator==(const ControllerImage&) const = default;
};

// org.apache.kafka.common.config.ConfigResource.Type; other numbers are kept as they are.
enum class ResourceType : std::int8_t { topic = 2, broker = 4, broker_logger = 8, client_metrics = 16, group = 32 };

struct ConfigResource {
  ResourceType type = ResourceType::topic;
  std::string name;  // "" of a broker: the default of all brokers

  auto operator<=>(const ConfigResource&) const = default;
};
using ConfigValues = std::map<std::string, std::string, std::less<>>;

struct QuotaEntityPart {
  std::string type;
  std::optional<std::string> name;  // absent: the default entity of that type

  auto operator<=>(const QuotaEntityPart&) const = default;
};
using QuotaEntity = std::vector<QuotaEntityPart>;  // by type
using QuotaValues = std::map<std::string, double>;

struct AclImage {
  std::int8_t resource_type = 0;
  std::string resource_name;
  std::int8_t pattern_type = 0;
  std::string principal;
  std::string host;
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;

  bool operator==(const AclImage&) const = default;
};

struct ScramKey {
  std::int8_t mechanism = 0;
  std::string user;

  auto operator<=>(const ScramKey&) const = default;
};
struct ScramCredentialImage {
  std::vector<std::uint8_t> salt;
  std::vector<std::uint8_t> stored_key;
  std::vector<std::uint8_t> server_key;
  std::int32_t iterations = 0;

  bool operator==(const ScramCredentialImage&) const = default;
};

struct DelegationTokenImage {
  std::string owner;
  std::string requester;
  std::vector<std::string> renewers;
  std::int64_t issued_ms = 0;
  std::int64_t max_ms = 0;
  std::int64_t expires_ms = 0;

  bool operator==(const DelegationTokenImage&) const = default;
};

struct ProducerIdsImage {
  NodeId broker = no_node;
  BrokerEpoch broker_epoch = -1;
  ProducerId next = 0;

  bool operator==(const ProducerIdsImage&) const = default;
};

class MetadataImage {
 public:
  using Topics = PersistentMap<std::string, Uuid>;  // name -> id, in name order
  using Brokers = PersistentMap<NodeId, BrokerImage>;

  const TopicImage* find_topic(std::string_view name) const;
  const TopicImage* find_topic(const Uuid& id) const { return topics_.find(id); }
  const PartitionImage* find_partition(const TopicPartition& partition) const;
  const Topics& topic_names() const { return topic_ids_; }
  std::size_t topic_count() const { return topics_.size(); }
  const PersistentMap<Uuid, TopicImage>& topics_by_id() const { return topics_; }

  const BrokerImage* find_broker(NodeId id) const { return brokers_.find(id); }
  const Brokers& brokers() const { return brokers_; }
  const PersistentMap<NodeId, ControllerImage>& controllers() const { return controllers_; }

  // What was set for exactly this resource; empty when nothing was.
  const ConfigValues& configs(ResourceType type, std::string_view name) const;
  const PersistentMap<ConfigResource, ConfigValues>& all_configs() const { return configs_; }

  // Finalised level; 0 when the feature was never finalised.
  std::int16_t feature_level(std::string_view name) const;
  const PersistentMap<std::string, std::int16_t>& feature_levels() const { return features_; }
  std::int16_t metadata_version() const { return feature_level("metadata.version"); }
  // Of the image in which a level changed last: the epoch of the finalised features as a controller tells it.
  Offset features_offset() const { return features_offset_; }
  // Of the quorum itself (KIP-853): control records set it, no metadata record does. 0: the voters are not in the log.
  std::int16_t kraft_version() const { return kraft_version_; }

  const ProducerIdsImage& producer_ids() const { return producer_ids_; }
  const PersistentMap<QuotaEntity, QuotaValues>& client_quotas() const { return client_quotas_; }
  const PersistentMap<Uuid, AclImage>& acls() const { return acls_; }
  const PersistentMap<ScramKey, ScramCredentialImage>& scram_credentials() const { return scram_; }
  const PersistentMap<std::string, DelegationTokenImage>& delegation_tokens() const { return tokens_; }

  // Of the last applied record; -1 before the first. The timestamp is that of its batch.
  Offset offset() const { return offset_; }
  Epoch epoch() const { return epoch_; }
  std::int64_t timestamp_ms() const { return timestamp_ms_; }

 private:
  friend class MetadataDelta;
  friend struct RecordApplier;

  Offset offset_ = no_offset;
  Epoch epoch_ = no_epoch;
  std::int64_t timestamp_ms_ = -1;
  PersistentMap<std::string, std::int16_t> features_;
  Offset features_offset_ = no_offset;
  std::int16_t kraft_version_ = 0;
  Topics topic_ids_;
  PersistentMap<Uuid, TopicImage> topics_;
  std::uint32_t partitions_made_ = 0;
  Brokers brokers_;
  PersistentMap<NodeId, ControllerImage> controllers_;
  PersistentMap<ConfigResource, ConfigValues> configs_;
  ProducerIdsImage producer_ids_;
  PersistentMap<QuotaEntity, QuotaValues> client_quotas_;
  PersistentMap<Uuid, AclImage> acls_;
  PersistentMap<ScramKey, ScramCredentialImage> scram_;
  PersistentMap<std::string, DelegationTokenImage> tokens_;
};

using ImageHandle = std::shared_ptr<const MetadataImage>;

}  // namespace highwater::metadata
