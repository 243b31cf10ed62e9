// The maxima of the log machine. Sizes in entries unless the name says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::log {

// Batches remembered per producer for duplicate detection: Kafka's ProducerStateEntry.NUM_BATCHES_TO_RETAIN, which is
// also what clients rely on with five requests in flight.
inline constexpr std::size_t cached_batches_max = 5;

// Producers with state in one partition. Kafka has no bound and leaves it to expiration; a flood of fresh producer ids
// would take the node's memory, so the one over the limit is refused until others expire.
inline constexpr std::size_t producers_max = 1'000'000;

// Transactions being verified with their coordinator, in one partition.
inline constexpr std::size_t verifications_max = 100'000;

// Entries of a leader epoch checkpoint that we are willing to read: one per election.
inline constexpr std::size_t epochs_max = 1'000'000;

// Offsets in one segment are stored relative to its base in four bytes (OffsetIndex.canAppendOffset).
inline constexpr std::int64_t relative_offset_max = INT32_MAX;

}  // namespace highwater::log
