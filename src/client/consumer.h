// A consumer of assigned partitions: fetch sessions (KIP-227), long polls, offsets reset by ListOffsets, every batch
// checked against its CRC. Gives whole batches on, as they came. On one reactor; the cluster must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cluster.h"
#include "foundation/base/slice.h"
#include "protocol/messages/fwd.h"

namespace highwater::client {

enum class Isolation : std::int8_t { read_uncommitted = 0, read_committed = 1 };

struct ConsumerOptions {
  std::int32_t wait_ms_max = 500;
  std::int32_t min_bytes = 1;
  std::int32_t max_bytes = 50 << 20;
  std::int32_t partition_bytes_max = 1 << 20;
  Isolation isolation = Isolation::read_uncommitted;
  enum class Reset : std::uint8_t { earliest, latest, none } reset = Reset::earliest;
  Duration backoff = Duration::from_ms(100);
};

inline constexpr std::int64_t latest_timestamp = -1;
inline constexpr std::int64_t earliest_timestamp = -2;

// Whole batches of one partition in offset order, CRCs checked; the first may begin before the position asked for.
struct FetchedBatches {
  std::string topic;
  std::int32_t partition = 0;
  Offset position = 0;  // that was asked for
  Offset high_watermark = no_offset;
  Offset log_start = no_offset;
  Slice frame;
  std::vector<ByteView> batches;  // parts of the frame
};

struct PollResult {
  std::vector<FetchedBatches> fetched;
  // What the poll met on its way; positions are kept or reset and the next poll goes on.
  struct Trouble {
    std::string topic;
    std::int32_t partition = 0;
    enum class Kind : std::uint8_t { link, code, corrupt, reset } kind = Kind::code;
    api::ErrorCode code = api::ErrorCode::none;
    link::LinkError link = link::LinkError::disconnected;
  };
  std::vector<Trouble> troubles;
};

class Consumer {
 public:
  Consumer(Cluster& cluster, ConsumerOptions options);
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Reads from `position` on; no_offset asks for the reset position first.
  void assign(std::string topic, std::int32_t partition, Offset position);
  void unassign(const std::string& topic, std::int32_t partition);
  Offset position(const std::string& topic, std::int32_t partition) const;
  // One fetch from each leader of the assigned partitions; waits up to wait_ms_max for bytes, or backs off in trouble.
  io::Task<PollResult> poll();
  // The offset for a timestamp, or for latest_timestamp / earliest_timestamp.
  io::Task<ClientResult<Offset>> offset_for(std::string topic, std::int32_t partition, std::int64_t timestamp);

 private:
  using Key = std::pair<std::string, std::int32_t>;
  struct Assigned {
    Offset position = no_offset;
    bool in_session = false;  // the broker's session knows it, at `session_position`
    Offset session_position = no_offset;
  };
  struct Session {
    std::int32_t id = 0;
    std::int32_t epoch = 0;
    std::map<Key, Uuid> members;
    std::shared_ptr<link::Channel> channel;  // a session is only used where it began
  };

  io::Task<void> fetch_from(NodeId node, PollResult& result);
  io::Task<void> reset_positions(PollResult& result);
  io::Task<void> find_leaders(PollResult& result);
  void fill_request(messages::FetchRequest& request, NodeId node, Session& session);
  using PartitionData = messages::fetch_response_parts::PartitionData;
  void take_response(const messages::FetchResponse& response, const Session& session, PollResult& result);
  void take_partition(const Key& key, const PartitionData& data, PollResult& result);
  FetchedBatches take_batches(const Key& key, const PartitionData& data, PollResult& result);
  void trouble(PollResult& result, const Key& key, api::ErrorCode code);

  Cluster* cluster_;
  ConsumerOptions options_;
  std::map<Key, Assigned> assigned_;
  std::map<NodeId, Session> sessions_;
  Slice frame_;  // of the answer that is being taken apart
  bool metadata_wanted_ = false;
};

}  // namespace highwater::client
