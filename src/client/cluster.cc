#include "client/cluster.h"

#include <fmt/core.h>

#include "link/call.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"

namespace highwater::client {

namespace {

constexpr std::size_t partitions_max = 100'000;

std::string channel_key(const io::Address& address) { return fmt::format("{}:{}", address.host, address.port); }

TopicFacts facts_of(const messages::MetadataResponse::MetadataResponseTopic& topic) {
  TopicFacts facts{.error = api::error_from_wire(topic.error_code), .id = topic.topic_id, .partitions = {}};
  for (const auto& partition : topic.partitions) {
    const auto index = static_cast<std::size_t>(partition.partition_index);
    if (partition.partition_index < 0 || index >= partitions_max) continue;
    if (facts.partitions.size() <= index) facts.partitions.resize(index + 1);
    facts.partitions[index] = {partition.leader_id, partition.leader_epoch};
  }
  return facts;
}

}  // namespace

Cluster::Cluster(io::Reactor& reactor, ClusterOptions options) : reactor_(&reactor), options_(std::move(options)) {}

const TopicFacts* Cluster::topic(const std::string& name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : &found->second;
}

std::optional<PartitionLeader> Cluster::leader(const std::string& name, std::int32_t partition) const {
  const TopicFacts* facts = topic(name);
  if (facts == nullptr || partition < 0 || static_cast<std::size_t>(partition) >= facts->partitions.size()) {
    return std::nullopt;
  }
  const PartitionLeader& leader = facts->partitions[static_cast<std::size_t>(partition)];
  if (leader.node == no_node) return std::nullopt;
  return leader;
}

void Cluster::disconnect() {
  for (auto& [key, channel] : channels_) channel->close();
  channels_.clear();
}

io::Task<Cluster::Dialled> Cluster::dial(io::Address address) {
  const std::string key = channel_key(address);
  if (const auto found = channels_.find(key); found != channels_.end()) {
    if (found->second->usable()) co_return Dialled(found->second);
  }
  auto channel = std::make_shared<link::Channel>(*reactor_, address, options_.channel);
  const link::LinkResult<void> opened = co_await channel->open();
  if (!opened.has_value()) co_return std::unexpected(ClientError::of(opened.error()));
  // Two coroutines may have dialled at once: the first one wins, so that one broker has one order of requests.
  const auto found = channels_.find(key);
  if (found != channels_.end() && found->second->usable()) co_return Dialled(found->second);
  channels_[key] = channel;
  co_return Dialled(std::move(channel));
}

io::Task<Cluster::Dialled> Cluster::channel(NodeId node) {
  const auto found = brokers_.find(node);
  if (found == brokers_.end()) co_return std::unexpected(ClientError::of(link::LinkError::unreachable));
  Dialled dialled = co_await dial(found->second);
  co_return dialled;
}

io::Task<Cluster::Dialled> Cluster::any_channel() {
  for (auto& [key, channel] : channels_) {
    if (channel->usable()) co_return Dialled(channel);
  }
  std::vector<io::Address> candidates;
  for (const auto& [node, address] : brokers_) candidates.push_back(address);
  for (const io::Address& address : options_.bootstrap) candidates.push_back(address);
  ClientError last = ClientError::of(link::LinkError::unreachable);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Dialled dialled = co_await dial(candidates[next_candidate_++ % candidates.size()]);
    if (dialled.has_value()) co_return dialled;
    last = dialled.error();
  }
  co_return std::unexpected(last);
}

io::Task<ClientResult<void>> Cluster::refresh(std::vector<std::string> topics) {
  Dialled channel = co_await any_channel();
  if (!channel.has_value()) co_return std::unexpected(channel.error());
  messages::MetadataRequest request;
  for (const std::string& name : topics) {
    messages::MetadataRequest::MetadataRequestTopic wanted;
    wanted.name = name;
    request.topics->push_back(std::move(wanted));
  }
  request.allow_auto_topic_creation = options_.auto_create == ClusterOptions::Creation::allowed;
  const link::CallOptions call_options;
  auto answer = co_await link::call<messages::MetadataResponse>(*channel, std::move(request), call_options);
  if (!answer.has_value()) co_return std::unexpected(ClientError::of(answer.error()));
  const messages::MetadataResponse& response = answer->value;
  brokers_.clear();
  for (const auto& broker : response.brokers) {
    brokers_[broker.node_id] = {broker.host.str(), static_cast<std::uint16_t>(broker.port)};
  }
  controller_ = response.controller_id;
  if (response.cluster_id.has_value()) cluster_id_ = response.cluster_id->str();
  for (const auto& each : response.topics) {
    if (each.name.has_value()) topics_[each.name->str()] = facts_of(each);
  }
  co_return ClientResult<void>{};
}

}  // namespace highwater::client
