// Fetch: records from the leaders of their partitions, by consumers and by replicas.
// v5 log start · v7 sessions (KIP-227) · v9 leader epochs · v11 rack · v12 diverging epochs (KIP-595) · v13 topic ids
// v15 replica state (KIP-903) · v16 leader hint (KIP-951) · v17 directories · v18 the replica's watermark
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "engine/partition/partitions.h"
#include "io/reactor.h"
#include "machines/configs/broker_settings.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "server/handlers/fetch_sessions.h"
#include "server/handlers/handlers.h"
#include "server/handlers/leader_hint.h"
#include "server/handlers/negative_sizes.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::FetchRequest;
using messages::FetchResponse;
using Naming = FetchSession::Naming;

constexpr std::int8_t read_uncommitted_level = 0;
constexpr std::int8_t read_committed_level = 1;

// A negative size asks for nothing. Where Kafka fails over one, read_with_negative_sizes() does.
std::size_t size_of(std::int32_t asked) { return static_cast<std::size_t>(std::max(asked, 0)); }

NodeId replica_of(const FetchRequest& request, std::int16_t version) {
  return api::fetch_has_replica_state(version) ? request.replica_state.replica_id : request.replica_id;
}

// Of a partition that is named twice Kafka takes the last wish, in the place of the first.
void keep_last_of_each(std::vector<FetchPartitionWish>& wishes) {
  absl::flat_hash_map<FetchKey, std::size_t> places;
  places.reserve(wishes.size());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const auto [place, is_new] = places.try_emplace(wishes[i].key, kept);
    if (!is_new) {
      wishes[place->second].wanted = wishes[i].wanted;
      continue;
    }
    if (kept != i) wishes[kept] = std::move(wishes[i]);
    ++kept;
  }
  wishes.resize(kept);
}

FetchSessions::Request session_request(const FetchRequest& request, std::int16_t version) {
  FetchSessions::Request result;
  result.session_id = request.session_id;
  result.epoch = api::fetch_has_sessions(version) ? request.session_epoch : -1;
  result.naming = api::fetch_uses_topic_ids(version) ? Naming::by_id : Naming::by_name;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      result.wishes.push_back({{topic.topic.str(), topic.topic_id, partition.partition},
                               {partition.fetch_offset, partition.log_start_offset, partition.partition_max_bytes,
                                partition.current_leader_epoch, partition.last_fetched_epoch}});
    }
  }
  if (result.wishes.size() > 1) keep_last_of_each(result.wishes);
  for (const auto& topic : request.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions) {
      result.forgotten.push_back({topic.topic.str(), topic.topic_id, partition});
    }
  }
  return result;
}

// One partition of the request and what became of it.
struct Asked {
  const FetchPartitionWish* wish;
  TopicPartition partition;
  ErrorCode error = ErrorCode::none;  // found before the door was asked
};

// What is asked of the door first, then what failed already: the order in which Kafka answers.
struct Plan {
  std::vector<Asked> asked;
  std::vector<Asked> failed;
  std::vector<engine::ReadPart> parts;
};

ErrorCode check(const FetchPartitionWish& wish, Naming naming, const metadata::TopicImage* topic, bool from_replica,
                const RequestContext& context) {
  if (topic == nullptr && naming == Naming::by_id) return ErrorCode::unknown_topic_id;
  const std::string_view name = topic != nullptr ? std::string_view(topic->name) : std::string_view(wish.key.name);
  const bool allowed = from_replica ? context.allows(Operation::cluster_action, Resource::cluster, cluster_resource)
                                    : context.allows(Operation::read, Resource::topic, name);
  if (!allowed) return ErrorCode::topic_authorization_failed;
  const bool exists = topic != nullptr && topic->find_partition(wish.key.partition) != nullptr;
  return exists ? ErrorCode::none : ErrorCode::unknown_topic_or_partition;
}

Plan plan(const std::vector<FetchPartitionWish>& wishes, Naming naming, NodeId replica, const RequestContext& context) {
  Plan plan;
  plan.parts.reserve(wishes.size());
  plan.asked.reserve(wishes.size());
  for (const FetchPartitionWish& wish : wishes) {
    const metadata::TopicImage* topic = naming == Naming::by_id ? context.image->find_topic(wish.key.topic_id)
                                                                : context.image->find_topic(wish.key.name);
    const ErrorCode error = check(wish, naming, topic, replica >= 0, context);
    if (error != ErrorCode::none) {
      plan.failed.push_back({&wish, {}, error});
      continue;
    }
    const TopicPartition partition{topic->id, wish.key.partition};
    plan.asked.push_back({&wish, partition});
    plan.parts.push_back({.partition = partition,
                          .offset = wish.wanted.offset,
                          .current_leader_epoch = std::max(wish.wanted.current_leader_epoch, no_epoch),
                          .last_fetched_epoch = std::max(wish.wanted.last_fetched_epoch, no_epoch),
                          .log_start_offset = wish.wanted.log_start_offset,
                          .max_bytes = size_of(wish.wanted.max_bytes)});
  }
  return plan;
}

bool knows_isolation(const FetchRequest& request) {
  return request.isolation_level == read_uncommitted_level || request.isolation_level == read_committed_level;
}

engine::ReadOptions read_options(const FetchRequest& request, NodeId replica, const RequestContext& context) {
  const std::size_t max_bytes = size_of(std::min(request.max_bytes, context.doors.settings->fetch.max_bytes));
  return {.isolation = request.isolation_level == read_committed_level ? engine::Isolation::read_committed
                                                                       : engine::Isolation::read_uncommitted,
          .min_bytes = std::min(size_of(request.min_bytes), max_bytes),
          .max_bytes = max_bytes,
          .deadline = context.received + Duration::from_ms(std::max(request.max_wait_ms, 0)),
          .replica = replica,
          .may_stay_in_file = true};
}

// Which parts name a negative number of bytes; empty when none does. That of the request counts for its first part
// alone: Kafka measures the others against what is left, which is never negative.
std::vector<bool> negative_sizes(const FetchRequest& request, const std::vector<Asked>& asked) {
  const auto names_one = [](const Asked& part) { return part.wish->wanted.max_bytes < 0; };
  std::vector<bool> negative;
  if (request.max_bytes >= 0 && std::ranges::none_of(asked, names_one)) return negative;
  for (const Asked& part : asked) negative.push_back(names_one(part));
  if (request.max_bytes < 0) negative.front() = true;
  return negative;
}

class Answering {
 public:
  Answering(const FetchRequest& request, const FetchSessions::Request& wanted, FetchSession* session,
            RequestContext& context)
      : request_(request), wanted_(wanted), session_(session), context_(context) {}

  void add(const Asked& asked, engine::ReadOutcome outcome) {
    FetchResponse::PartitionData data;
    data.partition_index = asked.wish->key.partition;
    data.error_code = api::wire_code(told(outcome.error));
    // With an error Kafka tells no offsets at all.
    const bool good = outcome.error == ErrorCode::none;
    data.high_watermark = good ? outcome.high_watermark : no_offset;
    data.last_stable_offset = good ? outcome.last_stable_offset : no_offset;
    data.log_start_offset = good ? outcome.log_start_offset : no_offset;
    data.aborted_transactions.reset();
    const bool filtered =
        request_.isolation_level == read_committed_level && replica_of(request_, context_.version()) < 0;
    if (filtered && good && !outcome.diverging) add_aborted(outcome, data);
    if (outcome.diverging) {
      data.diverging_epoch.epoch = outcome.diverging->epoch;
      data.diverging_epoch.end_offset = outcome.diverging->end_offset;
    }
    const bool elsewhere =
        outcome.error == ErrorCode::not_leader_or_follower || outcome.error == ErrorCode::fenced_leader_epoch;
    if (elsewhere && api::fetch_carries_leader_hint(context_.version())) {
      // Replicas know where their leaders are; Kafka tells them no endpoints.
      std::vector<FetchResponse::NodeEndpoint> untold;
      const bool to_replica = replica_of(request_, context_.version()) >= 0;
      hint_leader(context_, asked.partition, data.current_leader, to_replica ? untold : response_.node_endpoints);
    }
    data.records = wire::Records(std::move(outcome.records));
    if (outcome.file.file != nullptr) data.records->append(std::move(outcome.file));
    keep(asked, std::move(data));
  }

  void add_failed(const Asked& asked) {
    FetchResponse::PartitionData data;
    data.partition_index = asked.wish->key.partition;
    data.error_code = api::wire_code(asked.error);
    data.high_watermark = no_offset;
    data.aborted_transactions.emplace();
    data.records = wire::Records();
    keep(asked, std::move(data));
  }

  FetchResponse finish(FetchSession::Owner owner) {
    if (session_ != nullptr) {
      response_.session_id = session_->id();
    } else {
      response_.session_id =
          context_.doors.fetch_sessions->create(wanted_, owner, entries_, context_.doors.reactor->now());
    }
    context_.peer.fetch_session = response_.session_id;
    return std::move(response_);
  }

 private:
  ErrorCode told(ErrorCode error) const {
    const bool unknown = error == ErrorCode::kafka_storage_error && !api::fetch_knows_storage_error(context_.version());
    return unknown ? ErrorCode::not_leader_or_follower : error;
  }

  static void add_aborted(const engine::ReadOutcome& outcome, FetchResponse::PartitionData& data) {
    auto& list = data.aborted_transactions.emplace();
    for (const engine::AbortedTransaction& aborted : outcome.aborted) {
      list.push_back({aborted.producer_id, aborted.first_offset});
    }
  }

  // A session leaves out what has not changed since its last answer.
  void keep(const Asked& asked, FetchResponse::PartitionData data) {
    FetchNews news{data.high_watermark, data.log_start_offset};
    news.has_records = data.records && !data.records->empty();
    news.failed = data.error_code != 0;
    news.must_tell = news.has_records || data.diverging_epoch.epoch != no_epoch;
    const FetchKey& key = asked.wish->key;
    if (session_ == nullptr) {
      entries_.push_back({asked.wish, news});
    } else if (!session_->take_news(key, news)) {
      return;
    }
    if (response_.responses.empty() || last_key_->topic_id != key.topic_id || last_key_->name != key.name) {
      FetchResponse::FetchableTopicResponse topic;
      topic.topic = wire::Text(key.name);
      topic.topic_id = key.topic_id;
      response_.responses.push_back(std::move(topic));
    }
    last_key_ = &key;
    response_.responses.back().partitions.push_back(std::move(data));
  }

  const FetchRequest& request_;
  const FetchSessions::Request& wanted_;
  FetchSession* session_;
  RequestContext& context_;
  FetchResponse response_;
  std::vector<FetchSessions::Entry> entries_;
  const FetchKey* last_key_ = nullptr;
};

FetchResponse failed(ErrorCode error, std::int32_t session_id) {
  FetchResponse response;
  response.error_code = api::wire_code(error);
  response.session_id = session_id;
  return response;
}

// The whole request failed where Kafka's own server would have thrown. Versions without topic ids may have no place for
// one error of all, so there each partition carries it.
FetchResponse failed_inside(const FetchRequest& request, std::int16_t version) {
  FetchResponse response = failed(ErrorCode::unknown_server_error, request.session_id);
  if (api::fetch_uses_topic_ids(version)) return response;
  for (const auto& asked : request.topics) {
    FetchResponse::FetchableTopicResponse topic;
    topic.topic = asked.topic;
    for (const auto& partition : asked.partitions) {
      FetchResponse::PartitionData data;
      data.partition_index = partition.partition;
      data.error_code = response.error_code;
      data.high_watermark = no_offset;
      data.aborted_transactions.emplace();
      data.records = wire::Records();
      topic.partitions.push_back(std::move(data));
    }
    response.responses.push_back(std::move(topic));
  }
  return response;
}

}  // namespace

io::Task<FetchResponse> fetch(const FetchRequest& request, RequestContext& context) {
  FetchSessions& sessions = *context.doors.fetch_sessions;
  const FetchSessions::Request wanted = session_request(request, context.version());
  const auto resumed = sessions.resume(wanted, context.received);
  if (!resumed) co_return failed(resumed.error(), 0);
  FetchSession* session = *resumed;
  const std::int32_t session_id = session == nullptr ? 0 : session->id();
  const std::vector<FetchPartitionWish> wishes = session == nullptr ? wanted.wishes : session->wishes();

  const NodeId replica = replica_of(request, context.version());
  Plan work = plan(wishes, wanted.naming, replica, context);
  std::vector<engine::ReadOutcome> outcomes;
  if (!work.parts.empty()) {
    if (!knows_isolation(request)) co_return failed_inside(request, context.version());
    const engine::ReadOptions options = read_options(request, replica, context);
    const std::vector<bool> negative = negative_sizes(request, work.asked);
    context.peer.affinity.note(context.doors.partitions->owner_of_all(work.parts));
    if (negative.empty()) {
      outcomes = co_await context.doors.partitions->read(std::move(work.parts), options);
    } else {
      outcomes = co_await read_with_negative_sizes(work.parts, negative, options, context);
    }
  }

  if (session != nullptr) {
    session = sessions.find(session_id, FetchSessions::epoch_after(wanted.epoch));
    if (session == nullptr) co_return failed(ErrorCode::invalid_fetch_session_epoch, session_id);
  }
  Answering answering(request, wanted, session, context);
  for (std::size_t i = 0; i < outcomes.size(); ++i) answering.add(work.asked[i], std::move(outcomes[i]));
  for (const Asked& asked : work.failed) answering.add_failed(asked);
  co_return answering.finish(replica >= 0 ? FetchSession::Owner::replica : FetchSession::Owner::consumer);
}

}  // namespace highwater::server
