// ListOffsets: the offset at a time, or at an end of the log.
// v2 isolation · v4 leader epochs (KIP-320) · v7 -3 max timestamp · v8 -4 local start · v9 -5 tiered · v11 -6 pending
#include <map>
#include <set>
#include <utility>

#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::ListOffsetsRequest;
using messages::ListOffsetsResponse;
using Asked = ListOffsetsRequest::ListOffsetsPartition;
using Answered = ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int8_t read_uncommitted_level = 0;
constexpr std::int8_t read_committed_level = 1;

bool may_ask_for(std::int64_t timestamp, std::int16_t version) {
  switch (timestamp) {
    case engine::latest_timestamp:
    case engine::earliest_timestamp:
      return true;
    case engine::max_timestamp:
      return api::list_offsets_knows_max_timestamp(version);
    case engine::earliest_local_timestamp:
      return api::list_offsets_knows_local_log(version);
    case engine::latest_tiered_timestamp:
      return api::list_offsets_knows_tiered(version);
    case engine::earliest_pending_upload_timestamp:
      return api::list_offsets_knows_pending_upload(version);
    default:
      return timestamp >= 0;
  }
}

using Name = std::pair<std::string_view, std::int32_t>;

// Kafka refuses a partition that is asked for twice, once.
std::set<Name> asked_twice(const ListOffsetsRequest& request) {
  std::set<Name> once;
  std::set<Name> twice;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      const Name name(topic.name.view(), partition.partition_index);
      if (!once.insert(name).second) twice.insert(name);
    }
  }
  return twice;
}

// The questions for the door, and where in the response each answer goes.
struct Plan {
  ListOffsetsResponse response;
  std::vector<engine::OffsetQuery> queries;
  std::vector<std::pair<std::size_t, std::size_t>> places;
};

Plan plan(const ListOffsetsRequest& request, const RequestContext& context) {
  Plan plan;
  const std::set<Name> doubles = asked_twice(request);
  std::set<Name> refused;
  std::map<std::string_view, std::size_t> places;  // of topics in the response; each is told once
  for (const auto& asked_topic : request.topics) {
    const std::string_view name = asked_topic.name.view();
    const metadata::TopicImage* image = context.image->find_topic(name);
    const bool allowed = context.allows(Operation::describe, Resource::topic, name);
    if (asked_topic.partitions.empty()) continue;
    const auto [place, is_new] = places.try_emplace(name, plan.response.topics.size());
    if (is_new) plan.response.topics.emplace_back().name = asked_topic.name;
    auto& topic = plan.response.topics[place->second];
    for (const Asked& asked : asked_topic.partitions) {
      const bool is_double = doubles.contains({name, asked.partition_index});
      if (is_double && !refused.insert({name, asked.partition_index}).second) continue;
      Answered answer;
      answer.partition_index = asked.partition_index;
      ErrorCode error = ErrorCode::none;
      if (!allowed) {
        error = ErrorCode::topic_authorization_failed;
      } else if (is_double) {
        error = ErrorCode::invalid_request;
      } else if (!may_ask_for(asked.timestamp, context.version())) {
        error = ErrorCode::unsupported_version;
      } else if (image == nullptr || image->find_partition(asked.partition_index) == nullptr) {
        error = ErrorCode::unknown_topic_or_partition;
      } else {
        plan.queries.push_back({{image->id, asked.partition_index}, asked.current_leader_epoch, asked.timestamp});
        plan.places.emplace_back(place->second, topic.partitions.size());
      }
      answer.error_code = api::wire_code(error);
      topic.partitions.push_back(answer);
    }
  }
  return plan;
}

// What Kafka's server answers where it would have thrown: every partition as it was asked for, with one error.
ListOffsetsResponse failed_inside(const ListOffsetsRequest& request) {
  ListOffsetsResponse response;
  for (const auto& asked_topic : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked_topic.name;
    for (const Asked& asked : asked_topic.partitions) {
      Answered& answer = topic.partitions.emplace_back();
      answer.partition_index = asked.partition_index;
      answer.error_code = api::wire_code(ErrorCode::unknown_server_error);
    }
  }
  return response;
}

void fill(Answered& place, const engine::OffsetAnswer& answer, std::int16_t version) {
  ErrorCode error = answer.error;
  if (error == ErrorCode::offset_not_available && !api::list_offsets_knows_not_available(version)) {
    error = ErrorCode::leader_not_available;
  }
  place.error_code = api::wire_code(error);
  if (error != ErrorCode::none) return;
  place.timestamp = answer.timestamp;
  place.offset = answer.offset;
  if (api::list_offsets_has_leader_epoch(version)) place.leader_epoch = answer.leader_epoch;
}

}  // namespace

io::Task<ListOffsetsResponse> list_offsets(const ListOffsetsRequest& request, RequestContext& context) {
  const bool known_isolation =
      request.isolation_level == read_uncommitted_level || request.isolation_level == read_committed_level;
  if (!known_isolation) co_return failed_inside(request);
  Plan work = plan(request, context);
  if (!work.queries.empty()) {
    const auto isolation = request.isolation_level == read_committed_level ? engine::Isolation::read_committed
                                                                           : engine::Isolation::read_uncommitted;
    const auto answers = co_await context.doors.partitions->find_offsets(std::move(work.queries), isolation);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto [topic, partition] = work.places[i];
      fill(work.response.topics[topic].partitions[partition], answers[i], context.version());
    }
  }
  co_return std::move(work.response);
}

}  // namespace highwater::server
