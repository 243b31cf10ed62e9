// Decides how far a led partition is committed, and who may be answered. One per led partition and leader epoch, on the
// partition's core; pure. Offsets are log ends: "one past the last record".
//
//   local written ─┐
//   local durable ─┼─► high watermark = min over the in-sync replicas ─► tickets below it are answered, in order
//   follower ends ─┘
//
// What counts of the leader itself is its committed end: the durable end in fsync durability, the written one in
// page-cache durability. The watermark never moves back and does not move at all while there are fewer in-sync
// replicas than min.insync.replicas (KIP-966). Rules of Partition.maybeIncrementLeaderHW and
// checkEnoughReplicasReachOffset.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "foundation/base/ids.h"

namespace highwater::replica {

using TicketId = std::uint64_t;

// What an append waits for.
enum class Need : std::uint8_t {
  local,    // acks=1: the leader's committed end
  in_sync,  // acks=all: the high watermark
};

enum class Answer : std::uint8_t {
  acknowledged,
  too_few_in_sync,  // the offset is reached, but the in-sync set shrank below the minimum meanwhile (error 20)
  taken_back,       // its records are not in the log any more
};

struct Answered {
  TicketId ticket = 0;
  Answer answer = Answer::acknowledged;

  bool operator==(const Answered&) const = default;
};

class Leader {
 public:
  struct Start {
    NodeId self = no_node;
    std::vector<NodeId> replicas;
    std::vector<NodeId> in_sync;
    std::int32_t min_in_sync = 1;  // min.insync.replicas
    Offset high_watermark = 0;     // what this replica knew before it led
    Offset committed_end = 0;      // of its own log
    Offset epoch_start = 0;        // its log end when it began to lead
  };
  explicit Leader(Start start);

  struct Output {
    std::optional<Offset> high_watermark;  // only when it moved
    std::vector<Answered> answers;         // by offset, equal ones in the order of wait()
  };

  // The local log's committed end moved; it only rises while the epoch lasts.
  void on_local_end(Offset committed_end);
  // A follower fetched from `next_wanted`: everything below is in its log.
  void on_follower_end(NodeId follower, Offset next_wanted);
  // The log ends at `end` again: tickets above it are answered as taken back.
  void on_taken_back(Offset end);
  void on_in_sync(std::vector<NodeId> in_sync);
  void on_min_in_sync(std::int32_t min_in_sync);

  // The ticket is answered when everything below `end` is where `need` wants it.
  void wait(TicketId ticket, Offset end, Need need);
  // It will not be answered any more (its deadline passed, its append was taken back).
  void forget(TicketId ticket);

  Output take_output();

  Offset high_watermark() const { return high_watermark_; }
  Offset epoch_start() const { return epoch_start_; }
  Offset committed_end() const { return committed_end_; }
  // Latest and by-time lookups are refused until then (KIP-207).
  bool watermark_is_ours() const { return high_watermark_ >= epoch_start_; }
  // Whether acks=all may be appended at all.
  bool enough_in_sync() const { return static_cast<std::int32_t>(in_sync_.size()) >= effective_minimum(); }
  // Whether the node holds another replica of the partition; only such may read what is not committed.
  bool has_follower(NodeId node) const;
  std::size_t waiting() const { return local_.size() + committed_.size(); }

 private:
  std::int32_t effective_minimum() const;
  // By offset, equal ones in the order of wait(). Appends come in the order of their offsets, so that almost all are
  // put at the end.
  struct Waiting {
    Offset end;
    TicketId ticket;
  };
  using Queue = std::deque<Waiting>;

  void advance();
  static void put(Queue& waiting, Waiting one);
  void answer(Queue& waiting, Offset reached, Answer with);

  NodeId self_;
  std::vector<NodeId> replicas_;
  std::vector<NodeId> in_sync_;
  std::int32_t min_in_sync_;
  Offset high_watermark_;
  Offset committed_end_;
  Offset epoch_start_;
  std::map<NodeId, Offset> follower_ends_;
  Queue local_;
  Queue committed_;
  Output output_;
};

}  // namespace highwater::replica
