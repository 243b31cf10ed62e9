// `--initial-controllers id@host:port:directory,...`: the first voters of a dynamic quorum. Kafka: DynamicVoters.
#pragma once

#include <string_view>

#include "foundation/base/result.h"
#include "machines/raft/voters.h"

namespace highwater::node {

// By node id. `listener` is what the voters' controller listener is called. Fails in Kafka's words.
Result<raft::Voters> parse_initial_controllers(std::string_view text, std::string_view listener);

}  // namespace highwater::node
