#include "client/admin.h"

#include "link/call.h"
#include "protocol/api/versions.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/create_topics_response.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::client {

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

}  // namespace highwater::client
