// Fetches of a negative number of bytes. Kafka's segments fail over one: a partition that has something to read answers
// UNKNOWN_SERVER_ERROR, and one that has nothing answers as if no size had been named (LogSegment.read).
#pragma once

#include <vector>

#include "engine/partition/outcomes.h"
#include "io/future.h"
#include "server/network/request_context.h"

namespace highwater::server {

// Reads the parts that `negative` says of alone, so that the others are read as if those were not there; once one has
// failed nobody waits. One outcome for each part, in their order.
io::Task<std::vector<engine::ReadOutcome>> read_with_negative_sizes(const std::vector<engine::ReadPart>& parts,
                                                                    const std::vector<bool>& negative,
                                                                    engine::ReadOptions options,
                                                                    RequestContext& context);

}  // namespace highwater::server
