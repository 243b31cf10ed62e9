#include "machines/metadata/snapshot.h"

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

void add_features(const MetadataImage& image, Records& records) {
  const auto add = [&](const std::string& name, std::int16_t level) {
    messages::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records.push_back({std::move(record), 0});
  };
  if (image.metadata_version() != 0) add(std::string(metadata_version_feature), image.metadata_version());
  for (const auto& [name, level] : image.feature_levels()) {
    if (name != metadata_version_feature) add(name, level);
  }
}

void add_topics(const MetadataImage& image, Records& records) {
  for (const auto& [id, topic] : image.topics_by_id()) {
    messages::TopicRecord record;
    record.name = topic.name;
    record.topic_id = id;
    records.push_back({std::move(record), 0});
    for (const auto& [index, partition] : topic.partitions) {
      records.push_back(partition_record(id, index, partition, image.metadata_version()));
    }
  }
}

void add_configs(const MetadataImage& image, Records& records) {
  for (const auto& [resource, values] : image.all_configs()) {
    for (const auto& [name, value] : values) {
      messages::ConfigRecord record;
      record.resource_type = static_cast<std::int8_t>(resource.type);
      record.resource_name = resource.name;
      record.name = name;
      record.value = value;
      records.push_back({std::move(record), 0});
    }
  }
}

void add_quotas(const MetadataImage& image, Records& records) {
  for (const auto& [entity, values] : image.client_quotas()) {
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
}

void add_producer_ids(const MetadataImage& image, Records& records) {
  const ProducerIdsImage& ids = image.producer_ids();
  if (ids == ProducerIdsImage{}) return;
  messages::ProducerIdsRecord record;
  record.broker_id = ids.broker;
  record.broker_epoch = ids.broker_epoch;
  record.next_producer_id = ids.next;
  records.push_back({std::move(record), 0});
}

void add_security(const MetadataImage& image, Records& records) {
  for (const auto& [id, acl] : image.acls()) {
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
  for (const auto& [key, credential] : image.scram_credentials()) {
    messages::UserScramCredentialRecord record;
    record.name = key.user;
    record.mechanism = key.mechanism;
    record.salt = wire::Blob(credential.salt);
    record.stored_key = wire::Blob(credential.stored_key);
    record.server_key = wire::Blob(credential.server_key);
    record.iterations = credential.iterations;
    records.push_back({std::move(record), 0});
  }
  for (const auto& [id, token] : image.delegation_tokens()) {
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

Records image_records(const MetadataImage& image) {
  Records records;
  add_features(image, records);
  for (const auto& [id, broker] : image.brokers()) {
    records.push_back(register_broker_record(broker, image.metadata_version()));
  }
  if (has_controller_registration(image.metadata_version())) {
    for (const auto& [id, controller] : image.controllers()) records.push_back(register_controller_record(controller));
  }
  add_topics(image, records);
  add_configs(image, records);
  add_quotas(image, records);
  add_producer_ids(image, records);
  add_security(image, records);
  return records;
}

}  // namespace highwater::metadata
