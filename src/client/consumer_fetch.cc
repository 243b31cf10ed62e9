// One fetch from one leader, within a session that lives as long as its connection.
#include <algorithm>

#include "client/consumer.h"
#include "link/call.h"
#include "protocol/api/versions.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/records/batch_scan.h"

namespace highwater::client {

namespace {

constexpr std::int32_t last_session_epoch = INT32_MAX;

template <class Topic>
Topic& topic_entry(std::vector<Topic>& topics, const std::string& name, const Uuid& id) {
  if (topics.empty() || topics.back().topic != name) {
    Topic topic;
    topic.topic = name;
    topic.topic_id = id;
    topics.push_back(std::move(topic));
  }
  return topics.back();
}

}  // namespace

void Consumer::fill_request(messages::FetchRequest& request, NodeId node, Session& session) {
  request.max_wait_ms = options_.wait_ms_max;
  request.min_bytes = options_.min_bytes;
  request.max_bytes = options_.max_bytes;
  request.isolation_level = static_cast<std::int8_t>(options_.isolation);
  request.session_id = session.id;
  request.session_epoch = session.epoch;
  for (auto member = session.members.begin(); member != session.members.end();) {
    const auto& [key, id] = *member;
    const auto leader = cluster_->leader(key.first, key.second);
    const bool stays = assigned_.contains(key) && leader.has_value() && leader->node == node;
    if (stays) {
      ++member;
      continue;
    }
    topic_entry(request.forgotten_topics_data, key.first, id).partitions.push_back(key.second);
    member = session.members.erase(member);
  }
  for (auto& [key, assigned] : assigned_) {
    const auto leader = cluster_->leader(key.first, key.second);
    if (!leader.has_value() || leader->node != node || assigned.position == no_offset) continue;
    const Uuid id = cluster_->topic(key.first)->id;
    const bool known = session.epoch != 0 && session.members.contains(key);
    if (known && assigned.session_position == assigned.position) continue;
    session.members[key] = id;
    assigned.session_position = assigned.position;
    messages::FetchRequest::FetchPartition partition;
    partition.partition = key.second;
    partition.current_leader_epoch = leader->epoch;
    partition.fetch_offset = assigned.position;
    partition.partition_max_bytes = options_.partition_bytes_max;
    topic_entry(request.topics, key.first, id).partitions.push_back(partition);
  }
}

io::Task<void> Consumer::fetch_from(NodeId node, PollResult& result) {
  const auto fail = [&](link::LinkError error) {
    sessions_.erase(node);
    metadata_wanted_ = true;
    result.troubles.push_back({.kind = PollResult::Trouble::Kind::link, .link = error});
  };
  auto channel = co_await cluster_->channel(node);
  if (!channel.has_value()) co_return fail(channel.error().link);
  Session& session = sessions_[node];
  if (session.channel != *channel) session = {.id = 0, .epoch = 0, .members = {}, .channel = *channel};
  messages::FetchRequest request;
  fill_request(request, node, session);
  const link::CallOptions call_options{.extra_time = Duration::from_ms(options_.wait_ms_max)};
  auto answer = co_await link::call<messages::FetchResponse>(*channel, std::move(request), call_options);
  if (!answer.has_value()) co_return fail(answer.error());
  const messages::FetchResponse& response = answer->value;
  const auto code = api::error_from_wire(response.error_code);
  if (code != api::ErrorCode::none) {
    sessions_.erase(node);
    metadata_wanted_ = metadata_wanted_ || code == api::ErrorCode::fetch_session_topic_id_error;
    result.troubles.push_back({.kind = PollResult::Trouble::Kind::code, .code = code});
    co_return;
  }
  frame_ = std::move(answer->frame);
  Session& answered = sessions_[node];
  take_response(response, answered, result);
  frame_ = {};
  if (response.session_id == 0) {
    answered.id = 0;
    answered.epoch = 0;
    answered.members.clear();
  } else {
    answered.id = response.session_id;
    answered.epoch = answered.epoch == last_session_epoch ? 1 : answered.epoch + 1;
  }
}

void Consumer::take_response(const messages::FetchResponse& response, const Session& session, PollResult& result) {
  for (const auto& topic : response.responses) {
    std::string name = topic.topic.str();
    if (name.empty()) {
      for (const auto& [key, id] : session.members) {
        if (id == topic.topic_id) name = key.first;
      }
    }
    for (const auto& data : topic.partitions) take_partition({name, data.partition_index}, data, result);
  }
}

void Consumer::take_partition(const Key& key, const PartitionData& data, PollResult& result) {
  const auto found = assigned_.find(key);
  if (found == assigned_.end()) return;
  Assigned& assigned = found->second;
  const auto code = api::error_from_wire(data.error_code);
  if (code == api::ErrorCode::offset_out_of_range && options_.reset != ConsumerOptions::Reset::none) {
    assigned.position = no_offset;
    result.troubles.push_back(
        {.topic = key.first, .partition = key.second, .kind = PollResult::Trouble::Kind::reset, .code = code});
    return;
  }
  // The broker forgets the position that it refused: the next request names it again.
  if (code != api::ErrorCode::none) assigned.session_position = no_offset;
  if (code != api::ErrorCode::none) return trouble(result, key, code);
  FetchedBatches fetched = take_batches(key, data, result);
  if (fetched.batches.empty() && fetched.position == assigned.position) {
    result.fetched.push_back(std::move(fetched));
    return;
  }
  if (!fetched.batches.empty()) {
    assigned.position = records::BatchView(fetched.batches.back()).last_offset() + 1;
  }
  result.fetched.push_back(std::move(fetched));
}

FetchedBatches Consumer::take_batches(const Key& key, const PartitionData& data, PollResult& result) {
  FetchedBatches fetched{.topic = key.first,
                         .partition = key.second,
                         .position = assigned_[key].position,
                         .high_watermark = data.high_watermark,
                         .log_start = data.log_start_offset,
                         .frame = frame_,
                         .batches = {}};
  if (!data.records.has_value()) return fetched;
  records::BatchScanner scanner(data.records->view());
  while (const auto batch = scanner.next()) {
    // A broker may begin with the batch that contains the position; older ones are of no use.
    const bool sound = batch->has_header() && batch->view().crc_ok();
    if (!sound) {
      result.troubles.push_back({.topic = key.first,
                                 .partition = key.second,
                                 .kind = PollResult::Trouble::Kind::corrupt,
                                 .code = api::ErrorCode::corrupt_message});
      break;
    }
    if (batch->view().last_offset() < fetched.position) continue;
    fetched.batches.push_back(batch->bytes);
  }
  return fetched;
}

}  // namespace highwater::client
