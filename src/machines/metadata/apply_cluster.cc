#include <fmt/core.h>

#include <algorithm>

#include "machines/metadata/apply.h"

namespace highwater::metadata {

namespace {

template <class Endpoints>
std::vector<ListenerImage> listeners_of(const Endpoints& endpoints) {
  std::vector<ListenerImage> listeners;
  for (const auto& endpoint : endpoints) {
    listeners.push_back({endpoint.name.str(), endpoint.host.str(), endpoint.port, endpoint.security_protocol});
  }
  return listeners;
}

template <class Features>
std::map<std::string, FeatureRange> features_of(const Features& features) {
  std::map<std::string, FeatureRange> ranges;
  for (const auto& feature : features) {
    ranges[feature.name.str()] = {feature.min_supported_version, feature.max_supported_version};
  }
  return ranges;
}

}  // namespace

Result<void> RecordApplier::operator()(const messages::RegisterBrokerRecord& record) const {
  BrokerImage broker;
  broker.id = record.broker_id;
  broker.epoch = record.broker_epoch;
  broker.incarnation = record.incarnation_id;
  broker.listeners = listeners_of(record.end_points);
  broker.features = features_of(record.features);
  if (record.rack.has_value()) broker.rack = record.rack->str();
  broker.fenced = record.fenced;
  broker.in_controlled_shutdown = record.in_controlled_shutdown;
  broker.migrating_from_zookeeper = record.is_migrating_zk_broker;
  broker.directories = record.log_dirs;
  std::ranges::sort(broker.directories);
  broker.cordoned_directories = record.cordoned_log_dirs;
  image().brokers_.set(record.broker_id, std::move(broker));
  delta.brokers_[record.broker_id] = BrokerChange::registered;
  return {};
}

Result<void> RecordApplier::operator()(const messages::UnregisterBrokerRecord& record) const {
  if (!image().brokers_.erase(record.broker_id)) {
    return failure(fmt::format("broker {} is unregistered although it is not registered", record.broker_id));
  }
  delta.brokers_[record.broker_id] = BrokerChange::removed;
  return {};
}

Result<BrokerImage*> RecordApplier::edit_broker(NodeId id, BrokerEpoch epoch) const {
  const BrokerImage* broker = image().brokers_.find(id);
  if (broker == nullptr) return failure(fmt::format("broker {} is changed although it is not registered", id));
  if (broker->epoch != epoch) {
    return failure(fmt::format("broker {} is changed at epoch {}, but its epoch is {}", id, epoch, broker->epoch));
  }
  delta.brokers_.try_emplace(id, BrokerChange::changed);
  return &image().brokers_.edit(id);
}

Result<void> RecordApplier::operator()(const messages::FenceBrokerRecord& record) const {
  auto edited = edit_broker(record.id, record.epoch);
  if (!edited.has_value()) return std::unexpected(edited.error());
  (*edited)->fenced = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::UnfenceBrokerRecord& record) const {
  auto edited = edit_broker(record.id, record.epoch);
  if (!edited.has_value()) return std::unexpected(edited.error());
  (*edited)->fenced = false;
  return {};
}

Result<void> RecordApplier::operator()(const messages::BrokerRegistrationChangeRecord& record) const {
  if (record.fenced < -1 || record.fenced > 1 || record.in_controlled_shutdown < 0 ||
      record.in_controlled_shutdown > 1) {
    return failure(fmt::format("a change of broker {} has unknown states ({}, {})", record.broker_id, record.fenced,
                               record.in_controlled_shutdown));
  }
  auto edited = edit_broker(record.broker_id, record.broker_epoch);
  if (!edited.has_value()) return std::unexpected(edited.error());
  BrokerImage& broker = **edited;
  if (record.fenced != 0) broker.fenced = record.fenced == 1;
  if (record.in_controlled_shutdown == 1) broker.in_controlled_shutdown = true;
  if (!record.log_dirs.empty()) {
    broker.directories = record.log_dirs;
    std::ranges::sort(broker.directories);
  }
  if (record.cordoned_log_dirs.has_value()) broker.cordoned_directories = record.cordoned_log_dirs;
  return {};
}

Result<void> RecordApplier::operator()(const messages::RegisterControllerRecord& record) const {
  ControllerImage controller;
  controller.id = record.controller_id;
  controller.incarnation = record.incarnation_id;
  controller.zookeeper_migration_ready = record.zk_migration_ready;
  controller.listeners = listeners_of(record.end_points);
  controller.features = features_of(record.features);
  image().controllers_.set(record.controller_id, std::move(controller));
  delta.controllers_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::FeatureLevelRecord& record) const {
  const std::string name = record.name.str();
  if (record.feature_level == 0) {
    image().features_.erase(name);
  } else {
    image().features_.set(name, record.feature_level);
  }
  delta.features_.insert(name);
  return {};
}

Result<void> RecordApplier::operator()(const messages::ProducerIdsRecord& record) const {
  image().producer_ids_ = {record.broker_id, record.broker_epoch, record.next_producer_id};
  delta.producer_ids_changed_ = true;
  return {};
}

// Kafka 4 has no ZooKeeper; logs that came from 3.x still hold the record.
Result<void> RecordApplier::operator()(const messages::ZkMigrationStateRecord&) const { return {}; }

// Moves the offset only.
Result<void> RecordApplier::operator()(const messages::NoOpRecord&) const { return {}; }

}  // namespace highwater::metadata
