// DescribeQuorum as the leader of the metadata quorum answers it: voters with their log ends, and on which addresses
// they are. Kafka: KafkaRaftClient.handleDescribeQuorumRequest, RaftUtil.singletonDescribeQuorumResponse.
#pragma once

#include "foundation/base/ids.h"
#include "foundation/base/time.h"
#include "machines/raft/raft.h"
#include "protocol/messages/fwd.h"

namespace highwater::engine {

struct QuorumLeader {
  const raft::Raft& raft;
  Offset log_end = 0;
  WallTime now;
};

// Anything else is unknown, and `leader` is not looked at.
bool asks_for_metadata_log(const messages::DescribeQuorumRequest& request);

messages::DescribeQuorumResponse describe_quorum(const messages::DescribeQuorumRequest& request,
                                                 const QuorumLeader& leader);

}  // namespace highwater::engine
