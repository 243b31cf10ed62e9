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

messages::DescribeQuorumResponse describe_quorum(const messages::DescribeQuorumRequest& request,
                                                 const QuorumLeader& leader);

}  // namespace highwater::engine
