// Metadata: brokers of the client's listener, and who leads which partition.
// v1 controller, rack · v4 no creation when not wanted · v5 offline replicas · v7 leader epoch · v8 authorised
// operations v10 topic ids (v12 in requests) · v13 top-level error
#include <absl/container/flat_hash_set.h>

#include <algorithm>

#include "engine/quorum/metadata_publisher.h"
#include "machines/configs/broker_settings.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/api/versions.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "server/handlers/cluster_view.h"
#include "server/handlers/handlers.h"
#include "server/handlers/pace.h"
#include "server/handlers/topic_creation.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::MetadataRequest;
using messages::MetadataResponse;
using Topic = MetadataResponse::MetadataResponseTopic;
using Partition = MetadataResponse::MetadataResponsePartition;

// Named in one request. Kafka knows no limit; a client with more topics than this does not exist, an attacker may.
constexpr std::size_t named_topics_max = 100'000;

Topic failed_topic(ErrorCode error, std::optional<std::string_view> name, const Uuid& id = {}) {
  Topic topic;
  topic.error_code = api::wire_code(error);
  topic.name.reset();
  if (name) topic.name = wire::Text::borrow(*name);  // lies in the frame or the image, which the context holds
  topic.topic_id = id;
  topic.is_internal = name && api::is_internal_topic(*name);
  return topic;
}

class Answering {
 public:
  Answering(const MetadataRequest& request, RequestContext& context)
      : request_(request),
        context_(context),
        image_(*context.image),
        cluster_(image_, context.listener()),
        pace_(*context.doors.reactor) {}

  // Looks at the topics that are wanted.
  io::Task<void> look() {
    if (asks_amiss() != ErrorCode::none) co_return;
    if (all_topics()) {
      for (auto at = image_.topic_names().begin(); at != std::default_sentinel; ++at) {
        const std::size_t items = add_existing(*image_.find_topic(at->second));
        if (pace_.ends_turn(items)) co_await pace_.next_turn();
      }
      co_return;
    }
    for (const auto& asked : *request_.topics) {
      const std::size_t items = by_id_ ? add_by_id(asked) : add_by_name(asked);
      if (pace_.ends_turn(items)) co_await pace_.next_turn();
    }
  }

  // After look(): topics that the request may have made for it.
  const std::vector<std::string>& to_create() const { return to_create_; }

  // After look(), once.
  MetadataResponse answer() {
    if (asks_amiss() != ErrorCode::none) return refused();
    for (Topic& topic : missing_) response_.topics.push_back(std::move(topic));
    add_brokers();
    add_operations();
    if (pace_.turns_ended() > 0) context_.answer_length = AnswerLength::long_list;
    return std::move(response_);
  }

 private:
  // Kafka fails the request as a whole. Versions 10 and 11 have ids in the form but not in the meaning; a topic with
  // neither a name nor an id among names makes Kafka stumble.
  ErrorCode asks_amiss() const {
    if (names_ids_too_early_) return ErrorCode::invalid_request;
    return names_nothing_ ? ErrorCode::unknown_server_error : ErrorCode::none;
  }

  bool names_nothing() const {
    return request_.topics && !names_ids() &&
           std::ranges::any_of(*request_.topics, [](const auto& topic) { return !topic.name; });
  }

  bool names_ids_too_early() const {
    if (!request_.topics || api::metadata_accepts_topic_ids(context_.version())) return false;
    return std::ranges::any_of(*request_.topics,
                               [](const auto& topic) { return !topic.name || !topic.topic_id.is_zero(); });
  }

  bool names_ids() const {
    return request_.topics &&
           std::ranges::any_of(*request_.topics, [](const auto& topic) { return !topic.topic_id.is_zero(); });
  }

  MetadataResponse refused() {
    for (const auto& topic : *request_.topics) {
      const auto name = topic.name ? std::optional(topic.name->view()) : std::optional(std::string_view());
      response_.topics.push_back(failed_topic(asks_amiss(), name, topic.topic_id));
    }
    response_.error_code = api::wire_code(asks_amiss());
    return std::move(response_);
  }

  bool all_topics() const {
    return !request_.topics || (request_.topics->empty() && api::metadata_empty_list_means_all(context_.version()));
  }

  // These give how many topics and partitions they looked at.
  std::size_t add_by_id(const MetadataRequest::MetadataRequestTopic& asked) {
    const Uuid& id = asked.topic_id;
    if (id.is_zero() || !ids_.insert(id).second) return 1;
    const metadata::TopicImage* topic = image_.find_topic(id);
    if (topic == nullptr) {
      response_.topics.push_back(failed_topic(ErrorCode::unknown_topic_id, std::nullopt, id));
    } else if (!context_.allows(Operation::describe, Resource::topic, topic->name)) {
      response_.topics.push_back(failed_topic(ErrorCode::topic_authorization_failed, std::nullopt, id));
    } else {
      return add_existing(*topic);
    }
    return 1;
  }

  std::size_t add_by_name(const MetadataRequest::MetadataRequestTopic& asked) {
    if (!asked.name || !names_.insert(asked.name->view()).second) return 1;
    const std::string_view name = asked.name->view();
    const metadata::TopicImage* topic = image_.find_topic(name);
    if (!context_.allows(Operation::describe, Resource::topic, name)) {
      missing_.push_back(failed_topic(ErrorCode::topic_authorization_failed, name));
    } else if (topic != nullptr) {
      return add_existing(*topic);
    } else {
      add_missing(name);
    }
    return 1;
  }

  void add_missing(std::string_view name) {
    const bool may_create =
        context_.doors.settings->topics.auto_create &&
        (request_.allow_auto_topic_creation || api::metadata_always_creates_topics(context_.version()));
    if (may_create && !context_.allows(Operation::create, Resource::cluster, cluster_resource) &&
        !context_.allows(Operation::create, Resource::topic, name)) {
      missing_.push_back(failed_topic(ErrorCode::topic_authorization_failed, name));
      return;
    }
    const bool valid = controller::topic_name_problem(name).empty();
    missing_.push_back(
        failed_topic(valid ? ErrorCode::unknown_topic_or_partition : ErrorCode::invalid_topic_exception, name));
    if (valid && may_create && to_create_.size() < TopicCreation::asked_for_max) to_create_.emplace_back(name);
  }

  std::size_t add_existing(const metadata::TopicImage& image) {
    if (!context_.allows(Operation::describe, Resource::topic, image.name)) return 1;
    Topic topic;
    topic.name = wire::Text::borrow(image.name);
    topic.topic_id = image.id;
    topic.is_internal = api::is_internal_topic(image.name);
    topic.partitions.reserve(image.partitions.size());
    for (const auto& [index, partition] : image.partitions) topic.partitions.push_back(describe(index, partition));
    response_.topics.push_back(std::move(topic));
    return 1 + image.partitions.size();
  }

  Partition describe(std::int32_t index, const metadata::PartitionImage& image) const {
    Partition partition;
    partition.partition_index = index;
    partition.leader_epoch = image.leader_epoch;
    if (api::metadata_hides_dead_replicas(context_.version())) {
      partition.replica_nodes = cluster_.alive_among(image.replicas);
      partition.isr_nodes = cluster_.alive_among(image.isr);
    } else {
      partition.replica_nodes = image.replicas;
      partition.isr_nodes = image.isr;
    }
    partition.offline_replicas = cluster_.offline_replicas(image);
    ErrorCode error = ErrorCode::none;
    if (cluster_.node(image.leader)) {
      partition.leader_id = image.leader;
      const bool some_missing =
          partition.replica_nodes.size() < image.replicas.size() || partition.isr_nodes.size() < image.isr.size();
      if (some_missing) error = ErrorCode::replica_not_available;
    } else {
      partition.leader_id = no_node;
      const bool exists = image_.find_broker(image.leader) != nullptr;
      error = exists && api::metadata_knows_listener_not_found(context_.version()) ? ErrorCode::listener_not_found
                                                                                   : ErrorCode::leader_not_available;
    }
    partition.error_code = api::wire_code(error);
    return partition;
  }

  void add_brokers() {
    for (const Node& node : cluster_.nodes(ClusterView::Fenced::left_out)) {
      MetadataResponse::MetadataResponseBroker broker;
      broker.node_id = node.broker->id;
      broker.host = wire::Text::borrow(node.address->host);
      broker.port = node.address->port;
      if (node.broker->rack) broker.rack = wire::Text::borrow(*node.broker->rack);
      response_.brokers.push_back(std::move(broker));
    }
    response_.cluster_id = wire::Text(context_.doors.cluster_id);
    response_.controller_id = cluster_.any_alive(context_.doors.reactor->random());
  }

  void add_operations() {
    const Access& access = context_.doors.access;
    if (request_.include_cluster_authorized_operations && api::metadata_has_cluster_operations(context_.version())) {
      response_.cluster_authorized_operations =
          context_.allows(Operation::describe, Resource::cluster, cluster_resource)
              ? access.operations(context_.peer.principal, Resource::cluster, cluster_resource)
              : 0;
    }
    if (request_.include_topic_authorized_operations && api::metadata_has_topic_operations(context_.version())) {
      for (Topic& topic : response_.topics) {
        if (topic.error_code == api::wire_code(ErrorCode::topic_authorization_failed) || !topic.name) continue;
        topic.topic_authorized_operations =
            access.operations(context_.peer.principal, Resource::topic, topic.name->view());
      }
    }
  }

  const MetadataRequest& request_;
  RequestContext& context_;
  const metadata::MetadataImage& image_;
  ClusterView cluster_;
  const bool names_ids_too_early_ = names_ids_too_early();
  const bool names_nothing_ = names_nothing();
  const bool by_id_ = names_ids();
  Pace pace_;
  absl::flat_hash_set<std::string_view> names_;  // that were looked at; each is told once
  absl::flat_hash_set<Uuid, UuidHash> ids_;
  MetadataResponse response_;
  std::vector<std::string> to_create_;
  std::vector<Topic> missing_;  // told after those that exist
};

}  // namespace

MetadataResponse too_many_topics() {
  MetadataResponse response;
  response.topics.push_back(failed_topic(ErrorCode::invalid_request, std::string_view()));
  response.error_code = api::wire_code(ErrorCode::invalid_request);
  return response;
}

io::Task<MetadataResponse> metadata_of(const MetadataRequest& request, RequestContext& context) {
  if (request.topics && request.topics->size() > named_topics_max) co_return too_many_topics();
  Answering first(request, context);
  co_await first.look();
  if (first.to_create().empty()) co_return first.answer();
  co_await context.doors.topic_creation->ask_for(first.to_create(), context);
  context.image = context.doors.metadata->image();
  Answering second(request, context);
  co_await second.look();
  co_return second.answer();
}

}  // namespace highwater::server
