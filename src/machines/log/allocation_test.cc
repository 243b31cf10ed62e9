// The produce path promises not to allocate for an ordinary batch of a known producer; this binary counts.
// ThreadSanitizer brings an allocator of its own that cannot be replaced, so the count is left to the other trees.
#if !__has_feature(thread_sanitizer)

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "machines/log/admission.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/batch_validation.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace highwater::log {
namespace {

std::vector<std::uint8_t> next_batch(std::int32_t sequence) {
  records::BatchBuilder builder({.producer_id = 1, .producer_epoch = 0, .base_sequence = sequence});
  for (int i = 0; i < 10; ++i) builder.append({.timestamp = 1000, .value = records::Nullable::of(as_bytes("value"))});
  return builder.finish();
}

TEST_CASE("validating, admitting, stamping and applying an uncompressed batch of a known producer allocates nothing") {
  Admission log(0, 0);
  for (std::int32_t round = 0; round < 20; ++round) {
    std::vector<std::uint8_t> bytes = next_batch(round * 10);
    const std::size_t before = allocations;
    records::BatchValidation validation(bytes, {}, {.now = {1000}});
    const bool done = validation.step() == records::Progress::done;
    const records::RawBatch raw{.bytes = bytes, .position = 0, .magic = 2};
    const BatchFacts facts = facts_of(raw);
    const LeaderDecision decision = log.admit(facts, {.leader_epoch = 5});
    records::stamp(
        bytes,
        {.base_offset = decision.base_offset, .leader_epoch = 5, .max_timestamp = validation.verdict().max_timestamp});
    log.apply(facts.placed_at(decision.base_offset, 5));
    const std::size_t taken = allocations - before;
    CHECK(done);
    CHECK_FALSE(validation.verdict().reject.has_value());
    CHECK(decision.answer == LeaderAnswer::append);
    if (round > 0) CHECK(taken == 0);
  }
  CHECK(log.log_end() == 200);
}

}  // namespace
}  // namespace highwater::log

#endif
