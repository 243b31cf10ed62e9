// Incremental fetch sessions (KIP-227): what a client fetches, remembered between its requests, so that a request names
// only what changed and an answer only what is new. One table per core; the id of a session carries the core that made
// it, so that no two are the same. A session goes along when its connection moves to another core; for any other
// connection there it is simply not found. Bounded by slots (max.incremental.fetch.session.cache.slots,
// split over the cores); eviction by Kafka's rules: stale ones first, then smaller by larger, never a replica's by a
// consumer's. Kafka: FetchSession, FetchSessionCacheShard, FetchManager.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/random.h"
#include "foundation/base/time.h"
#include "protocol/api/error_code.h"
#include "server/network/belongings.h"

namespace highwater::server {

// By id from version 13 on, by name before; never both.
struct FetchKey {
  std::string name;
  Uuid topic_id;
  std::int32_t partition = 0;

  bool operator==(const FetchKey&) const = default;
  template <class H>
  friend H AbslHashValue(H state, const FetchKey& key) {
    return H::combine(std::move(state), key.name, UuidHash{}(key.topic_id), key.partition);
  }
};

// What a client wants of one partition.
struct FetchWish {
  Offset offset = 0;
  Offset log_start_offset = no_offset;
  std::int32_t max_bytes = 0;
  Epoch current_leader_epoch = no_epoch;
  Epoch last_fetched_epoch = no_epoch;
};

struct FetchPartitionWish {
  FetchKey key;
  FetchWish wanted;
};

// What an answer says of one partition, as far as a session must remember or compare it.
struct FetchNews {
  Offset high_watermark = no_offset;
  Offset log_start_offset = no_offset;
  bool must_tell = false;  // records, an error, a diverging epoch or a preferred replica
  bool has_records = false;
  bool failed = false;
};

class FetchSession final : public Belongings {
 public:
  enum class Naming : std::uint8_t { by_name, by_id };
  enum class Owner : std::uint8_t { consumer, replica };

  std::int32_t id() const { return id_; }
  std::size_t size() const { return order_.size(); }
  // In the order in which partitions are served: those that gave records last come last.
  std::vector<FetchPartitionWish> wishes() const;
  // Remembers the news; true when the answer has to carry this partition.
  bool take_news(const FetchKey& key, const FetchNews& news);

 private:
  friend class FetchSessions;

  struct Cached {
    FetchKey key;
    FetchWish wanted;
    Offset high_watermark = no_offset;
    Offset log_start_offset = no_offset;
  };

  void put(const FetchPartitionWish& wish);
  void forget(const FetchKey& key);

  std::int32_t id_ = 0;
  std::int32_t epoch_ = 0;  // that the next request must carry
  Naming naming_ = Naming::by_name;
  Owner owner_ = Owner::consumer;
  Instant created_;
  Instant last_used_;
  std::size_t counted_size_ = 0;
  std::uint64_t next_rank_ = 0;
  std::map<std::uint64_t, Cached> order_;
  absl::flat_hash_map<FetchKey, std::uint64_t> ranks_;
};

struct FetchSessionOptions {
  std::uint32_t core = 0;
  std::uint32_t cores = 1;
  std::size_t slots = 1000;
  Duration stale_after = Duration::from_seconds(120);
};

class FetchSessions final : public BelongingsKeeper {
 public:
  FetchSessions(FetchSessionOptions options, Random random) : options_(options), random_(random) {}

  struct Request {
    std::int32_t session_id = 0;
    std::int32_t epoch = -1;
    FetchSession::Naming naming = FetchSession::Naming::by_name;
    std::vector<FetchPartitionWish> wishes;
    std::vector<FetchKey> forgotten;
  };
  // The session that an incremental request goes on with, its wishes brought up to date; null when the request stands
  // for itself (it is full, or it emptied its session); else the error of the whole request.
  std::expected<FetchSession*, api::ErrorCode> resume(const Request& request, Instant now);

  // A session for a full request, filled with what was asked and answered; 0 when there is no room or none is wanted.
  struct Entry {
    const FetchPartitionWish* wish;
    FetchNews news;
  };
  std::int32_t create(const Request& request, FetchSession::Owner owner, const std::vector<Entry>& entries,
                      Instant now);

  // Still the session that resume() gave? A second request with the same epoch may have gone by while this one waited.
  FetchSession* find(std::int32_t id, std::int32_t next_epoch);
  static std::int32_t epoch_after(std::int32_t epoch);

  std::unique_ptr<Belongings> pack(const Peer& peer) override;
  void unpack(std::unique_ptr<Belongings> belongings, Instant now) override;

  std::size_t size() const { return sessions_.size(); }
  std::uint64_t evictions() const { return evictions_; }

 private:
  // Less is evicted first. Where a session stands in the order of eviction (EvictableKey).
  using Worth = std::tuple<FetchSession::Owner, std::size_t, std::int32_t>;

  bool make_room(FetchSession::Owner owner, std::size_t size, Instant now);
  void touch(FetchSession& session, Instant now);
  void remove(std::int32_t id) { take_out(id); }
  std::unique_ptr<FetchSession> take_out(std::int32_t id);  // null: unknown
  std::int32_t new_id();

  FetchSessionOptions options_;
  Random random_;
  std::map<std::int32_t, std::unique_ptr<FetchSession>> sessions_;
  std::map<std::pair<Instant, std::int32_t>, FetchSession*> by_last_use_;
  std::map<Worth, FetchSession*> evictable_by_replicas_;
  std::map<Worth, FetchSession*> evictable_by_all_;
  std::uint64_t evictions_ = 0;
};

}  // namespace highwater::server
