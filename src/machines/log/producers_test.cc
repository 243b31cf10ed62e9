// One case per rule of idempotent and transactional producers (KIP-98, 360, 890).
#include "machines/log/producers.h"

#include <doctest/doctest.h>

namespace highwater::log {
namespace {

constexpr ProducerId producer = 7;

BatchFacts data(std::int32_t first_sequence, std::int32_t count, Offset offset, std::int16_t epoch = 0) {
  return {.base_offset = offset,
          .last_offset = offset + count - 1,
          .leader_epoch = 1,
          .max_timestamp = 1000 + offset,
          .producer_id = producer,
          .producer_epoch = epoch,
          .base_sequence = first_sequence,
          .last_sequence = records::sequence_after(first_sequence, count - 1),
          .size_bytes = 100,
          .marker = std::nullopt};
}

BatchFacts of(ProducerId id, BatchFacts batch) {
  batch.producer_id = id;
  return batch;
}

BatchFacts transactional(BatchFacts batch) {
  batch.scope = BatchScope::transactional;
  return batch;
}

BatchFacts marker(TxnOutcome outcome, Offset offset, std::int16_t epoch = 0, std::int32_t coordinator_epoch = 1) {
  BatchFacts batch = data(records::no_sequence, 1, offset, epoch);
  batch.base_sequence = batch.last_sequence = records::no_sequence;
  batch.kind = BatchKind::control;
  batch.scope = BatchScope::transactional;
  batch.marker = TxnMarker{.outcome = outcome, .coordinator_epoch = coordinator_epoch, .timestamp = 2000 + offset};
  return batch;
}

WriteTerms unverified() { return {.verification = Verification::disabled}; }
WriteTerms by_coordinator(std::int16_t version) {
  return {.origin = AppendOrigin::coordinator, .transaction_version = version};
}

TEST_CASE("a new producer may begin at any sequence number") {
  const ProducerTable table;
  CHECK_FALSE(table.check(data(0, 1, 0), {}).has_value());
  CHECK_FALSE(table.check(data(99, 1, 0), {}).has_value());
}

TEST_CASE("the next batch must follow without a gap") {
  ProducerTable table;
  table.apply(data(0, 5, 0));
  CHECK_FALSE(table.check(data(5, 1, 5), {}).has_value());
  CHECK(table.check(data(6, 1, 5), {}) == AppendReject::out_of_order_sequence);
  CHECK(table.check(data(4, 1, 5), {}) == AppendReject::out_of_order_sequence);
}

TEST_CASE("sequence numbers wrap from the largest to zero") {
  ProducerTable table;
  table.apply(data(INT32_MAX - 1, 2, 0));
  CHECK_FALSE(table.check(data(0, 1, 2), {}).has_value());
  CHECK(table.check(data(1, 1, 2), {}) == AppendReject::out_of_order_sequence);
}

TEST_CASE("a batch across the wrap is recognised when it comes again") {
  ProducerTable table;
  table.apply(data(INT32_MAX - 1, 4, 10));
  const auto known = table.find_duplicate(data(INT32_MAX - 1, 4, 99));
  REQUIRE(known.has_value());
  CHECK(known->first_offset() == 10);
  CHECK(known->last_sequence == 1);
  CHECK_FALSE(table.check(data(2, 1, 14), {}).has_value());
}

TEST_CASE("each of the last five batches gives its first answer again, the sixth does not") {
  ProducerTable table;
  for (std::int32_t i = 0; i < 6; ++i) table.apply(data(i * 10, 10, i * 10));
  for (std::int32_t i = 1; i < 6; ++i) {
    const auto known = table.find_duplicate(data(i * 10, 10, 500));
    REQUIRE(known.has_value());
    CHECK(known->first_offset() == i * 10);
    CHECK(known->last_offset == i * 10 + 9);
    CHECK(known->timestamp == 1000 + i * 10);
  }
  CHECK_FALSE(table.find_duplicate(data(0, 10, 500)).has_value());
  CHECK(table.check(data(0, 10, 500), {}) == AppendReject::out_of_order_sequence);
}

TEST_CASE("only the exact sequence range is a duplicate") {
  ProducerTable table;
  table.apply(data(0, 10, 0));
  CHECK_FALSE(table.find_duplicate(data(0, 9, 10)).has_value());
  CHECK_FALSE(table.find_duplicate(data(1, 9, 10)).has_value());
  CHECK_FALSE(table.find_duplicate(data(0, 10, 10, 1)).has_value());
}

TEST_CASE("a new epoch must begin at sequence zero and forgets the batches of the old one") {
  ProducerTable table;
  table.apply(data(0, 10, 0));
  CHECK(table.check(data(10, 1, 10, 1), {}) == AppendReject::out_of_order_sequence);
  CHECK_FALSE(table.check(data(0, 1, 10, 1), {}).has_value());
  table.apply(data(0, 1, 10, 1));
  CHECK_FALSE(table.find_duplicate(data(0, 10, 0)).has_value());
}

TEST_CASE("an older epoch is refused") {
  ProducerTable table;
  table.apply(data(0, 1, 0, 5));
  CHECK(table.check(data(1, 1, 1, 4), {}) == AppendReject::stale_producer_epoch);
  CHECK(table.check(data(1, 1, 1, -1), {}) == AppendReject::stale_producer_epoch);
}

TEST_CASE("sequence numbers of a coordinator are not checked") {
  ProducerTable table;
  table.apply(data(0, 1, 0));
  CHECK_FALSE(table.check(data(50, 1, 1), by_coordinator(0)).has_value());
}

TEST_CASE("a plain write inside an open transaction is refused") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0)));
  CHECK(table.check(data(1, 1, 1), {}) == AppendReject::invalid_transaction_state);
  CHECK_FALSE(table.check(transactional(data(1, 1, 1)), {}).has_value());
}

TEST_CASE("a transactional write needs an open transaction or a verified one") {
  ProducerTable table;
  const BatchFacts first = transactional(data(0, 1, 0));
  CHECK(table.check(first, {}) == AppendReject::invalid_transaction_state);
  CHECK_FALSE(table.check(first, unverified()).has_value());
  const VerificationGuard guard = table.start_verification(first, EpochBump::unsupported, {0});
  CHECK(table.check(first, {.guard = guard + 1}) == AppendReject::invalid_transaction_state);
  CHECK_FALSE(table.check(first, {.guard = guard}).has_value());
}

TEST_CASE("a guard serves one transaction only") {
  ProducerTable table;
  const BatchFacts first = transactional(data(0, 1, 0));
  const VerificationGuard guard = table.start_verification(first, EpochBump::unsupported, {0});
  table.apply(first);
  table.apply(marker(TxnOutcome::abort, 1));
  CHECK(table.check(transactional(data(1, 1, 2)), {.guard = guard}) == AppendReject::invalid_transaction_state);
  CHECK(table.start_verification(first, EpochBump::unsupported, {0}) != guard);
}

TEST_CASE("a stale epoch is told as such even when the write is unverified") {
  ProducerTable table;
  table.apply(data(0, 1, 0, 5));
  CHECK(table.check(transactional(data(0, 1, 1, 4)), {}) == AppendReject::stale_producer_epoch);
}

TEST_CASE("with epoch bumps a producer without state must begin at zero") {
  ProducerTable table;
  const BatchFacts later = transactional(data(3, 1, 0));
  const VerificationGuard guard = table.start_verification(later, EpochBump::supported, {0});
  CHECK(table.check(later, {.guard = guard}) == AppendReject::out_of_order_sequence);
  CHECK_FALSE(table.check(transactional(data(0, 1, 0)), {.guard = guard}).has_value());
}

TEST_CASE("a later batch does not overtake an earlier one that is being verified") {
  ProducerTable table;
  const VerificationGuard guard = table.start_verification(transactional(data(4, 1, 0)), EpochBump::unsupported, {0});
  CHECK(table.start_verification(transactional(data(2, 1, 0)), EpochBump::unsupported, {0}) == guard);
  CHECK(table.check(transactional(data(4, 1, 0)), {.guard = guard}) == AppendReject::out_of_order_sequence);
  CHECK_FALSE(table.check(transactional(data(2, 1, 0)), {.guard = guard}).has_value());
}

TEST_CASE("the marker of one transaction leaves the verification of the next in the same bumped epoch") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0, 1)));
  const BatchFacts next = transactional(data(0, 1, 2, 2));
  const VerificationGuard guard = table.start_verification(next, EpochBump::supported, {0});
  table.apply(marker(TxnOutcome::commit, 1, 2));
  CHECK_FALSE(table.check(next, {.guard = guard}).has_value());
}

TEST_CASE("a transaction is open from its first batch to its marker") {
  ProducerTable table;
  CHECK_FALSE(table.has_open_transaction(producer, 0));
  table.apply(transactional(data(0, 2, 5)));
  CHECK(table.has_open_transaction(producer, 0));
  CHECK_FALSE(table.has_open_transaction(producer, 1));
  CHECK(table.first_undecided_offset() == 5);
  CHECK(table.oldest_open_txn_timestamp() == 1005);
  const auto completed = table.apply(marker(TxnOutcome::abort, 7));
  REQUIRE(completed.has_value());
  CHECK(completed->first_offset == 5);
  CHECK(completed->last_offset == 7);
  CHECK(completed->outcome == TxnOutcome::abort);
  CHECK(completed->last_stable_offset == 8);
  CHECK_FALSE(table.has_open_transaction(producer, 0));
  CHECK_FALSE(table.first_undecided_offset().has_value());
}

TEST_CASE("a completed transaction holds the stable offset until its marker is below the high watermark") {
  ProducerTable table;
  table.apply(transactional(data(0, 2, 5)));
  table.apply(marker(TxnOutcome::commit, 7));
  CHECK(table.first_unstable_offset() == 5);
  table.on_high_watermark(7);
  CHECK(table.first_unstable_offset() == 5);
  table.on_high_watermark(8);
  CHECK_FALSE(table.first_unstable_offset().has_value());
}

TEST_CASE("the oldest of open and unreplicated transactions is the unstable offset") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0)));
  table.apply(of(8, transactional(data(0, 1, 1))));
  const auto completed = table.apply(marker(TxnOutcome::commit, 2));
  CHECK(completed->last_stable_offset == 1);
  CHECK(table.first_unstable_offset() == 0);
  table.on_high_watermark(3);
  CHECK(table.first_unstable_offset() == 1);
}

TEST_CASE("a marker without a transaction completes nothing but keeps the epochs") {
  ProducerTable table;
  CHECK_FALSE(table.apply(marker(TxnOutcome::commit, 0, 3, 9)).has_value());
  CHECK(table.find(producer)->epoch == 3);
  CHECK(table.find(producer)->coordinator_epoch == 9);
  CHECK_FALSE(table.first_unstable_offset().has_value());
}

TEST_CASE("a control batch that compaction emptied changes nothing") {
  ProducerTable table;
  BatchFacts emptied = marker(TxnOutcome::commit, 0);
  emptied.marker.reset();
  table.apply(emptied);
  CHECK(table.size() == 0);
  CHECK(table.end_offset() == 1);
}

TEST_CASE("a marker with an older producer epoch is refused, with the same one only below transaction version 2") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0, 5)));
  CHECK(table.check(marker(TxnOutcome::commit, 1, 4), by_coordinator(0)) == AppendReject::stale_producer_epoch);
  CHECK_FALSE(table.check(marker(TxnOutcome::commit, 1, 5), by_coordinator(1)).has_value());
  CHECK(table.check(marker(TxnOutcome::commit, 1, 5), by_coordinator(2)) == AppendReject::stale_producer_epoch);
  CHECK_FALSE(table.check(marker(TxnOutcome::commit, 1, 6), by_coordinator(2)).has_value());
}

TEST_CASE("a marker that comes again after its transaction ended is accepted in version 2") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0, 5)));
  table.apply(marker(TxnOutcome::commit, 1, 6));
  CHECK_FALSE(table.check(marker(TxnOutcome::commit, 2, 6), by_coordinator(2)).has_value());
}

TEST_CASE("a marker of an older coordinator is refused") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0)));
  table.apply(marker(TxnOutcome::commit, 1, 0, 9));
  CHECK(table.check(marker(TxnOutcome::abort, 2, 0, 8), by_coordinator(0)) == AppendReject::stale_coordinator_epoch);
  CHECK_FALSE(table.check(marker(TxnOutcome::abort, 2, 0, 9), by_coordinator(0)).has_value());
}

TEST_CASE("a bumped epoch in the marker forgets the batches of the transaction") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0)));
  table.apply(marker(TxnOutcome::commit, 1, 1));
  CHECK_FALSE(table.find_duplicate(data(0, 1, 0)).has_value());
  CHECK_FALSE(table.check(data(0, 1, 2, 1), {}).has_value());
  CHECK(table.check(data(1, 1, 2, 1), {}) == AppendReject::out_of_order_sequence);
}

TEST_CASE("an idle producer expires by its last timestamp, one in a transaction does not") {
  ProducerTable table;
  table.apply(data(0, 1, 0));
  table.apply(of(8, transactional(data(0, 1, 1))));
  const std::vector<ProducerId> ids = table.ids_after(no_producer_id, 10);
  CHECK(table.remove_expired(ids, {1000 + 499}, 500) == 0);
  CHECK(table.remove_expired(ids, {1000 + 500}, 500) == 1);
  CHECK(table.remove_expired(ids, {INT64_MAX / 2}, 500) == 0);
  CHECK(table.find(8) != nullptr);
}

TEST_CASE("a producer expires whatever timestamp its batch had") {
  ProducerTable table;
  BatchFacts batch = data(0, 2, 0);
  batch.max_timestamp = INT64_MIN;
  table.apply(batch);
  CHECK(table.remove_expired(table.ids_after(no_producer_id, 1), {1'700'000'000'000}, 500) == 1);
}

TEST_CASE("ids are walked in order, some at a time, while producers come and go") {
  ProducerTable table;
  for (const ProducerId id : {9, 3, 70, 12}) table.apply(of(id, data(0, 1, id)));
  CHECK(table.ids_after(no_producer_id, 3) == std::vector<ProducerId>{3, 9, 12});
  table.apply(of(40, data(0, 1, 71)));
  const std::vector<ProducerId> all_but_one{3, 9, 12, 70};
  CHECK(table.remove_expired(all_but_one, {1000 + 70 + 100}, 100) == 4);
  CHECK(table.ids_after(12, 3) == std::vector<ProducerId>{40});
  CHECK(table.ids_after(40, 3).empty());
  table.reset(0);
  CHECK(table.ids_after(no_producer_id, 3).empty());
}

TEST_CASE("a forgotten producer goes on with any sequence number") {
  ProducerTable table;
  table.apply(data(0, 10, 0));
  CHECK(table.remove_expired(table.ids_after(no_producer_id, 1), {1'000'000}, 1) == 1);
  CHECK_FALSE(table.check(data(10, 1, 10), {}).has_value());
  CHECK_FALSE(table.find_duplicate(data(0, 10, 0)).has_value());
}

TEST_CASE("batches without a producer only move the end") {
  ProducerTable table;
  table.apply(of(no_producer_id, data(0, 4, 10)));
  CHECK(table.size() == 0);
  CHECK(table.end_offset() == 14);
}

TEST_CASE("advancing the log start forgets transactions that were completed below it") {
  ProducerTable table;
  table.apply(transactional(data(0, 1, 0)));
  table.apply(marker(TxnOutcome::commit, 1));
  table.on_log_start(2);
  CHECK_FALSE(table.first_unstable_offset().has_value());
  CHECK(table.end_offset() == 2);
  table.on_log_start(20);
  CHECK(table.end_offset() == 20);
}

}  // namespace
}  // namespace highwater::log
