// KRaft for a voter: elections, the leader's epoch start, the high watermark. Pure: the driver persists, appends and
// syncs what take_output() asks for and reports back; nothing is promised before it is durable.
//
//   Unattached --campaign()--> Candidate --vote persisted, majority--> Leader
//                                                                        | election persisted: epoch start appended
//                                                                        | all of the epoch start durable on a
//                                                                        majority: ' the high watermark moves
//
// Votes and fetches of other voters join as inputs of their own; with one voter its own vote is the majority, and what
// is durable here is committed. Kafka: KafkaRaftClient, QuorumState, LeaderState.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"
#include "machines/raft/voters.h"

namespace highwater::raft {

// What outlives a restart (quorum-state). Fsynced before the vote counts and before the leader leads.
struct ElectionState {
  Epoch epoch = 0;
  NodeId leader = no_node;
  std::optional<ReplicaKey> voted;

  bool operator==(const ElectionState&) const = default;
};

// The control records at the start of a leader's epoch, in this order in one batch.
struct EpochStart {
  Epoch epoch = 0;
  NodeId leader = no_node;
  std::vector<NodeId> voters;
  std::vector<NodeId> granting;
  // Written by the first leader of a new quorum and when its own endpoints changed.
  std::optional<std::int16_t> kraft_version;
  std::optional<Voters> voter_set;
};

// The control records that raise kraft.version, in this order in one batch (KIP-853).
struct VersionRaise {
  std::int16_t kraft_version = 0;
  Voters voters;
};

struct RaftStart {
  Voter self;
  Voters voters;  // the latest of the log, the bootstrap snapshot or the configuration
  std::int16_t kraft_version = 0;
  bool voters_in_log = false;  // a VotersRecord was ever written to the log (not only to the bootstrap snapshot)
  ElectionState election;      // of quorum-state; the default when there is none
  Offset log_end = 0;          // after the last record
  Epoch log_epoch = 0;         // of the last record, 0 when empty
};

class Raft {
 public:
  struct Output {
    std::optional<ElectionState> to_persist;
    std::optional<EpochStart> to_append;   // at log_end
    std::optional<Offset> high_watermark;  // only when it moved: everything below is committed
  };

  // The failure: this node is no voter, or not the only one.
  static Result<Raft> create(RaftStart start);

  // The election timeout is over, or there is nobody to wait for.
  void campaign();
  // The last to_persist is durable.
  void on_persisted();
  // The leader has decided that kraft.version rises to what every voter knows, and appends this next: from then on the
  // voters are in the log, and go by their directories.
  VersionRaise raise_kraft_version(std::int16_t level);
  // The log now ends here; of the leader's own records.
  void on_appended(Offset log_end);
  // What the leader appended from here on did not fit and was taken back; nothing of it was durable.
  void on_truncated(Offset log_end);
  // Everything below is on this node's disk.
  void on_durable(Offset log_end);

  Output take_output();

  Epoch epoch() const { return election_.epoch; }
  NodeId leader() const { return election_.leader; }
  bool leads() const { return std::holds_alternative<Leader>(role_); }
  std::optional<Offset> high_watermark() const { return high_watermark_; }
  const Voters& voters() const { return start_.voters; }
  std::int16_t kraft_version() const { return start_.kraft_version; }

 private:
  struct Unattached {};
  struct Candidate {
    std::vector<NodeId> granting;
  };
  struct Leader {
    Offset epoch_start;  // offset of the LeaderChange record
    std::vector<NodeId> granting;
    std::optional<Offset> raised;  // offset of the record that raised kraft.version from 0
  };

  explicit Raft(RaftStart start);
  void become_leader(std::vector<NodeId> granting);
  void begin_epoch(const Leader& leader);

  RaftStart start_;
  ElectionState election_;
  std::variant<Unattached, Candidate, Leader> role_;
  Offset log_end_;
  std::optional<Offset> high_watermark_;
  Output output_;
};

}  // namespace highwater::raft
