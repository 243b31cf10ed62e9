#include "client/producer.h"

#include <algorithm>
#include <set>

#include "link/call.h"
#include "protocol/messages/init_producer_id_request.h"
#include "protocol/messages/init_producer_id_response.h"

namespace highwater::client {

Producer::Producer(Cluster& cluster, ProducerOptions options)
    : cluster_(&cluster), options_(options), tasks_(cluster.reactor().ready()) {
  HW_CHECK(options_.idempotence == Idempotence::off || options_.acks == -1);
  HW_CHECK(options_.idempotence == Idempotence::off || options_.limits.in_flight_max <= 5);
  tasks_.spawn(run());
}

Producer::~Producer() = default;

io::Future<DeliveryReport> Producer::send(Message message) {
  if (queued_ >= options_.queued_max) {
    return io::Future<DeliveryReport>::ready({.certainty = Certainty::not_written});
  }
  const Key key{message.topic, message.partition};
  auto& queue = queues_[key];
  if (queue == nullptr) {
    queue = std::make_unique<PartitionQueue>(key.first, key.second);
    if (identity_.id != no_producer_id) queue->identify(identity_);
  }
  auto [promise, future] = cluster_->reactor().make_future<DeliveryReport>();
  queue->add(std::move(message), std::move(promise), options_.limits, cluster_->reactor().now());
  ++queued_;
  wake();
  return std::move(future);
}

io::Future<io::Done> Producer::drained() {
  if (queued_ == 0) return io::Future<io::Done>::ready({});
  auto [promise, future] = cluster_->reactor().make_future<io::Done>();
  drained_ = std::move(promise);
  return std::move(future);
}

void Producer::wake() {
  awake_ = true;
  if (sleeper_.pending()) sleeper_.complete({});
}

namespace {

// Wakes at a moment; a timer that fires in vain costs nothing but a look.
io::Task<void> ring(io::Reactor& reactor, Instant at, io::Promise<io::Done>& sleeper, bool& awake) {
  co_await reactor.sleep_until(at);
  awake = true;
  if (sleeper.pending()) sleeper.complete({});
}

}  // namespace

io::Task<void> Producer::run() {
  io::Reactor& reactor = cluster_->reactor();
  Instant armed = Instant::never();
  for (;;) {
    awake_ = false;
    next_wake_ = Instant::never();
    co_await serve_once();
    count_reports();
    if (awake_) continue;
    if (armed <= reactor.now()) armed = Instant::never();
    if (next_wake_ < armed) {
      armed = next_wake_;
      tasks_.spawn(ring(reactor, armed, sleeper_, awake_));
    }
    auto [promise, future] = reactor.make_future<io::Done>();
    sleeper_ = std::move(promise);
    co_await std::move(future);
  }
}

void Producer::count_reports() {
  std::size_t left = 0;
  for (const auto& [key, queue] : queues_) left += queue->message_count();
  queued_ = left;
  if (queued_ == 0 && drained_.pending()) drained_.complete({});
}

io::Task<void> Producer::serve_once() {
  expire();
  if (options_.idempotence == Idempotence::on) co_await get_identity();
  std::vector<std::string> unknown;
  std::set<NodeId> leaders;
  for (const auto& [key, queue] : queues_) {
    if (queue->empty()) continue;
    const auto leader = cluster_->leader(key.first, key.second);
    if (leader.has_value()) leaders.insert(leader->node);
    if ((!leader.has_value() || metadata_wanted_) && (unknown.empty() || unknown.back() != key.first)) {
      unknown.push_back(key.first);
    }
  }
  if (options_.idempotence == Idempotence::on && identity_.id == no_producer_id) co_return;
  if (!unknown.empty()) co_await refresh(std::move(unknown));
  for (const NodeId node : leaders) co_await serve_leader(node);
}

io::Task<void> Producer::refresh(std::vector<std::string> topics) {
  const Instant now = cluster_->reactor().now();
  if (metadata_not_before_ > now) {
    next_wake_ = std::min(next_wake_, metadata_not_before_);
    co_return;
  }
  metadata_wanted_ = false;
  const ClientResult<void> refreshed = co_await cluster_->refresh(std::move(topics));
  failures_ = refreshed.has_value() ? 0 : failures_ + 1;
  metadata_not_before_ = cluster_->reactor().now() + backoff(failures_);
  wake();
}

io::Task<void> Producer::get_identity() {
  if (identity_.id != no_producer_id || metadata_not_before_ > cluster_->reactor().now()) {
    if (identity_.id == no_producer_id) next_wake_ = std::min(next_wake_, metadata_not_before_);
    co_return;
  }
  auto channel = co_await cluster_->any_channel();
  if (channel.has_value()) {
    messages::InitProducerIdRequest request;
    request.transactional_id = std::nullopt;
    request.transaction_timeout_ms = INT32_MAX;
    const link::CallOptions call_options;
    auto answer = co_await link::call<messages::InitProducerIdResponse>(*channel, std::move(request), call_options);
    if (answer.has_value() && answer->value.error_code == 0) {
      identity_ = {answer->value.producer_id, answer->value.producer_epoch};
      for (const auto& [key, queue] : queues_) queue->identify(identity_);
      failures_ = 0;
      co_return;
    }
  }
  ++failures_;
  metadata_not_before_ = cluster_->reactor().now() + backoff(failures_);
  next_wake_ = std::min(next_wake_, metadata_not_before_);
}

Duration Producer::backoff(std::int32_t attempts) {
  // Doubles with each attempt, ±20 % so that clients do not come back in step (KIP-580).
  Duration wait = options_.backoff_min;
  for (std::int32_t i = 1; i < attempts && wait < options_.backoff_max; ++i) wait = wait * 2;
  wait = std::min(wait, options_.backoff_max);
  return {wait.nanoseconds * cluster_->reactor().random().between(80, 120) / 100};
}

void Producer::expire() {
  const Instant now = cluster_->reactor().now();
  if (now.nanoseconds < options_.delivery_timeout.nanoseconds) return;
  for (const auto& [key, queue] : queues_) {
    if (queue->empty()) continue;
    queue->expire({now.nanoseconds - options_.delivery_timeout.nanoseconds});
    next_wake_ = std::min(next_wake_, now + Duration::from_seconds(1));
  }
}

}  // namespace highwater::client
