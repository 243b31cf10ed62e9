#include "machines/log/admission.h"

#include <doctest/doctest.h>

#include <vector>

#include "machines/log/producer_snapshot.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/control_records.h"

namespace highwater::log {
namespace {

using Bytes = std::vector<std::uint8_t>;
using records::BatchOptions;

Bytes batch_of(int count, const BatchOptions& options) {
  records::BatchBuilder builder(options);
  for (int i = 0; i < count; ++i) builder.append({.timestamp = 1000 + i});
  return builder.finish();
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

BatchFacts facts(const Bytes& batch) { return facts_of(records::BatchScanner(batch).next().value()); }

constexpr LeaderWrite in_epoch_5{.leader_epoch = 5};

// Admits and applies, as storage does; the decision is the caller's to look at.
LeaderDecision append(Admission& log, const Bytes& batch, const LeaderWrite& write = in_epoch_5) {
  const LeaderDecision decision = log.admit(facts(batch), write);
  if (decision.answer == LeaderAnswer::append)
    log.apply(facts(batch).placed_at(decision.base_offset, write.leader_epoch));
  return decision;
}

void replicate(Admission& log, const Bytes& bytes) {
  records::for_each_batch(bytes, [&log](const records::RawBatch& batch) { log.apply(facts_of(batch)); });
}

TEST_CASE("a leader places batches one after another from the log end") {
  Admission log(0, 100);
  const auto first = append(log, batch_of(3, {}));
  CHECK(first.answer == LeaderAnswer::append);
  CHECK(first.base_offset == 100);
  CHECK(first.last_offset == 102);
  CHECK(append(log, batch_of(2, {})).base_offset == 103);
  CHECK(log.log_end() == 105);
  CHECK(log.epochs().latest() == EpochEntry{5, 100});
}

TEST_CASE("nothing changes before apply") {
  Admission log(0, 100);
  (void)log.admit(facts(batch_of(3, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0})), in_epoch_5);
  CHECK(log.log_end() == 100);
  CHECK(log.producers().size() == 0);
}

TEST_CASE("a retry is answered with the first append's offsets and timestamp, and is not appended") {
  Admission log(0, 0);
  const Bytes batch = batch_of(3, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0});
  append(log, batch);
  append(log, batch_of(1, {}));
  const auto again = append(log, batch);
  CHECK(again.answer == LeaderAnswer::duplicate);
  CHECK(again.base_offset == 0);
  CHECK(again.last_offset == 2);
  CHECK(again.timestamp == 1002);
  CHECK(log.log_end() == 4);
}

TEST_CASE("a gap in sequence numbers is refused and changes nothing") {
  Admission log(0, 0);
  append(log, batch_of(3, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0}));
  const auto gap = append(log, batch_of(1, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 4}));
  CHECK(gap.answer == LeaderAnswer::reject);
  CHECK(gap.reject == AppendReject::out_of_order_sequence);
  CHECK(kafka_error(gap.reject) == api::ErrorCode::out_of_order_sequence_number);
  CHECK(log.log_end() == 3);
}

TEST_CASE("a batch larger than a segment is refused") {
  Admission log(0, 0);
  const Bytes batch = batch_of(3, {});
  LeaderWrite write = in_epoch_5;
  write.segment_bytes_max = static_cast<std::int64_t>(batch.size());
  CHECK(append(log, batch, write).answer == LeaderAnswer::append);
  write.segment_bytes_max -= 1;
  CHECK(append(log, batch, write).reject == AppendReject::larger_than_segment);
}

TEST_CASE(
    "a new leader notes its epoch before it appends, and an epoch without records leaves no trace after the next") {
  Admission log(0, 10);
  CHECK(log.become_leader(3));
  CHECK(log.epochs().latest() == EpochEntry{3, 10});
  CHECK(log.become_leader(4));
  CHECK(log.epochs().entries().size() == 1);
  append(log, batch_of(1, {}), {.leader_epoch = 4});
  CHECK(log.become_leader(6));
  CHECK(log.epochs().entries().size() == 2);
}

TEST_CASE("leader, follower and recovery come to the same state") {
  Admission leader(0, 0);
  const LeaderWrite by_client{.leader_epoch = 5, .terms = {.verification = Verification::disabled}};
  const LeaderWrite by_coordinator{.leader_epoch = 5, .terms = {.origin = AppendOrigin::coordinator}};
  Bytes stored;
  const auto write = [&](Bytes batch, const LeaderWrite& how) {
    const auto decision = append(leader, batch, how);
    REQUIRE(decision.answer == LeaderAnswer::append);
    records::set_base_offset(batch, decision.base_offset);
    records::set_leader_epoch(batch, how.leader_epoch);
    stored = joined({stored, batch});
  };
  write(batch_of(2, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0}), by_client);
  write(batch_of(2, {.producer_id = 2, .producer_epoch = 0, .base_sequence = 0, .transactional = true}), by_client);
  write(batch_of(4, {}), by_client);
  write(records::end_txn_batch({.producer_id = 2, .producer_epoch = 0}, records::ControlType::abort, 3, 1500),
        by_coordinator);
  write(batch_of(1, {.producer_id = 3, .producer_epoch = 1, .base_sequence = 9, .transactional = true}), by_client);

  Admission follower(0, 0);
  CHECK(follower.plan(stored, 5).bytes == stored.size());
  replicate(follower, stored);
  for (const Admission* log : {&leader, &follower}) {
    CHECK(log->log_end() == 10);
    CHECK(log->last_stable_offset(10) == 2);
    CHECK(log->producers().size() == 3);
  }
  CHECK(encode_snapshot(leader.producers()) == encode_snapshot(follower.producers()));
  CHECK(leader.epochs().checkpoint_text() == follower.epochs().checkpoint_text());
}

TEST_CASE("the last stable offset is the high watermark unless a transaction is in the way") {
  Admission log(0, 0);
  append(log, batch_of(3, {}));
  CHECK(log.last_stable_offset(2) == 2);
  append(log, batch_of(1, {.producer_id = 2, .producer_epoch = 0, .base_sequence = 0, .transactional = true}),
         {.leader_epoch = 5, .terms = {.verification = Verification::disabled}});
  CHECK(log.last_stable_offset(2) == 2);
  CHECK(log.last_stable_offset(4) == 3);
}

TEST_CASE("an aborted transaction is told by apply, with the offset that becomes stable") {
  Admission log(0, 0);
  append(log, batch_of(1, {.producer_id = 2, .producer_epoch = 0, .base_sequence = 0, .transactional = true}),
         {.leader_epoch = 5, .terms = {.verification = Verification::disabled}});
  const Bytes abort =
      records::end_txn_batch({.producer_id = 2, .producer_epoch = 0}, records::ControlType::abort, 3, 9);
  const auto applied = log.apply(facts(abort).placed_at(1, 5));
  REQUIRE(applied.completed.has_value());
  CHECK(applied.completed->outcome == TxnOutcome::abort);
  CHECK(applied.completed->first_offset == 0);
  CHECK(applied.completed->last_stable_offset == 2);
}

TEST_CASE("a follower takes whole batches and leaves the cut one for the next fetch") {
  Admission log(0, 7);
  const Bytes first = batch_of(2, {.base_offset = 7, .leader_epoch = 1});
  const Bytes second = batch_of(2, {.base_offset = 9, .leader_epoch = 1});
  Bytes fetched = joined({first, second});
  fetched.pop_back();
  const FollowerPlan plan = log.plan(fetched, 1);
  CHECK_FALSE(plan.reject.has_value());
  CHECK(plan.bytes == first.size());
  CHECK(plan.first_offset == 7);
  CHECK(plan.last_offset == 8);
  CHECK(plan.max_timestamp == 1001);
}

TEST_CASE("a follower accepts gaps, which compaction leaves, but no step back") {
  Admission log(0, 7);
  const Bytes first = batch_of(2, {.base_offset = 10, .leader_epoch = 1});
  const Bytes second = batch_of(2, {.base_offset = 50, .leader_epoch = 1});
  CHECK(log.plan(joined({first, second}), 1).bytes == first.size() + second.size());
  CHECK(log.plan(joined({second, first}), 1).reject == FollowerReject::offsets_not_rising);
  CHECK(log.plan(joined({first, first}), 1).reject == FollowerReject::offsets_not_rising);
}

TEST_CASE("a follower refuses batches that overlap, run backwards or leave the range of offsets") {
  const Admission log(0, 0);
  const Bytes first = batch_of(6, {.base_offset = 0, .leader_epoch = 1});
  const Bytes overlapping = batch_of(6, {.base_offset = 3, .leader_epoch = 1});
  CHECK(log.plan(joined({first, overlapping}), 1).reject == FollowerReject::offsets_not_rising);
  for (const std::int32_t delta : {-1, INT32_MIN}) {
    Bytes backwards = first;
    records::store_be(backwards.data() + records::header::last_offset_delta, delta);
    records::seal_crc(backwards);
    CHECK(log.plan(backwards, 1).reject == FollowerReject::corrupt);
  }
  for (const Offset base : {INT64_MAX - 2, INT64_MAX - 5}) {
    CHECK(log.plan(batch_of(6, {.base_offset = base, .leader_epoch = 1}), 1).reject == FollowerReject::corrupt);
  }
}

TEST_CASE("a follower refuses what begins before its end and tells where it begins") {
  const Admission log(0, 7);
  const FollowerPlan plan = log.plan(batch_of(3, {.base_offset = 6, .leader_epoch = 1}), 1);
  CHECK(plan.reject == FollowerReject::below_log_end);
  CHECK(plan.bytes == 0);
  CHECK(plan.first_offset == 6);
}

TEST_CASE("a follower stops at a batch of a newer epoch than its own") {
  const Admission log(0, 0);
  const Bytes known = batch_of(2, {.base_offset = 0, .leader_epoch = 3});
  const Bytes newer = batch_of(2, {.base_offset = 2, .leader_epoch = 4});
  const Bytes later = batch_of(2, {.base_offset = 4, .leader_epoch = 3});
  const FollowerPlan plan = log.plan(joined({known, newer, later}), 3);
  CHECK(plan.bytes == known.size());
  CHECK(plan.stopped_at_newer_epoch);
  CHECK(log.plan(newer, 3).bytes == 0);
}

TEST_CASE("a follower refuses a damaged batch wherever the damage is") {
  const Admission log(0, 0);
  const Bytes good = batch_of(2, {.base_offset = 0, .leader_epoch = 1});
  for (const std::size_t at : {std::size_t{17}, std::size_t{21}, std::size_t{60}, good.size() - 1}) {
    Bytes bad = good;
    bad[at] ^= 1;
    CHECK(log.plan(bad, 1).reject == FollowerReject::corrupt);
    CHECK(log.plan(joined({good, bad}), 1).bytes == 0);
  }
  Bytes zeros = good;
  zeros.resize(good.size() + 30);
  CHECK(log.plan(zeros, 1).reject == FollowerReject::corrupt);
}

TEST_CASE("truncation takes epochs along and says when producers must be rebuilt") {
  Admission log(0, 0);
  append(log, batch_of(5, {}), {.leader_epoch = 1});
  append(log, batch_of(5, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0}), {.leader_epoch = 2});
  CHECK_FALSE(log.truncate_to(10));
  CHECK(log.truncate_to(5));
  CHECK(log.log_end() == 5);
  CHECK(log.epochs().latest() == EpochEntry{1, 0});
  log.mutable_producers().reset(0);
  log.apply_producers_only(facts(batch_of(5, {.base_offset = 0, .leader_epoch = 1})));
  CHECK(log.producers().end_offset() == 5);
  CHECK(log.producers().size() == 0);
}

TEST_CASE("the start may lie inside a batch after recovery") {
  Admission log(40, 40);
  replicate(log, batch_of(20, {.base_offset = 40, .leader_epoch = 2}));
  CHECK(log.advance_start(50));
  CHECK(log.log_start() == 50);
  CHECK(log.log_end() == 60);
  CHECK(log.epochs().earliest() == EpochEntry{2, 50});
}

TEST_CASE("restarting elsewhere forgets everything") {
  Admission log(0, 0);
  append(log, batch_of(5, {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0}));
  log.restart_at(900);
  CHECK(log.log_start() == 900);
  CHECK(log.log_end() == 900);
  CHECK(log.producers().size() == 0);
  CHECK(log.epochs().entries().empty());
  CHECK(append(log, batch_of(1, {})).base_offset == 900);
}

TEST_CASE("facts of a control batch that is not a transaction's have no marker") {
  const Bytes leader_change = records::control_batch({}, records::ControlType::leader_change, as_bytes("x"), 5);
  CHECK(facts(leader_change).kind == BatchKind::control);
  CHECK_FALSE(facts(leader_change).marker.has_value());
  const Bytes commit =
      records::end_txn_batch({.producer_id = 2, .producer_epoch = 4}, records::ControlType::commit, 3, 99);
  REQUIRE(facts(commit).marker.has_value());
  CHECK(facts(commit).marker->outcome == TxnOutcome::commit);
  CHECK(facts(commit).marker->coordinator_epoch == 3);
  CHECK(facts(commit).marker->timestamp == 99);
}

TEST_CASE("every reject has a Kafka error and a sentence") {
  for (const AppendReject reject : {AppendReject::stale_producer_epoch, AppendReject::out_of_order_sequence,
                                    AppendReject::invalid_transaction_state, AppendReject::stale_coordinator_epoch,
                                    AppendReject::larger_than_segment, AppendReject::too_many_producers}) {
    CHECK(kafka_error(reject) != api::ErrorCode::none);
    CHECK_FALSE(explain(reject).empty());
  }
}

}  // namespace
}  // namespace highwater::log
