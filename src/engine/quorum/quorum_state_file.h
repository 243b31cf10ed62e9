// `quorum-state`, what a voter must not forget: one line of JSON. Version 1 belongs to kraft.version 1, version 0 to
// static quorums; both are read. Kafka: FileQuorumStateStore, QuorumStateData.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.h"
#include "machines/raft/raft.h"

namespace highwater::engine {

std::string print_quorum_state(const raft::ElectionState& state, std::int16_t kraft_version,
                               const std::vector<NodeId>& voters);
// The failure says what is wrong, without naming the file.
Result<raft::ElectionState> parse_quorum_state(std::string_view text);

}  // namespace highwater::engine
