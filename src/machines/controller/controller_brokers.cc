#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"
#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/metadata/features.h"
#include "machines/metadata/snapshot.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"
#include "protocol/messages/unregister_broker_request.h"
#include "protocol/messages/unregister_broker_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using api::wire_code;

// Directory ids 0 to 99 stand for something else than a directory (org.apache.kafka.common.DirectoryId).
bool is_reserved(const Uuid& directory) { return directory < Uuid::from_halves(0, 100); }

bool directories_fit(const metadata::MetadataImage& image, const messages::BrokerRegistrationRequest& request) {
  auto sorted = request.log_dirs;
  std::ranges::sort(sorted);
  if (sorted.empty() || std::ranges::any_of(sorted, is_reserved)) return false;
  if (std::ranges::adjacent_find(sorted) != sorted.end()) return false;
  for (const auto& [id, broker] : image.brokers()) {
    if (id == request.broker_id) continue;
    for (const Uuid& directory : broker.directories) {
      if (std::ranges::binary_search(sorted, directory)) return false;
    }
  }
  return true;
}

// Every finalised feature lies in the broker's range; one that it does not name counts as 0 to 0.
bool features_fit(const metadata::MetadataImage& image, const messages::BrokerRegistrationRequest& request) {
  for (const auto& [name, level] : image.feature_levels()) {
    metadata::FeatureRange range;
    for (const auto& feature : request.features) {
      if (feature.name == name) range = {feature.min_supported_version, feature.max_supported_version};
    }
    if (level < range.lowest || level > range.highest) return false;
  }
  for (const auto& feature : request.features) {
    // Kafka refuses a range without 0 for what is not finalised here.
    if (image.feature_level(feature.name.view()) == 0 && feature.min_supported_version > 0) return false;
  }
  return true;
}

metadata::BrokerImage broker_of(const messages::BrokerRegistrationRequest& request) {
  metadata::BrokerImage broker;
  broker.id = request.broker_id;
  broker.incarnation = request.incarnation_id;
  for (const auto& listener : request.listeners) {
    broker.listeners.push_back({listener.name.str(), listener.host.str(), listener.port, listener.security_protocol});
  }
  for (const auto& feature : request.features) {
    broker.features[feature.name.str()] = {feature.min_supported_version, feature.max_supported_version};
  }
  if (request.rack.has_value()) broker.rack = request.rack->str();
  broker.directories = request.log_dirs;
  return broker;
}

metadata::MetadataRecord change_of(const messages::BrokerRegistrationChangeRecord& change, std::int16_t version) {
  return {change, version};
}

}  // namespace

Controller::Controller(ControllerSettings settings)
    : settings_(std::move(settings)),
      image_(std::make_shared<const metadata::MetadataImage>()),
      heartbeats_(settings_.session_timeout) {
  take_broker_configs();
}

void Controller::activate(metadata::ImageHandle image, Instant now) {
  metadata::MetadataDelta everything(std::make_shared<const metadata::MetadataImage>());
  for (const auto& record : metadata::image_records(*image)) HW_CHECK(everything.apply(record).has_value());
  index_ = {};
  index_.update(everything, *image);
  image_ = std::move(image);
  take_broker_configs();
  // What it knew may stand on records that were never written: without room for them it stands on an older image.
  heartbeats_ = BrokerHeartbeats(settings_.session_timeout);
  for (const auto& [id, broker] : image_->brokers()) {
    heartbeats_.register_broker(
        id, broker.epoch, broker.fenced ? BrokerHeartbeats::Fencing::fenced : BrokerHeartbeats::Fencing::unfenced);
    heartbeats_.hear(id, broker.epoch, now);
  }
}

void Controller::on_image(metadata::ImageHandle image, const metadata::MetadataDelta& delta) {
  index_.update(delta, *image);
  image_ = std::move(image);
  const auto of_broker = [](const metadata::ConfigResource& resource) {
    return resource.type == metadata::ResourceType::broker;
  };
  if (std::ranges::any_of(delta.configs(), of_broker)) take_broker_configs();
}

std::int16_t Controller::refuse_registration(const messages::BrokerRegistrationRequest& request, Instant now) const {
  if (request.cluster_id != settings_.cluster_id) return wire_code(ErrorCode::inconsistent_cluster_id);
  const metadata::BrokerImage* existing = image_->find_broker(request.broker_id);
  // The own node needs no proof that its former process is gone: this process holds the lock of its directories.
  if (existing != nullptr && request.broker_id != settings_.node && existing->incarnation != request.incarnation_id &&
      heartbeats_.has_session(request.broker_id, existing->epoch, now)) {
    return wire_code(ErrorCode::duplicate_broker_registration);
  }
  if (request.is_migrating_zk_broker) return wire_code(ErrorCode::broker_id_not_registered);
  if (metadata::has_directory_assignment(image_->metadata_version()) && !directories_fit(*image_, request)) {
    return wire_code(ErrorCode::invalid_registration);
  }
  const auto names_metadata_version = [](const auto& feature) {
    return feature.name == metadata::metadata_version_feature;
  };
  if (std::ranges::none_of(request.features, names_metadata_version)) {
    return wire_code(ErrorCode::invalid_registration);
  }
  if (!features_fit(*image_, request)) return wire_code(ErrorCode::unsupported_version);
  return 0;
}

Decision<messages::BrokerRegistrationResponse> Controller::register_broker(
    const messages::BrokerRegistrationRequest& request, const Moment& moment) {
  Decision<messages::BrokerRegistrationResponse> decision;
  decision.answer.error_code = refuse_registration(request, moment.now);
  decision.answer.broker_epoch = -1;
  if (decision.answer.error_code != 0) return decision;

  metadata::BrokerImage broker = broker_of(request);
  const metadata::BrokerImage* existing = image_->find_broker(request.broker_id);
  const bool same_incarnation = existing != nullptr && existing->incarnation == request.incarnation_id;
  if (same_incarnation) {
    broker.fenced = existing->fenced;
    broker.in_controlled_shutdown = existing->in_controlled_shutdown;
    broker.epoch = existing->epoch;
  } else {
    const bool clean = existing != nullptr && existing->epoch == request.previous_broker_epoch;
    take_from(request.broker_id, elr_enabled() && !clean ? Departure::unclean : Departure::fenced, decision.records);
    broker.epoch = moment.next_offset;
  }
  decision.records.push_back(metadata::register_broker_record(broker, image_->metadata_version()));
  // The registration comes last: if only a part is written, the broker comes again.
  decision.atomicity = Atomicity::divisible;
  decision.answer.broker_epoch = broker.epoch;

  if (!same_incarnation) heartbeats_.remove(request.broker_id);
  heartbeats_.register_broker(request.broker_id, broker.epoch,
                              broker.fenced ? BrokerHeartbeats::Fencing::fenced : BrokerHeartbeats::Fencing::unfenced);
  registration_offsets_[request.broker_id] = moment.next_offset + static_cast<Offset>(decision.records.size()) - 1;
  return decision;
}

std::int16_t Controller::check_epoch(NodeId broker, BrokerEpoch epoch) const {
  const metadata::BrokerImage* existing = image_->find_broker(broker);
  if (existing == nullptr) return wire_code(ErrorCode::stale_broker_epoch);
  return existing->epoch == epoch ? std::int16_t{0} : wire_code(ErrorCode::stale_broker_epoch);
}

void Controller::change_standing(const messages::BrokerHeartbeatRequest& request, BrokerStanding next,
                                 metadata::Records& records) const {
  messages::BrokerRegistrationChangeRecord change;
  change.broker_id = request.broker_id;
  change.broker_epoch = request.broker_epoch;
  switch (next) {
    case BrokerStanding::fenced:
    case BrokerStanding::gone:
      fence(request.broker_id, records);
      return;
    case BrokerStanding::active:
      change.fenced = -1;
      records.push_back(change_of(change, 0));
      give_to(request.broker_id, records);
      return;
    case BrokerStanding::leaving:
      if (!image_->find_broker(request.broker_id)->in_controlled_shutdown) {
        change.in_controlled_shutdown = 1;
        records.push_back(change_of(change, 1));
      }
      take_from(request.broker_id, Departure::leaving, records);
      return;
  }
}

void Controller::note_directories(const messages::BrokerHeartbeatRequest& request, metadata::Records& records) const {
  const metadata::BrokerImage& broker = *image_->find_broker(request.broker_id);
  messages::BrokerRegistrationChangeRecord change;
  change.broker_id = request.broker_id;
  change.broker_epoch = request.broker_epoch;
  if (metadata::has_directory_assignment(image_->metadata_version())) {
    std::vector<Uuid> online = broker.directories;
    std::erase_if(online, [&](const Uuid& directory) {
      return std::ranges::find(request.offline_log_dirs, directory) != request.offline_log_dirs.end();
    });
    if (online.size() != broker.directories.size()) {
      PartitionSet lost;
      for (const TopicPartition& where : index_.in_isr(request.broker_id)) {
        const metadata::PartitionImage& partition = *image_->find_partition(where);
        for (std::size_t i = 0; i < partition.replicas.size() && i < partition.directories.size(); ++i) {
          // A replica whose directory nobody knows yet counts as online.
          const bool unknown =
              partition.directories[i] == metadata::unassigned_directory || partition.directories[i].is_zero();
          const bool online_there = unknown || std::ranges::find(online, partition.directories[i]) != online.end();
          if (partition.replicas[i] == request.broker_id && !online_there) lost.insert(where);
        }
      }
      shift_partitions(lost, Electorate{*image_, no_node, request.broker_id}, no_node, records);
      change.log_dirs = std::move(online);
      records.push_back(change_of(change, 2));
      change.log_dirs.clear();
    }
  }
  if (!metadata::has_cordoned_directories(image_->metadata_version())) return;
  if (request.cordoned_log_dirs.has_value() && request.cordoned_log_dirs != broker.cordoned_directories) {
    change.cordoned_log_dirs = request.cordoned_log_dirs;
    records.push_back(change_of(change, 3));
  }
}

Decision<messages::BrokerHeartbeatResponse> Controller::heartbeat(const messages::BrokerHeartbeatRequest& request,
                                                                  const Moment& moment) {
  Decision<messages::BrokerHeartbeatResponse> decision;
  decision.atomicity = Atomicity::divisible;
  decision.answer.error_code = check_epoch(request.broker_id, request.broker_epoch);
  if (decision.answer.error_code != 0) return decision;
  heartbeats_.hear(request.broker_id, request.broker_epoch, moment.now);

  const auto noted = registration_offsets_.find(request.broker_id);
  const Offset registered_at = noted == registration_offsets_.end() ? request.broker_epoch : noted->second;
  const BrokerStanding before = heartbeats_.standing(request.broker_id);
  const BrokerStanding next = heartbeats_.next_standing(
      request.broker_id, {request.want_fence, request.want_shut_down, request.current_metadata_offset},
      {registered_at, index_.leads_any(request.broker_id)});
  if (before != next) change_standing(request, next, decision.records);
  const bool fenced = next == BrokerStanding::fenced || next == BrokerStanding::gone;
  heartbeats_.note(request.broker_id, fenced ? BrokerHeartbeats::Fencing::fenced : BrokerHeartbeats::Fencing::unfenced,
                   request.current_metadata_offset);
  note_directories(request, decision.records);
  if (next == BrokerStanding::leaving) {
    heartbeats_.begin_leaving(request.broker_id, moment.next_offset + static_cast<Offset>(decision.records.size()) - 1);
  }
  decision.answer.is_caught_up = request.current_metadata_offset >= registered_at;
  decision.answer.is_fenced = fenced;
  decision.answer.should_shut_down = next == BrokerStanding::gone;
  return decision;
}

Decision<messages::UnregisterBrokerResponse> Controller::unregister_broker(
    const messages::UnregisterBrokerRequest& request) {
  Decision<messages::UnregisterBrokerResponse> decision;
  const metadata::BrokerImage* broker = image_->find_broker(request.broker_id);
  if (broker == nullptr) {
    refuse(request,
           {ErrorCode::broker_id_not_registered,
            fmt::format("Broker ID {} is not currently registered", request.broker_id)},
           decision.answer);
    return decision;
  }
  const Electorate others{*image_, no_node, broker->id};
  shift_partitions(index_.in_isr(broker->id), others, no_node, decision.records);
  shift_partitions(index_.in_elr(broker->id), others, no_node, decision.records);
  messages::UnregisterBrokerRecord record;
  record.broker_id = broker->id;
  record.broker_epoch = broker->epoch;
  decision.records.push_back({std::move(record), 0});
  if (decision.records.size() > records_per_operation_max) {
    decision.records.clear();
    refuse(request, too_large_operation(), decision.answer);
    return decision;
  }
  // The registration goes last: if only a part is written, the operator asks again.
  decision.atomicity = Atomicity::divisible;
  heartbeats_.remove(broker->id);
  registration_offsets_.erase(broker->id);
  return decision;
}

metadata::Records Controller::tick(Instant now) {
  metadata::Records records;
  while (records.empty()) {
    const auto expired = heartbeats_.take_expired(now);
    if (!expired.has_value()) break;
    const metadata::BrokerImage* broker = image_->find_broker(expired->broker);
    if (broker == nullptr || broker->epoch != expired->epoch || broker->fenced) continue;
    heartbeats_.note(expired->broker, BrokerHeartbeats::Fencing::fenced, no_offset);
    fence(expired->broker, records);
  }
  return records;
}

Decision<messages::AllocateProducerIdsResponse> Controller::allocate_producer_ids(
    const messages::AllocateProducerIdsRequest& request) {
  Decision<messages::AllocateProducerIdsResponse> decision;
  decision.answer.error_code = check_epoch(request.broker_id, request.broker_epoch);
  if (decision.answer.error_code != 0) return decision;
  const ProducerId first = image_->producer_ids().next;
  if (first > INT64_MAX - producer_id_block) {
    decision.answer.error_code = wire_code(ErrorCode::unknown_server_error);
    return decision;
  }
  messages::ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first + producer_id_block;
  decision.records.push_back({std::move(record), 0});
  decision.answer.producer_id_start = first;
  decision.answer.producer_id_len = producer_id_block;
  return decision;
}

}  // namespace highwater::controller
