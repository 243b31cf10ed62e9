#include "machines/metadata/snapshot.h"

#include <iterator>
#include <utility>

#include "machines/metadata/features.h"

namespace highwater::metadata {

namespace {

template <class Endpoint>
std::vector<Endpoint> endpoints_of(const std::vector<ListenerImage>& listeners) {
  std::vector<Endpoint> endpoints;
  for (const auto& listener : listeners) {
    endpoints.push_back({listener.name, listener.host, listener.port, listener.security_protocol});
  }
  return endpoints;
}

template <class Feature>
std::vector<Feature> features_of(const std::map<std::string, FeatureRange>& ranges) {
  std::vector<Feature> features;
  for (const auto& [name, range] : ranges) features.push_back({name, range.lowest, range.highest});
  return features;
}

void add_feature(std::string_view name, std::int16_t level, Records& records) {
  messages::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  records.push_back({std::move(record), 0});
}

void add_topic(const Uuid& id, const TopicImage& topic, Records& records) {
  messages::TopicRecord record;
  record.name = topic.name;
  record.topic_id = id;
  records.push_back({std::move(record), 0});
}

void add_configs(const ConfigResource& resource, const ConfigValues& values, Records& records) {
  for (const auto& [name, value] : values) {
    messages::ConfigRecord record;
    record.resource_type = static_cast<std::int8_t>(resource.type);
    record.resource_name = resource.name;
    record.name = name;
    record.value = value;
    records.push_back({std::move(record), 0});
  }
}

void add_quotas(const QuotaEntity& entity, const QuotaValues& values, Records& records) {
  for (const auto& [key, value] : values) {
    messages::ClientQuotaRecord record;
    for (const auto& part : entity) {
      messages::ClientQuotaRecord::EntityData data;
      data.entity_type = part.type;
      data.entity_name = std::nullopt;
      if (part.name.has_value()) data.entity_name = *part.name;
      record.entity.push_back(std::move(data));
    }
    record.key = key;
    record.value = value;
    records.push_back({std::move(record), 0});
  }
}

// Whose block it was is of no use any more: Kafka's image keeps only what comes next.
void add_producer_ids(const ProducerIdsImage& ids, Records& records) {
  if (ids == ProducerIdsImage{}) return;
  messages::ProducerIdsRecord record;
  record.broker_id = no_node;
  record.broker_epoch = -1;
  record.next_producer_id = ids.next;
  records.push_back({std::move(record), 0});
}

void add_acl(const Uuid& id, const AclImage& acl, Records& records) {
  messages::AccessControlEntryRecord record;
  record.id = id;
  record.resource_type = acl.resource_type;
  record.resource_name = acl.resource_name;
  record.pattern_type = acl.pattern_type;
  record.principal = acl.principal;
  record.host = acl.host;
  record.operation = acl.operation;
  record.permission_type = acl.permission_type;
  records.push_back({std::move(record), 0});
}

void add_credential(const ScramKey& key, const ScramCredentialImage& credential, Records& records) {
  messages::UserScramCredentialRecord record;
  record.name = key.user;
  record.mechanism = key.mechanism;
  record.salt = wire::Blob(credential.salt);
  record.stored_key = wire::Blob(credential.stored_key);
  record.server_key = wire::Blob(credential.server_key);
  record.iterations = credential.iterations;
  records.push_back({std::move(record), 0});
}

void add_token(const std::string& id, const DelegationTokenImage& token, Records& records) {
  messages::DelegationTokenRecord record;
  record.owner = token.owner;
  record.requester = token.requester;
  for (const auto& renewer : token.renewers) record.renewers.emplace_back(renewer);
  record.issue_timestamp = token.issued_ms;
  record.max_timestamp = token.max_ms;
  record.expiration_timestamp = token.expires_ms;
  record.token_id = id;
  records.push_back({std::move(record), 0});
}

// Hands the entries of one map on while there is room; a full slice goes on where it ended.
template <class Iterator, class Add>
void walk(Iterator& at, const Records& records, std::size_t most, Add add) {
  for (; records.size() < most && at != std::default_sentinel; ++at) add(at->first, at->second);
}

}  // namespace

MetadataRecord partition_record(const Uuid& topic, std::int32_t index, const PartitionImage& partition,
                                std::int16_t metadata_version) {
  messages::PartitionRecord record;
  record.partition_id = index;
  record.topic_id = topic;
  record.replicas = partition.replicas;
  record.isr = partition.isr;
  record.removing_replicas = partition.removing;
  record.adding_replicas = partition.adding;
  record.leader = partition.leader;
  record.leader_recovery_state = static_cast<std::int8_t>(partition.leader_recovery);
  record.leader_epoch = partition.leader_epoch;
  record.partition_epoch = partition.partition_epoch;
  if (has_directory_assignment(metadata_version)) record.directories = partition.directories;
  const bool keeps_elr = has_elr(metadata_version);
  if (keeps_elr && !partition.elr.empty()) record.eligible_leader_replicas = partition.elr;
  if (keeps_elr && !partition.last_known_elr.empty()) record.last_known_elr = partition.last_known_elr;
  return {std::move(record), partition_record_version(metadata_version)};
}

MetadataRecord register_broker_record(const BrokerImage& broker, std::int16_t metadata_version) {
  messages::RegisterBrokerRecord record;
  record.broker_id = broker.id;
  record.is_migrating_zk_broker = broker.migrating_from_zookeeper;
  record.incarnation_id = broker.incarnation;
  record.broker_epoch = broker.epoch;
  record.end_points = endpoints_of<messages::RegisterBrokerRecord::BrokerEndpoint>(broker.listeners);
  record.features = features_of<messages::RegisterBrokerRecord::BrokerFeature>(broker.features);
  record.rack = std::nullopt;
  if (broker.rack.has_value()) record.rack = *broker.rack;
  record.fenced = broker.fenced;
  record.in_controlled_shutdown = broker.in_controlled_shutdown;
  if (has_directory_assignment(metadata_version)) record.log_dirs = broker.directories;
  if (has_cordoned_directories(metadata_version)) record.cordoned_log_dirs = broker.cordoned_directories;
  return {std::move(record), register_broker_record_version(metadata_version)};
}

MetadataRecord register_controller_record(const ControllerImage& controller) {
  messages::RegisterControllerRecord record;
  record.controller_id = controller.id;
  record.incarnation_id = controller.incarnation;
  record.zk_migration_ready = controller.zookeeper_migration_ready;
  record.end_points = endpoints_of<messages::RegisterControllerRecord::ControllerEndpoint>(controller.listeners);
  record.features = features_of<messages::RegisterControllerRecord::ControllerFeature>(controller.features);
  return {std::move(record), 0};
}

ImageReader::ImageReader(ImageHandle image)
    : image_(std::move(image)),
      features_(image_->feature_levels().begin()),
      brokers_(image_->brokers().begin()),
      controllers_(image_->controllers().begin()),
      topics_(image_->topics_by_id().begin()),
      configs_(image_->all_configs().begin()),
      quotas_(image_->client_quotas().begin()),
      acls_(image_->acls().begin()),
      credentials_(image_->scram_credentials().begin()),
      tokens_(image_->delegation_tokens().begin()) {}

void ImageReader::read_cluster(std::size_t most, Records& records) {
  const std::int16_t release = image_->metadata_version();
  // Before everything else: readers decode the rest by it.
  if (!begun_ && release != 0) add_feature(metadata_version_feature, release, records);
  begun_ = true;
  walk(features_, records, most, [&](const std::string& name, std::int16_t level) {
    if (name != metadata_version_feature) add_feature(name, level, records);
  });
  walk(brokers_, records, most,
       [&](NodeId, const BrokerImage& broker) { records.push_back(register_broker_record(broker, release)); });
  walk(controllers_, records, most, [&](NodeId, const ControllerImage& controller) {
    if (has_controller_registration(release)) records.push_back(register_controller_record(controller));
  });
}

void ImageReader::read_topics(std::size_t most, Records& records) {
  while (records.size() < most && topics_ != std::default_sentinel) {
    const auto& [id, topic] = *topics_;
    if (!partitions_.has_value()) {
      add_topic(id, topic, records);
      partitions_ = topic.partitions.begin();
    }
    walk(*partitions_, records, most, [&](std::int32_t index, const PartitionImage& partition) {
      records.push_back(partition_record(id, index, partition, image_->metadata_version()));
    });
    if (*partitions_ != std::default_sentinel) return;
    partitions_.reset();
    ++topics_;
  }
}

void ImageReader::read_settings(std::size_t most, Records& records) {
  walk(configs_, records, most, [&](const auto& key, const auto& values) { add_configs(key, values, records); });
  walk(quotas_, records, most, [&](const auto& key, const auto& values) { add_quotas(key, values, records); });
  if (records.size() < most && !producer_ids_read_) {
    add_producer_ids(image_->producer_ids(), records);
    producer_ids_read_ = true;
  }
  walk(acls_, records, most, [&](const Uuid& id, const AclImage& acl) { add_acl(id, acl, records); });
  walk(credentials_, records, most, [&](const auto& key, const auto& value) { add_credential(key, value, records); });
  walk(tokens_, records, most, [&](const auto& id, const auto& token) { add_token(id, token, records); });
}

Records ImageReader::next(std::size_t most) {
  Records records;
  read_cluster(most, records);
  read_topics(most, records);
  read_settings(most, records);
  return records;
}

Records image_records(const MetadataImage& image) {
  // The reader holds its image; this one is the caller's.
  ImageReader reader(ImageHandle(ImageHandle{}, &image));
  return reader.next(SIZE_MAX);
}

}  // namespace highwater::metadata
