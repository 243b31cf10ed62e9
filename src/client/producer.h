// A producer with the manners of Kafka's: batches per partition, acks 0, 1 or all, idempotent or not, retries with
// back-off over reconnects and new leaders until delivery_timeout, order kept per partition (with idempotence, or with
// one request in flight). Every message ends in exactly one report, also when the producer is closed. On one reactor;
// the cluster must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cluster.h"
#include "client/partition_queue.h"
#include "foundation/compress/context_shelf.h"
#include "protocol/messages/fwd.h"

namespace highwater::client {

enum class Idempotence : std::uint8_t { off, on };

struct ProducerOptions {
  std::int16_t acks = -1;  // 0, 1, or -1 for all in-sync replicas; idempotence needs -1
  Idempotence idempotence = Idempotence::on;
  records::Codec codec = records::Codec::none;
  BatchLimits limits;
  std::size_t queued_max = 100'000;  // messages not yet reported
  Duration delivery_timeout = Duration::from_seconds(120);
  std::int32_t request_timeout_ms = 30'000;  // what the broker may take for acks=all
  Duration backoff_min = Duration::from_ms(100);
  Duration backoff_max = Duration::from_seconds(1);
};

class Producer {
 public:
  Producer(Cluster& cluster, ProducerOptions options);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // not_written at once when queued_max messages wait already.
  io::Future<DeliveryReport> send(Message message);
  std::size_t queued() const { return queued_; }
  // Ready when every message that was sent so far has its report. One waiter at a time.
  io::Future<io::Done> drained();

 private:
  using Key = std::pair<std::string, std::int32_t>;
  struct Share {  // one partition's part of a request
    PartitionQueue* queue;
    std::shared_ptr<OutgoingBatch> batch;
    Uuid topic_id;
  };
  using ChannelPtr = std::shared_ptr<link::Channel>;

  io::Task<void> run();
  io::Task<void> serve_once();
  io::Task<void> get_identity();
  io::Task<void> refresh(std::vector<std::string> topics);
  io::Task<void> serve_leader(NodeId node);
  io::Task<void> exchange(ChannelPtr channel, std::vector<Share> shares, std::int16_t version);
  std::vector<Share> collect(NodeId node);
  messages::ProduceRequest request_of(std::vector<Share>& shares);
  void encode_batch(Share& share);
  void settle(Share& share, api::ErrorCode code, Offset base_offset);
  void settle_all(std::vector<Share>& shares, link::LinkError error);
  void apply(Share& share, WriteMeaning meaning, Offset base_offset);
  void expire();
  Duration backoff(std::int32_t attempts);
  void wake();
  void count_reports();

  Cluster* cluster_;
  ProducerOptions options_;
  compress::ContextShelf shelf_;
  ProducerIdentity identity_;
  std::map<Key, std::unique_ptr<PartitionQueue>> queues_;
  std::map<NodeId, Instant> not_before_;  // brokers that could not be reached
  std::size_t queued_ = 0;
  bool metadata_wanted_ = false;
  Instant metadata_not_before_;
  std::int32_t failures_ = 0;
  Instant next_wake_ = Instant::never();
  bool awake_ = false;
  io::Promise<io::Done> sleeper_;
  io::Promise<io::Done> drained_;
  io::TaskGroup tasks_;  // last: its frames use all of the above
};

}  // namespace highwater::client
