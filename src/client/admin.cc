#include "client/admin.h"

#include "link/call.h"
#include "protocol/api/versions.h"
#include "protocol/messages/create_partitions_request.h"
#include "protocol/messages/create_partitions_response.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::client {

namespace {

constexpr std::int32_t change_timeout_ms = 5'000;

}  // namespace

io::Task<ClientResult<TopicOutcome>> create_topic(Cluster& cluster, NewTopic topic, std::int32_t timeout_ms) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::CreateTopicsRequest request;
  messages::CreateTopicsRequest::CreatableTopic wanted;
  wanted.name = topic.name;
  wanted.num_partitions = topic.partitions;
  wanted.replication_factor = topic.replication_factor;
  for (const auto& [name, value] : topic.configs) wanted.configs.push_back({.name = name, .value = value});
  request.topics.push_back(std::move(wanted));
  request.timeout_ms = timeout_ms;
  const link::CallOptions call_options{.extra_time = Duration::from_ms(timeout_ms)};
  auto answer = co_await link::call<messages::CreateTopicsResponse>(*channel, std::move(request), call_options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.topics.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  const auto& outcome = answer->value.topics[0];
  TopicOutcome told{.code = api::error_from_wire(outcome.error_code), .id = outcome.topic_id};
  co_return ClientResult<TopicOutcome>(told);
}

io::Task<ClientResult<TopicOutcome>> delete_topic(Cluster& cluster, std::string name, std::int32_t timeout_ms) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  const auto version = (*channel)->version_of(api::ApiKey::delete_topics, messages::DeleteTopicsRequest::lowest_version,
                                              messages::DeleteTopicsRequest::highest_version);
  messages::DeleteTopicsRequest request;
  request.timeout_ms = timeout_ms;
  if (version.has_value() && api::delete_topics_uses_topic_states(*version)) {
    request.topics.push_back({.name = wire::Text(name), .topic_id = {}});
  } else {
    request.topic_names.push_back(wire::Text(name));
  }
  const link::CallOptions call_options{.extra_time = Duration::from_ms(timeout_ms)};
  auto answer = co_await link::call<messages::DeleteTopicsResponse>(*channel, std::move(request), call_options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.responses.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  const auto& outcome = answer->value.responses[0];
  cluster.forget_topic(name);
  TopicOutcome told{.code = api::error_from_wire(outcome.error_code), .id = outcome.topic_id};
  co_return ClientResult<TopicOutcome>(told);
}

io::Task<ClientResult<api::ErrorCode>> create_partitions(Cluster& cluster, std::string name, std::int32_t total) {
  auto channel = co_await cluster.any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::CreatePartitionsRequest request;
  messages::CreatePartitionsRequest::CreatePartitionsTopic topic;
  topic.name = name;
  topic.count = total;
  topic.assignments.reset();
  request.topics.push_back(std::move(topic));
  request.timeout_ms = change_timeout_ms;
  const link::CallOptions options{.extra_time = Duration::from_ms(change_timeout_ms)};
  auto answer = co_await link::call<messages::CreatePartitionsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  if (answer->value.results.size() != 1) co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  co_return ClientResult<api::ErrorCode>(api::error_from_wire(answer->value.results[0].error_code));
}

io::Task<ClientResult<DeletedRecords>> delete_records(Cluster& cluster, RecordsToDelete records) {
  const auto leader = cluster.leader(records.topic, records.partition);
  if (!leader.has_value()) co_return std::unexpected(ClientError::of(api::ErrorCode::leader_not_available));
  auto channel = co_await cluster.channel(leader->node);
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::DeleteRecordsRequest request;
  messages::DeleteRecordsRequest::DeleteRecordsTopic topic;
  topic.name = records.topic;
  topic.partitions.push_back({.partition_index = records.partition, .offset = records.offset});
  request.topics.push_back(std::move(topic));
  request.timeout_ms = change_timeout_ms;
  const link::CallOptions options{.extra_time = Duration::from_ms(change_timeout_ms)};
  auto answer = co_await link::call<messages::DeleteRecordsResponse>(*channel, std::move(request), options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  const auto& topics = answer->value.topics;
  if (topics.size() != 1 || topics[0].partitions.size() != 1) {
    co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  }
  const auto& [partition, log_start, error] = topics[0].partitions[0];
  DeletedRecords told{.code = api::error_from_wire(error), .log_start = log_start};
  co_return ClientResult<DeletedRecords>(told);
}

Certainty certainty_of_change(const ClientResult<api::ErrorCode>& answer) {
  if (!answer.has_value() && answer.error().origin == ClientError::Origin::link) {
    const link::LinkError error = answer.error().link;
    const bool nothing_sent = error == link::LinkError::unreachable || error == link::LinkError::unsupported ||
                              error == link::LinkError::busy;
    return nothing_sent ? Certainty::not_written : Certainty::unknown;
  }
  const api::ErrorCode code = answer.has_value() ? *answer : answer.error().code;
  if (code == api::ErrorCode::none) return Certainty::written;
  // The broker gave up waiting, or its disk did, while the records were under way.
  const bool doubtful = code == api::ErrorCode::request_timed_out || code == api::ErrorCode::unknown_server_error ||
                        code == api::ErrorCode::kafka_storage_error || code == api::ErrorCode::not_controller ||
                        code == api::ErrorCode::network_exception;
  return doubtful ? Certainty::unknown : Certainty::not_written;
}

Certainty certainty_of_change(const ClientResult<TopicOutcome>& answer) {
  if (!answer.has_value()) return certainty_of_change(ClientResult<api::ErrorCode>(std::unexpected(answer.error())));
  return certainty_of_change(ClientResult<api::ErrorCode>(answer->code));
}

}  // namespace highwater::client
