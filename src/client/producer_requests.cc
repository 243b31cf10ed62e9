// How batches become requests, and answers become reports.
#include <algorithm>

#include "client/producer.h"
#include "link/call.h"
#include "protocol/api/versions.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/records/batch_builder.h"

namespace highwater::client {

namespace {

constexpr std::size_t partitions_per_request = 100;

records::Nullable nullable(const std::optional<std::string>& text) {
  return text.has_value() ? records::Nullable::of(as_bytes(*text)) : records::Nullable::none();
}

}  // namespace

std::vector<Producer::Share> Producer::collect(NodeId node) {
  const Instant now = cluster_->reactor().now();
  std::vector<Share> shares;
  for (const auto& [key, queue] : queues_) {
    const auto leader = cluster_->leader(key.first, key.second);
    if (!leader.has_value() || leader->node != node || shares.size() == partitions_per_request) continue;
    auto batch = queue->sendable(options_.limits, now, next_wake_);
    if (batch == nullptr) continue;
    queue->assign_sequence(*batch);
    shares.push_back({queue.get(), std::move(batch), cluster_->topic(key.first)->id});
  }
  return shares;
}

io::Task<void> Producer::serve_leader(NodeId node) {
  const Instant now = cluster_->reactor().now();
  if (const auto blocked = not_before_.find(node); blocked != not_before_.end() && blocked->second > now) {
    next_wake_ = std::min(next_wake_, blocked->second);
    co_return;
  }
  auto channel = co_await cluster_->channel(node);
  if (!channel.has_value()) {
    not_before_[node] = cluster_->reactor().now() + backoff(++failures_);
    metadata_wanted_ = true;
    wake();
    co_return;
  }
  failures_ = 0;
  const auto version = (*channel)->version_of(api::ApiKey::produce, messages::ProduceRequest::lowest_version,
                                              messages::ProduceRequest::highest_version);
  while (!(*channel)->full()) {
    std::vector<Share> shares = collect(node);
    if (shares.empty()) break;
    if (version.has_value()) {
      tasks_.spawn(exchange(*channel, std::move(shares), *version));
    } else {
      settle_all(shares, link::LinkError::unsupported);
    }
  }
}

void Producer::encode_batch(Share& share) {
  OutgoingBatch& batch = *share.batch;
  if (!batch.encoded.empty()) return;
  records::BatchOptions options;
  options.codec = options_.codec;
  options.shelf = &shelf_;
  if (batch.base_sequence.has_value()) {
    options.producer_id = share.queue->identity().id;
    options.producer_epoch = share.queue->identity().epoch;
    options.base_sequence = *batch.base_sequence;
  }
  records::BatchBuilder builder(options);
  for (const Message& message : batch.messages) {
    std::vector<records::Header> headers;
    for (const MessageHeader& header : message.headers)
      headers.push_back({as_bytes(header.key), nullable(header.value)});
    builder.append({message.timestamp, nullable(message.key), nullable(message.value), headers});
  }
  batch.encoded = builder.finish();
}

messages::ProduceRequest Producer::request_of(std::vector<Share>& shares) {
  messages::ProduceRequest request;
  request.acks = options_.acks;
  request.timeout_ms = options_.request_timeout_ms;
  for (Share& share : shares) {
    encode_batch(share);
    if (request.topic_data.empty() || request.topic_data.back().name != share.queue->topic()) {
      request.topic_data.push_back({.name = share.queue->topic(), .topic_id = share.topic_id, .partition_data = {}});
    }
    request.topic_data.back().partition_data.push_back(
        {.index = share.queue->index(), .records = wire::Records::borrow(share.batch->encoded)});
  }
  return request;
}

io::Task<void> Producer::exchange(ChannelPtr channel, std::vector<Share> shares, std::int16_t version) {
  messages::ProduceRequest request = request_of(shares);
  if (options_.acks == 0) {
    link::Channel::Outgoing outgoing = channel->begin(api::ApiKey::produce, version);
    encode(outgoing.writer, request, version);
    const auto sent = channel->send_only(std::move(outgoing));
    for (Share& share : shares) {
      if (sent.has_value()) {
        apply(share, {Certainty::unknown, WriteMeaning::Next::give_up}, no_offset);
      } else {
        apply(share, meaning_for_producer(sent.error()), no_offset);
      }
    }
    wake();
    co_return;
  }
  const link::CallOptions call_options{.highest_version = version};
  auto answer = co_await link::call<messages::ProduceResponse>(channel, std::move(request), call_options);
  if (!answer.has_value()) {
    settle_all(shares, answer.error());
    co_return;
  }
  const bool by_id = api::produce_uses_topic_ids(answer->version);
  for (Share& share : shares) {
    api::ErrorCode code = api::ErrorCode::unknown_server_error;
    Offset base_offset = no_offset;
    for (const auto& topic : answer->value.responses) {
      if (by_id ? topic.topic_id != share.topic_id : topic.name != share.queue->topic()) continue;
      for (const auto& partition : topic.partition_responses) {
        if (partition.index != share.queue->index()) continue;
        code = api::error_from_wire(partition.error_code);
        base_offset = partition.base_offset;
      }
    }
    settle(share, code, base_offset);
  }
  wake();
}

void Producer::settle_all(std::vector<Share>& shares, link::LinkError error) {
  metadata_wanted_ = true;
  for (Share& share : shares) {
    share.batch->last_code = api::ErrorCode::none;
    apply(share, meaning_for_producer(error), no_offset);
  }
  wake();
}

void Producer::settle(Share& share, api::ErrorCode code, Offset base_offset) {
  share.batch->last_code = code;
  if (asks_for_metadata(code)) metadata_wanted_ = true;
  WriteMeaning meaning = meaning_for_producer(code);
  // An earlier batch of this partition is still undecided: this one only came too early.
  if (code == api::ErrorCode::out_of_order_sequence_number && share.queue->behind_others(*share.batch)) {
    meaning.next = WriteMeaning::Next::retry;
  }
  apply(share, meaning, base_offset);
}

void Producer::apply(Share& share, WriteMeaning meaning, Offset base_offset) {
  OutgoingBatch& batch = *share.batch;
  if (meaning.certainty == Certainty::unknown) batch.in_doubt = true;
  switch (meaning.next) {
    case WriteMeaning::Next::done:
      share.queue->written(share.batch, base_offset);
      break;
    case WriteMeaning::Next::retry:
      share.queue->retry(batch, cluster_->reactor().now() + backoff(batch.attempts));
      break;
    case WriteMeaning::Next::give_up:
      share.queue->refused(share.batch);
      break;
  }
}

}  // namespace highwater::client
