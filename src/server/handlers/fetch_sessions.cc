#include "server/handlers/fetch_sessions.h"

#include <algorithm>
#include <limits>

#include "server/network/request_context.h"

namespace highwater::server {
namespace {

// org.apache.kafka.common.requests.FetchMetadata.
constexpr std::int32_t no_session = 0;
constexpr std::int32_t initial_epoch = 0;
constexpr std::int32_t final_epoch = -1;

bool is_full(const FetchSessions::Request& request) {
  return request.epoch == initial_epoch || request.epoch == final_epoch;
}

}  // namespace

std::vector<FetchPartitionWish> FetchSession::wishes() const {
  std::vector<FetchPartitionWish> list;
  list.reserve(order_.size());
  for (const auto& [rank, cached] : order_) list.push_back({cached.key, cached.wanted});
  return list;
}

bool FetchSession::take_news(const FetchKey& key, const FetchNews& news) {
  const auto found = ranks_.find(key);
  if (found == ranks_.end()) return false;
  Cached& cached = order_.at(found->second);
  const bool tell = news.must_tell || news.failed || cached.high_watermark != news.high_watermark ||
                    cached.log_start_offset != news.log_start_offset;
  // After an error the partition is told again, whatever it says then.
  cached.high_watermark = news.failed ? no_offset : news.high_watermark;
  cached.log_start_offset = news.log_start_offset;
  if (news.has_records) {
    Cached moved = std::move(cached);
    order_.erase(found->second);
    found->second = next_rank_;
    order_.emplace(next_rank_++, std::move(moved));
  }
  return tell;
}

void FetchSession::put(const FetchPartitionWish& wish) {
  const auto [found, fresh] = ranks_.try_emplace(wish.key, next_rank_);
  if (fresh) {
    order_.emplace(next_rank_++, Cached{wish.key, wish.wanted});
  } else {
    order_.at(found->second).wanted = wish.wanted;
  }
}

void FetchSession::forget(const FetchKey& key) {
  const auto found = ranks_.find(key);
  if (found == ranks_.end()) return;
  order_.erase(found->second);
  ranks_.erase(found);
}

std::expected<FetchSession*, api::ErrorCode> FetchSessions::resume(const Request& request, Instant now) {
  if (is_full(request)) {
    if (request.session_id != no_session) remove(request.session_id);
    return nullptr;
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return std::unexpected(api::ErrorCode::fetch_session_id_not_found);
  FetchSession& session = *found->second;
  if (session.epoch_ != request.epoch) return std::unexpected(api::ErrorCode::invalid_fetch_session_epoch);
  if (session.naming_ != request.naming) return std::unexpected(api::ErrorCode::fetch_session_topic_id_error);
  for (const FetchPartitionWish& wish : request.wishes) session.put(wish);
  for (const FetchKey& key : request.forgotten) session.forget(key);
  if (session.size() == 0) {
    remove(session.id_);
    return nullptr;
  }
  touch(session, now);
  session.epoch_ = epoch_after(session.epoch_);
  return &session;
}

std::int32_t FetchSessions::create(const Request& request, FetchSession::Owner owner, const std::vector<Entry>& entries,
                                   Instant now) {
  if (request.epoch != initial_epoch || !make_room(owner, entries.size(), now)) return no_session;
  auto session = std::make_unique<FetchSession>();
  session->id_ = new_id();
  session->epoch_ = epoch_after(initial_epoch);
  session->naming_ = request.naming;
  session->owner_ = owner;
  session->created_ = session->last_used_ = now;
  for (const Entry& entry : entries) {
    session->put(*entry.wish);
    FetchSession::Cached& cached = session->order_.at(session->ranks_.at(entry.wish->key));
    cached.high_watermark = entry.news.high_watermark;
    cached.log_start_offset = entry.news.log_start_offset;
  }
  const std::int32_t id = session->id_;
  touch(*sessions_.emplace(id, std::move(session)).first->second, now);
  return id;
}

FetchSession* FetchSessions::find(std::int32_t id, std::int32_t next_epoch) {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second->epoch_ == next_epoch ? found->second.get() : nullptr;
}

std::int32_t FetchSessions::epoch_after(std::int32_t epoch) {
  if (epoch < 0) return final_epoch;
  return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1;
}

bool FetchSessions::make_room(FetchSession::Owner owner, std::size_t size, Instant now) {
  if (sessions_.size() < options_.slots) return true;
  if (by_last_use_.empty()) return false;
  const auto& [oldest, stale] = *by_last_use_.begin();
  if (now - oldest.first > options_.stale_after) {
    remove(stale->id_);
    ++evictions_;
    return true;
  }
  const auto& candidates = owner == FetchSession::Owner::replica ? evictable_by_replicas_ : evictable_by_all_;
  if (candidates.empty() || Worth(owner, size, 0) < candidates.begin()->first) return false;
  remove(candidates.begin()->second->id_);
  ++evictions_;
  return true;
}

void FetchSessions::touch(FetchSession& session, Instant now) {
  by_last_use_.erase({session.last_used_, session.id_});
  const Worth before(session.owner_, session.counted_size_, session.id_);
  evictable_by_replicas_.erase(before);
  evictable_by_all_.erase(before);
  session.last_used_ = now;
  session.counted_size_ = session.size();
  by_last_use_.emplace(std::pair(now, session.id_), &session);
  const Worth worth(session.owner_, session.counted_size_, session.id_);
  const bool settled = now - session.created_ > options_.stale_after;
  if (session.owner_ == FetchSession::Owner::consumer || settled) evictable_by_replicas_.emplace(worth, &session);
  if (settled) evictable_by_all_.emplace(worth, &session);
}

std::unique_ptr<FetchSession> FetchSessions::take_out(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  std::unique_ptr<FetchSession> taken = std::move(found->second);
  const FetchSession& session = *taken;
  by_last_use_.erase({session.last_used_, id});
  const Worth worth(session.owner_, session.counted_size_, id);
  evictable_by_replicas_.erase(worth);
  evictable_by_all_.erase(worth);
  sessions_.erase(found);
  return taken;
}

std::unique_ptr<Belongings> FetchSessions::pack(const Peer& peer) { return take_out(peer.fetch_session); }

void FetchSessions::unpack(std::unique_ptr<Belongings> belongings, Instant now) {
  std::unique_ptr<FetchSession> session(static_cast<FetchSession*>(belongings.release()));
  if (sessions_.contains(session->id_) || !make_room(session->owner_, session->size(), now)) return;
  touch(*sessions_.emplace(session->id_, std::move(session)).first->second, now);
}

// Ids of core c are those that leave the remainder c; so the id alone tells where its session lives.
std::int32_t FetchSessions::new_id() {
  const std::int64_t count = std::numeric_limits<std::int32_t>::max() / static_cast<std::int64_t>(options_.cores);
  for (;;) {
    const auto draw = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(count)));
    const std::int64_t id = draw * options_.cores + options_.core;
    if (id != no_session && !sessions_.contains(static_cast<std::int32_t>(id))) return static_cast<std::int32_t>(id);
  }
}

}  // namespace highwater::server
