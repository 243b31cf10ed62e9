// Metadata: brokers of the client's listener, and who leads which partition.
// v1 controller, rack · v4 no creation when not wanted · v5 offline replicas · v7 leader epoch · v8 authorised
// operations v10 topic ids (v12 in requests) · v13 top-level error
#include <algorithm>
#include <map>
#include <set>

#include "engine/quorum/metadata_publisher.h"
#include "io/reactor.h"
#include "machines/configs/broker_settings.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/api/versions.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "server/handlers/cluster_view.h"
#include "server/handlers/handlers.h"
#include "server/handlers/topic_creation.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::MetadataRequest;
using messages::MetadataResponse;
using Topic = MetadataResponse::MetadataResponseTopic;
using Partition = MetadataResponse::MetadataResponsePartition;

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
      : request_(request), context_(context), image_(*context.image), cluster_(image_, context.listener()) {}

  // Topics that the request may have made for it; known after answer().
  const std::vector<std::string>& to_create() const { return to_create_; }

  MetadataResponse answer() {
    if (asks_amiss()) return refused();
    add_topics();
    for (Topic& topic : missing_) response_.topics.push_back(std::move(topic));
    add_brokers();
    add_operations();
    return std::move(response_);
  }

 private:
  // Versions 10 and 11 have ids in the form but not in the meaning; Kafka fails the request as a whole.
  bool asks_amiss() const {
    if (!request_.topics || api::metadata_accepts_topic_ids(context_.version())) return false;
    return std::ranges::any_of(*request_.topics,
                               [](const auto& topic) { return !topic.name || !topic.topic_id.is_zero(); });
  }

  MetadataResponse refused() {
    for (const auto& topic : *request_.topics) {
      const auto name = topic.name ? std::optional(topic.name->view()) : std::optional(std::string_view());
      response_.topics.push_back(failed_topic(ErrorCode::invalid_request, name, topic.topic_id));
    }
    response_.error_code = api::wire_code(ErrorCode::invalid_request);
    return std::move(response_);
  }

  bool all_topics() const {
    return !request_.topics || (request_.topics->empty() && api::metadata_empty_list_means_all(context_.version()));
  }

  void add_topics() {
    if (all_topics()) {
      for (const auto& [name, id] : image_.topic_names()) add_existing(*image_.find_topic(id));
      return;
    }
    const bool by_id =
        std::ranges::any_of(*request_.topics, [](const auto& topic) { return !topic.topic_id.is_zero(); });
    by_id ? add_by_id() : add_by_name();
  }

  void add_by_id() {
    std::set<Uuid> ids;
    for (const auto& topic : *request_.topics) {
      if (!topic.topic_id.is_zero()) ids.insert(topic.topic_id);
    }
    for (const Uuid& id : ids) {
      const metadata::TopicImage* topic = image_.find_topic(id);
      if (topic == nullptr) {
        response_.topics.push_back(failed_topic(ErrorCode::unknown_topic_id, std::nullopt, id));
      } else if (!context_.allows(Operation::describe, Resource::topic, topic->name)) {
        response_.topics.push_back(failed_topic(ErrorCode::topic_authorization_failed, std::nullopt, id));
      } else {
        add_existing(*topic);
      }
    }
  }

  void add_by_name() {
    std::vector<std::string_view> names;
    names.reserve(request_.topics->size());
    for (const auto& topic : *request_.topics) {
      if (topic.name) names.push_back(topic.name->view());
    }
    std::ranges::sort(names);
    const auto doubles = std::ranges::unique(names);
    names.erase(doubles.begin(), doubles.end());
    std::vector<std::string> to_create;
    for (const std::string_view name : names) {
      const metadata::TopicImage* topic = image_.find_topic(name);
      if (!context_.allows(Operation::describe, Resource::topic, name)) {
        missing_.push_back(failed_topic(ErrorCode::topic_authorization_failed, name));
      } else if (topic != nullptr) {
        add_existing(*topic);
      } else {
        add_missing(name, to_create);
      }
    }
    to_create_ = std::move(to_create);
  }

  void add_missing(std::string_view name, std::vector<std::string>& to_create) {
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
    if (valid && may_create && to_create.size() < TopicCreation::asked_for_max) to_create.emplace_back(name);
  }

  void add_existing(const metadata::TopicImage& image) {
    if (!context_.allows(Operation::describe, Resource::topic, image.name)) return;
    Topic topic;
    topic.name = wire::Text::borrow(image.name);
    topic.topic_id = image.id;
    topic.is_internal = api::is_internal_topic(image.name);
    topic.partitions.reserve(image.partitions.size());
    for (const auto& [index, partition] : image.partitions) topic.partitions.push_back(describe(index, partition));
    response_.topics.push_back(std::move(topic));
  }

  Partition describe(std::int32_t index, const metadata::PartitionImage& image) const {
    Partition partition;
    partition.partition_index = index;
    partition.leader_epoch = image.leader_epoch;
    if (api::metadata_lists_dead_replicas(context_.version())) {
      partition.replica_nodes = image.replicas;
      partition.isr_nodes = image.isr;
    } else {
      partition.replica_nodes = cluster_.alive_among(image.replicas);
      partition.isr_nodes = cluster_.alive_among(image.isr);
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
    response_.cluster_id = wire::Text::borrow(context_.doors.cluster_id);
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
  Answering first(request, context);
  MetadataResponse response = first.answer();
  if (first.to_create().empty()) co_return response;
  co_await context.doors.topic_creation->ask_for(first.to_create(), context);
  context.image = context.doors.metadata->image();
  co_return Answering(request, context).answer();
}

}  // namespace highwater::server
