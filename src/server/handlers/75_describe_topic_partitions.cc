// DescribeTopicPartitions: topics page by page, with eligible leader replicas (KIP-966).
#include <algorithm>
#include <set>

#include "machines/configs/broker_settings.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/messages/describe_topic_partitions_request.h"
#include "protocol/messages/describe_topic_partitions_response.h"
#include "server/handlers/cluster_view.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::DescribeTopicPartitionsRequest;
using messages::DescribeTopicPartitionsResponse;
using Topic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using Partition = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

class Page {
 public:
  Page(const DescribeTopicPartitionsRequest& request, RequestContext& context)
      : request_(request), context_(context), cluster_(*context.image, context.listener()) {
    const std::int32_t most = context.doors.settings->topics.max_request_partitions;
    left_ = std::max(std::min(most, request.response_partition_limit), 1);
  }

  DescribeTopicPartitionsResponse answer() {
    const std::string_view from = request_.cursor ? request_.cursor->topic_name.view() : std::string_view();
    if (request_.topics.empty()) {
      for (auto at = context_.image->topic_names().lower_bound(from); at != std::default_sentinel; ++at) {
        if (!add(at->first)) break;
      }
      return std::move(response_);
    }
    std::set<std::string_view> names;
    for (const auto& topic : request_.topics) {
      if (topic.name.view() >= from) names.insert(topic.name.view());
    }
    if (request_.cursor && !names.contains(from)) return refused(ErrorCode::invalid_request);
    if (!request_.cursor && names.contains(std::string_view())) return refused(ErrorCode::unknown_server_error);
    for (const std::string_view name : names) {
      if (!add(name)) break;
    }
    return std::move(response_);
  }

  // Kafka fails such a request as a whole: every topic gets the error.
  DescribeTopicPartitionsResponse refused(ErrorCode error) {
    for (const auto& asked : request_.topics) {
      Topic topic;
      topic.name = asked.name;
      topic.error_code = api::wire_code(error);
      response_.topics.push_back(std::move(topic));
    }
    return std::move(response_);
  }

 private:
  // False when the page is full and the cursor is set.
  bool add(std::string_view name) {
    if (!context_.allows(Operation::describe, Resource::topic, name)) {
      if (!request_.topics.empty()) add_failed(name, ErrorCode::topic_authorization_failed);
      return true;
    }
    if (left_ == 0) {
      set_cursor(name, 0);
      return false;
    }
    const metadata::TopicImage* image = context_.image->find_topic(name);
    if (image == nullptr) {
      add_failed(name, !controller::topic_name_problem(name).empty() ? ErrorCode::invalid_topic_exception
                                                                     : ErrorCode::unknown_topic_or_partition);
      return true;
    }
    return add_existing(*image);
  }

  bool add_existing(const metadata::TopicImage& image) {
    const bool at_cursor = request_.cursor && request_.cursor->topic_name == image.name;
    const std::int32_t first = at_cursor ? request_.cursor->partition_index : 0;
    const auto count = static_cast<std::int32_t>(image.partitions.size());
    const std::int32_t after = static_cast<std::int32_t>(std::min<std::int64_t>(count, std::int64_t{first} + left_));
    Topic topic;
    topic.name = wire::Text::borrow(image.name);
    topic.topic_id = image.id;
    topic.is_internal = api::is_internal_topic(image.name);
    topic.topic_authorized_operations =
        context_.doors.access.operations(context_.peer.principal, Resource::topic, image.name);
    for (std::int32_t index = first; index < after; ++index) {
      if (const auto* partition = image.find_partition(index)) topic.partitions.push_back(describe(index, *partition));
    }
    left_ -= static_cast<std::int32_t>(topic.partitions.size());
    response_.topics.push_back(std::move(topic));
    if (after >= count) return true;
    set_cursor(image.name, after);
    return false;
  }

  Partition describe(std::int32_t index, const metadata::PartitionImage& image) const {
    Partition partition;
    partition.partition_index = index;
    partition.leader_id = cluster_.node(image.leader) ? image.leader : no_node;
    partition.leader_epoch = image.leader_epoch;
    partition.replica_nodes = image.replicas;
    partition.isr_nodes = image.isr;
    partition.offline_replicas = cluster_.offline_replicas(image);
    partition.eligible_leader_replicas = image.elr;
    partition.last_known_elr = image.last_known_elr;
    return partition;
  }

  void add_failed(std::string_view name, ErrorCode error) {
    Topic topic;
    topic.name = wire::Text::borrow(name);  // lies in the frame, which the context holds
    topic.error_code = api::wire_code(error);
    topic.is_internal = api::is_internal_topic(name);
    if (error != ErrorCode::topic_authorization_failed) {
      topic.topic_authorized_operations =
          context_.doors.access.operations(context_.peer.principal, Resource::topic, name);
    }
    response_.topics.push_back(std::move(topic));
  }

  void set_cursor(std::string_view name, std::int32_t partition) {
    DescribeTopicPartitionsResponse::Cursor cursor;
    cursor.topic_name = wire::Text(name);
    cursor.partition_index = partition;
    response_.next_cursor = std::move(cursor);
  }

  const DescribeTopicPartitionsRequest& request_;
  RequestContext& context_;
  ClusterView cluster_;
  std::int32_t left_;
  DescribeTopicPartitionsResponse response_;
};

}  // namespace

io::Task<DescribeTopicPartitionsResponse> describe_topic_partitions(const DescribeTopicPartitionsRequest& request,
                                                                    RequestContext& context) {
  Page page(request, context);
  if (request.cursor && request.cursor->partition_index < 0) co_return page.refused(ErrorCode::invalid_request);
  co_return page.answer();
}

}  // namespace highwater::server
