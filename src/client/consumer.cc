#include "client/consumer.h"

#include <algorithm>
#include <set>

#include "link/call.h"
#include "protocol/messages/list_offsets_request.h"
#include "protocol/messages/list_offsets_response.h"

namespace highwater::client {

Consumer::Consumer(Cluster& cluster, ConsumerOptions options) : cluster_(&cluster), options_(options) {}

void Consumer::assign(std::string topic, std::int32_t partition, Offset position) {
  assigned_[{std::move(topic), partition}] = {.position = position};
}

void Consumer::unassign(const std::string& topic, std::int32_t partition) { assigned_.erase({topic, partition}); }

Offset Consumer::position(const std::string& topic, std::int32_t partition) const {
  const auto found = assigned_.find({topic, partition});
  return found == assigned_.end() ? no_offset : found->second.position;
}

void Consumer::trouble(PollResult& result, const Key& key, api::ErrorCode code) {
  if (asks_for_metadata(code)) metadata_wanted_ = true;
  result.troubles.push_back(
      {.topic = key.first, .partition = key.second, .kind = PollResult::Trouble::Kind::code, .code = code});
}

io::Task<PollResult> Consumer::poll() {
  PollResult result;
  co_await find_leaders(result);
  co_await reset_positions(result);
  std::set<NodeId> leaders;
  for (const auto& [key, assigned] : assigned_) {
    const auto leader = cluster_->leader(key.first, key.second);
    if (leader.has_value() && assigned.position != no_offset) leaders.insert(leader->node);
  }
  for (const NodeId node : leaders) co_await fetch_from(node, result);
  if (!result.troubles.empty() || leaders.empty()) {
    co_await cluster_->reactor().sleep_until(cluster_->reactor().now() + options_.backoff);
  }
  co_return result;
}

io::Task<void> Consumer::find_leaders(PollResult& result) {
  std::vector<std::string> topics;
  for (const auto& [key, assigned] : assigned_) {
    const bool known = cluster_->leader(key.first, key.second).has_value();
    if ((!known || metadata_wanted_) && (topics.empty() || topics.back() != key.first)) topics.push_back(key.first);
  }
  if (topics.empty()) co_return;
  const ClientResult<void> refreshed = co_await cluster_->refresh(topics);
  if (refreshed.has_value()) {
    metadata_wanted_ = false;
    co_return;
  }
  result.troubles.push_back(
      {.topic = topics.front(), .kind = PollResult::Trouble::Kind::link, .link = refreshed.error().link});
}

io::Task<void> Consumer::reset_positions(PollResult& result) {
  std::vector<Key> lost;
  for (const auto& [key, assigned] : assigned_) {
    if (assigned.position == no_offset && cluster_->leader(key.first, key.second).has_value()) lost.push_back(key);
  }
  const std::int64_t timestamp =
      options_.reset == ConsumerOptions::Reset::latest ? latest_timestamp : earliest_timestamp;
  for (const Key& key : lost) {
    const ClientResult<Offset> found = co_await offset_for(key.first, key.second, timestamp);
    if (found.has_value()) {
      assigned_[key].position = *found;
    } else if (found.error().origin == ClientError::Origin::broker) {
      trouble(result, key, found.error().code);
    } else {
      result.troubles.push_back({.topic = key.first,
                                 .partition = key.second,
                                 .kind = PollResult::Trouble::Kind::link,
                                 .link = found.error().link});
    }
  }
}

io::Task<ClientResult<Offset>> Consumer::offset_for(std::string topic, std::int32_t partition, std::int64_t timestamp) {
  if (!cluster_->leader(topic, partition).has_value()) {
    const std::vector<std::string> wanted(1, topic);
    const ClientResult<void> refreshed = co_await cluster_->refresh(wanted);
    if (!refreshed.has_value()) co_return std::unexpected(refreshed.error());
  }
  const auto leader = cluster_->leader(topic, partition);
  if (!leader.has_value()) co_return std::unexpected(ClientError::of(api::ErrorCode::leader_not_available));
  auto channel = co_await cluster_->channel(leader->node);
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::ListOffsetsRequest request;
  request.replica_id = -1;
  request.isolation_level = static_cast<std::int8_t>(options_.isolation);
  messages::ListOffsetsRequest::ListOffsetsTopic wanted;
  wanted.name = topic;
  wanted.partitions.push_back(
      {.partition_index = partition, .current_leader_epoch = leader->epoch, .timestamp = timestamp});
  request.topics.push_back(std::move(wanted));
  const link::CallOptions call_options;
  auto answer = co_await link::call<messages::ListOffsetsResponse>(*channel, std::move(request), call_options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  const auto& topics = answer->value.topics;
  if (topics.size() != 1 || topics[0].partitions.size() != 1) {
    co_return std::unexpected(ClientError::of(link::LinkError::malformed));
  }
  const auto code = api::error_from_wire(topics[0].partitions[0].error_code);
  if (asks_for_metadata(code)) metadata_wanted_ = true;
  if (code != api::ErrorCode::none) co_return std::unexpected(ClientError::of(code));
  co_return ClientResult<Offset>(topics[0].partitions[0].offset);
}

}  // namespace highwater::client
