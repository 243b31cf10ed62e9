// For the tests of this room: a controller of node 1 whose decisions are applied at once.
#pragma once

#include <doctest/doctest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "machines/controller/activation.h"
#include "machines/controller/controller.h"
#include "machines/metadata/features.h"
#include "machines/metadata/loader.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::controller::world {

using api::ErrorCode;

inline constexpr std::string_view cluster_name = "cluster";
inline constexpr Instant begin{1'000'000'000};

inline Uuid directory_of(NodeId id) { return Uuid::from_halves(1000, static_cast<std::uint64_t>(id)); }

inline BootstrapSource bootstrap(std::int16_t elr) {
  BootstrapSource source;
  const auto add = [&](std::string_view name, std::int16_t level) {
    messages::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    source.records.push_back({std::move(record), 0});
  };
  add(metadata::metadata_version_feature, metadata::newest_metadata_version);
  if (elr > 0) add(metadata::elr_feature, elr);
  source.name = "test";
  return source;
}

// The controller of node 1 with what it has decided so far applied at once.
struct World {
  explicit World(std::int16_t elr = 1) : controller(settings()) {
    auto activation = activation_records(loader, bootstrap(elr), 1);
    REQUIRE(activation.has_value());
    apply(activation->records);
    controller.activate(image, now);
  }

  static ControllerSettings settings() {
    ControllerSettings settings;
    settings.node = 1;
    settings.cluster_id = cluster_name;
    settings.default_partitions = 3;
    return settings;
  }

  void apply(const metadata::Records& records) {
    if (records.empty()) return;
    next += static_cast<Offset>(records.size());
    REQUIRE(loader.on_batch(records, {next - 1, 1, 0}).has_value());
    auto publication = loader.publish();
    image = publication->image;
    controller.on_image(image, *publication->delta);
    last = records;
  }
  void raise_kraft_version(std::int16_t level) {
    loader.on_kraft_version(level);
    apply({{messages::NoOpRecord{}, 0}});
  }
  template <class Answer>
  Answer take(Decision<Answer> decision) {
    last.clear();
    apply(decision.records);
    return std::move(decision.answer);
  }

  messages::BrokerRegistrationRequest registration(NodeId id, std::uint64_t incarnation) const {
    messages::BrokerRegistrationRequest request;
    request.broker_id = id;
    request.cluster_id = cluster_name;
    request.incarnation_id = Uuid::from_halves(9, incarnation);
    for (const auto& [name, range] : metadata::supported_ranges()) {
      request.features.push_back({name, range.lowest, range.highest});
    }
    request.rack = std::nullopt;
    request.log_dirs = {directory_of(id)};
    return request;
  }
  messages::BrokerRegistrationResponse register_broker(const messages::BrokerRegistrationRequest& request) {
    return take(controller.register_broker(request, {now, next}));
  }
  enum class Wish { stay_fenced, serve, leave };
  messages::BrokerHeartbeatRequest heartbeat(NodeId id, Wish wish) const {
    messages::BrokerHeartbeatRequest request;
    request.broker_id = id;
    request.broker_epoch = image->find_broker(id)->epoch;
    request.current_metadata_offset = next - 1;
    request.want_fence = wish == Wish::stay_fenced;
    request.want_shut_down = wish == Wish::leave;
    return request;
  }
  messages::BrokerHeartbeatResponse beat(NodeId id, Wish wish) {
    return take(controller.heartbeat(heartbeat(id, wish), {now, next}));
  }
  void join(NodeId id, std::uint64_t incarnation = 1) {
    REQUIRE(register_broker(registration(id, incarnation)).error_code == 0);
    REQUIRE(!beat(id, Wish::serve).is_fenced);
  }

  messages::CreateTopicsResponse::CreatableTopicResult create(std::string_view name, std::int32_t partitions = 1,
                                                              std::int16_t replicas = 1) {
    messages::CreateTopicsRequest request;
    request.topics.push_back(wish(name, partitions, replicas));
    return take(controller.create_topics(request, random)).topics.at(0);
  }
  static messages::CreateTopicsRequest::CreatableTopic wish(std::string_view name, std::int32_t partitions,
                                                            std::int16_t replicas) {
    messages::CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = replicas;
    return topic;
  }
  const metadata::PartitionImage& partition(std::string_view topic, std::int32_t index = 0) const {
    return *image->find_topic(topic)->find_partition(index);
  }

  metadata::MetadataLoader loader{std::make_shared<const metadata::MetadataImage>()};
  metadata::ImageHandle image;
  Controller controller;
  Instant now = begin;
  Offset next = 0;
  Random random{3};
  metadata::Records last;
};

inline std::int16_t code(ErrorCode error) { return api::wire_code(error); }

inline std::vector<std::string_view> names(const metadata::Records& records) {
  std::vector<std::string_view> all;
  for (const auto& record : records) all.push_back(metadata::record_name(record));
  return all;
}

using Names = std::vector<std::string_view>;

}  // namespace highwater::controller::world
