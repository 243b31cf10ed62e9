// Who brings a batch to a leader. Only clients are held to a client's rules: no control batches, sequences in order.
// org.apache.kafka.storage.internals.log.AppendOrigin without REPLICATION, which has its own path.
#pragma once

#include <cstdint>

namespace highwater::records {

enum class AppendOrigin : std::uint8_t { client, coordinator, raft_leader };

}  // namespace highwater::records
