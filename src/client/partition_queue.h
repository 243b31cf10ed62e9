// What a producer has for one partition: batches in the order of their records, at most a few of them in flight, each
// with the sequence it will keep through all retries. Pure bookkeeping; the producer sends. Rules of sequences and
// epochs: KIP-98, KIP-360, org.apache.kafka.clients.producer.internals.TransactionManager, with one difference: the
// epoch is bumped for one partition alone, and a batch in doubt is never sent again under another epoch (Kafka sends
// it, and may write it twice).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/errors.h"
#include "foundation/base/ids.h"
#include "foundation/base/time.h"
#include "io/future.h"
#include "protocol/records/batch_view.h"

namespace highwater::client {

struct MessageHeader {
  std::string key;
  std::optional<std::string> value;
};

struct Message {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t timestamp = 0;  // milliseconds since 1970
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<MessageHeader> headers;

  std::size_t payload_size() const { return (key ? key->size() : 0) + (value ? value->size() : 0); }
};

struct DeliveryReport {
  Certainty certainty = Certainty::unknown;
  Offset offset = no_offset;  // unknown with acks=0, and for a duplicate that the broker remembers only faintly
  api::ErrorCode code = api::ErrorCode::none;  // the last answer, if there was one
};

struct ProducerIdentity {
  ProducerId id = no_producer_id;
  std::int16_t epoch = records::no_producer_epoch;
};

struct OutgoingBatch {
  std::vector<Message> messages;
  std::vector<io::Promise<DeliveryReport>> promises;
  std::size_t bytes = 0;
  Instant created;
  Instant not_before;  // back-off
  std::int32_t attempts = 0;
  bool in_flight = false;
  bool in_doubt = false;  // an earlier attempt may have been written
  api::ErrorCode last_code = api::ErrorCode::none;
  std::optional<std::int32_t> base_sequence;
  std::vector<std::uint8_t> encoded;  // empty until it is needed, and after its sequence changed

  std::int32_t count() const { return static_cast<std::int32_t>(messages.size()); }
  void report(const DeliveryReport& last);
};

struct BatchLimits {
  std::size_t records_max = 1000;
  std::size_t bytes_max = 16'384;
  Duration linger;
  std::size_t in_flight_max = 5;
};

class PartitionQueue {
 public:
  PartitionQueue(std::string topic, std::int32_t index) : topic_(std::move(topic)), index_(index) {}

  const std::string& topic() const { return topic_; }
  std::int32_t index() const { return index_; }
  bool empty() const { return batches_.empty(); }
  std::size_t message_count() const;
  const ProducerIdentity& identity() const { return identity_; }

  void add(Message message, io::Promise<DeliveryReport> promise, const BatchLimits& limits, Instant now);
  // The batch that may be sent now; null when there is none. `wake` falls to the moment when there may be one.
  std::shared_ptr<OutgoingBatch> sendable(const BatchLimits& limits, Instant now, Instant& wake);
  // Given once, when the producer got its id.
  void identify(ProducerIdentity identity) { identity_ = identity; }
  // Before its first attempt: the next sequence is the batch's.
  void assign_sequence(OutgoingBatch& batch);

  void written(const std::shared_ptr<OutgoingBatch>& batch, Offset base_offset);
  void retry(OutgoingBatch& batch, Instant not_before);
  void refused(const std::shared_ptr<OutgoingBatch>& batch);
  // Out of line: true when earlier batches are still undecided, so that its turn comes again.
  bool behind_others(const OutgoingBatch& batch) const;
  // Batches over their time that are not in flight are reported and leave.
  void expire(Instant created_before);

 private:
  void remove(const std::shared_ptr<OutgoingBatch>& batch);
  void want_bump();
  void bump_if_quiet();

  std::string topic_;
  std::int32_t index_;
  std::deque<std::shared_ptr<OutgoingBatch>> batches_;
  std::size_t in_flight_ = 0;
  ProducerIdentity identity_;
  std::int32_t next_sequence_ = 0;
  bool bump_wanted_ = false;
  bool exhausted_ = false;  // the epoch has no successor
};

}  // namespace highwater::client
