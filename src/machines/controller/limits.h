// The maxima of the active controller (Kafka: QuorumController, ReplicationControlManager).
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::controller {

// Records that one client's request may become; also the longest batch of the metadata log.
inline constexpr std::size_t records_per_operation_max = 10'000;
// Partitions that one CreateTopics request may ask for.
inline constexpr std::int64_t partitions_per_request_max = 10'000;
inline constexpr std::size_t topic_name_length_max = 249;
// What the messages of one answer may come to, in bytes: few bytes of a request name many partitions, and each would
// hear the name of its topic again. Beyond it codes go alone.
inline constexpr std::size_t answer_text_bytes_max = std::size_t{4} << 20;
// Producer ids given to a broker at once.
inline constexpr std::int32_t producer_id_block = 1'000;

}  // namespace highwater::controller
