#include "server/handlers/fetch_sessions.h"

#include <doctest/doctest.h>

#include "server/network/request_context.h"

namespace highwater::server {
namespace {

using Owner = FetchSession::Owner;
using Naming = FetchSession::Naming;

FetchPartitionWish wish(std::int32_t partition, Offset offset = 0) {
  return {{"t", {}, partition}, {.offset = offset}};
}
Instant at(std::int64_t seconds) { return Instant{} + Duration::from_seconds(seconds); }

struct Table {
  explicit Table(std::size_t slots) : sessions({.slots = slots}, Random(1)) {}

  std::int32_t create(std::int32_t partitions, Owner owner, Instant now) {
    FetchSessions::Request request;
    request.epoch = 0;
    for (std::int32_t i = 0; i < partitions; ++i) request.wishes.push_back(wish(i));
    std::vector<FetchSessions::Entry> entries;
    for (const auto& one : request.wishes) entries.push_back({&one, {.high_watermark = 0, .log_start_offset = 0}});
    return sessions.create(request, owner, entries, now);
  }
  std::expected<FetchSession*, api::ErrorCode> resume(std::int32_t id, std::int32_t epoch, Instant now,
                                                      std::vector<FetchPartitionWish> wishes = {},
                                                      std::vector<FetchKey> forgotten = {}) {
    FetchSessions::Request request;
    request.session_id = id;
    request.epoch = epoch;
    request.wishes = std::move(wishes);
    request.forgotten = std::move(forgotten);
    return sessions.resume(request, now);
  }

  FetchSessions sessions;
};

std::vector<std::int32_t> order(const FetchSession& session) {
  std::vector<std::int32_t> list;
  for (const auto& one : session.wishes()) list.push_back(one.key.partition);
  return list;
}

}  // namespace

TEST_CASE("a session goes on with the next epoch only, and each epoch once") {
  Table table(10);
  const std::int32_t id = table.create(2, Owner::consumer, at(0));
  REQUIRE(id > 0);
  CHECK(table.resume(id, 2, at(1)).error() == api::ErrorCode::invalid_fetch_session_epoch);
  CHECK(table.resume(id + 1, 1, at(1)).error() == api::ErrorCode::fetch_session_id_not_found);
  REQUIRE(table.resume(id, 1, at(1)).has_value());
  CHECK(table.resume(id, 1, at(1)).error() == api::ErrorCode::invalid_fetch_session_epoch);
  CHECK(table.sessions.find(id, 2) != nullptr);
  CHECK(table.resume(id, 2, at(1)).has_value());
  CHECK(table.sessions.find(id, 2) == nullptr);
}

TEST_CASE("a session of names is not a session of ids") {
  Table table(10);
  const std::int32_t id = table.create(1, Owner::consumer, at(0));
  FetchSessions::Request request;
  request.session_id = id;
  request.epoch = 1;
  request.naming = Naming::by_id;
  CHECK(table.sessions.resume(request, at(1)).error() == api::ErrorCode::fetch_session_topic_id_error);
}

TEST_CASE("partitions are added, changed and forgotten between requests") {
  Table table(10);
  const std::int32_t id = table.create(2, Owner::consumer, at(0));
  FetchSession* session = *table.resume(id, 1, at(1), {wish(7), wish(1, 50)}, {{"t", {}, 0}});
  CHECK(order(*session) == std::vector<std::int32_t>{1, 7});
  CHECK(session->wishes().front().wanted.offset == 50);
  CHECK(*table.resume(id, 2, at(1), {}, {{"t", {}, 1}, {"t", {}, 7}}) == nullptr);
  CHECK(table.sessions.size() == 0);
}

TEST_CASE("an answer carries what is new, and after an error the partition again") {
  Table table(10);
  const std::int32_t id = table.create(3, Owner::consumer, at(0));
  FetchSession* session = *table.resume(id, 1, at(1));
  const FetchKey key{"t", {}, 0};
  CHECK_FALSE(session->take_news(key, {.high_watermark = 0, .log_start_offset = 0}));
  CHECK(session->take_news(key, {.high_watermark = 1, .log_start_offset = 0}));
  CHECK_FALSE(session->take_news(key, {.high_watermark = 1, .log_start_offset = 0}));
  CHECK(session->take_news(key, {.high_watermark = 1, .log_start_offset = 0, .failed = true}));
  CHECK(session->take_news(key, {.high_watermark = 1, .log_start_offset = 0}));
  CHECK(session->take_news(key, {.high_watermark = 1, .log_start_offset = 0, .must_tell = true, .has_records = true}));
  CHECK(order(*session) == std::vector<std::int32_t>{1, 2, 0});
}

TEST_CASE("a full table gives a slot to who is worth more and never takes a fresh one") {
  Table table(2);
  const std::int32_t small = table.create(1, Owner::consumer, at(0));
  const std::int32_t replica = table.create(1, Owner::replica, at(0));
  CHECK(table.create(5, Owner::consumer, at(60)) == 0);
  CHECK(table.create(5, Owner::replica, at(60)) > 0);
  CHECK(table.resume(small, 1, at(60)).error() == api::ErrorCode::fetch_session_id_not_found);
  CHECK(table.resume(replica, 1, at(60)).has_value());
  CHECK(table.sessions.evictions() == 1);
}

TEST_CASE("a session that was not used for long gives way to any other") {
  Table table(1);
  const std::int32_t old = table.create(100, Owner::replica, at(0));
  CHECK(table.create(1, Owner::consumer, at(120)) == 0);
  CHECK(table.create(1, Owner::consumer, at(121)) > 0);
  CHECK(table.resume(old, 1, at(121)).error() == api::ErrorCode::fetch_session_id_not_found);
}

TEST_CASE("a full request closes the session that it names") {
  Table table(10);
  const std::int32_t id = table.create(1, Owner::consumer, at(0));
  CHECK(*table.resume(id, 0, at(1)) == nullptr);
  CHECK(table.sessions.size() == 0);
  FetchSessions::Request last;
  last.epoch = -1;
  CHECK(table.sessions.create(last, Owner::consumer, {}, at(1)) == 0);
}

TEST_CASE("the id of a session tells its core") {
  FetchSessions sessions({.core = 2, .cores = 4, .slots = 100}, Random(3));
  FetchSessions::Request request;
  request.epoch = 0;
  for (int i = 0; i < 50; ++i) CHECK(sessions.create(request, Owner::consumer, {}, at(0)) % 4 == 2);
}

TEST_CASE("a session goes along with its peer and goes on where it was") {
  Table here(10);
  Table there(10);
  Peer peer;
  peer.fetch_session = here.create(2, Owner::consumer, at(0));
  there.sessions.unpack(here.sessions.pack(peer), at(1));
  CHECK(here.resume(peer.fetch_session, 1, at(2)).error() == api::ErrorCode::fetch_session_id_not_found);
  const auto resumed = there.resume(peer.fetch_session, 1, at(2));
  REQUIRE(resumed.has_value());
  CHECK(order(**resumed) == std::vector<std::int32_t>{0, 1});
  CHECK(here.sessions.pack(peer) == nullptr);
}

TEST_CASE("a session that finds no room where its peer goes is gone as if evicted") {
  Table here(10);
  Table full(1);
  Peer peer;
  peer.fetch_session = here.create(1, Owner::consumer, at(0));
  REQUIRE(full.create(3, Owner::consumer, at(0)) > 0);
  full.sessions.unpack(here.sessions.pack(peer), at(1));
  CHECK(full.sessions.size() == 1);
  CHECK(here.sessions.size() == 0);
}

}  // namespace highwater::server
