// Who votes on the metadata log: ids with directory ids (KIP-853) and where their controller listeners are.
// Kafka: org.apache.kafka.raft.VoterSet, VotersRecord.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/uuid.h"
#include "protocol/messages/voters_record.h"

namespace highwater::raft {

inline constexpr std::int16_t kraft_version_highest = 1;

struct ReplicaKey {
  NodeId id = no_node;
  Uuid directory;  // zero: not known, or a quorum of kraft.version 0, which goes by ids

  bool operator==(const ReplicaKey&) const = default;
};

struct VoterEndpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const VoterEndpoint&) const = default;
};

struct Voter {
  ReplicaKey key;
  std::vector<VoterEndpoint> endpoints;
  std::int16_t kraft_version_lowest = 0;
  std::int16_t kraft_version_highest = raft::kraft_version_highest;

  bool operator==(const Voter&) const = default;
};

using Voters = std::vector<Voter>;

messages::VotersRecord voters_record(const Voters& voters);
Voters voters_of(const messages::VotersRecord& record);

}  // namespace highwater::raft
