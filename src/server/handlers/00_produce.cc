// Produce: records to the leaders of their partitions.
// v7 zstd · v8 errors per record (KIP-467) · v9 flexible · v10 leader hint (KIP-951) · v13 topic ids (KIP-516)
#include <absl/container/flat_hash_map.h>

#include <utility>

#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/api/versions.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/records/batch_view.h"
#include "server/handlers/handlers.h"
#include "server/handlers/leader_hint.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::ProduceRequest;
using messages::ProduceResponse;
using Partition = ProduceResponse::PartitionProduceResponse;

// The client id with which Apache's own tools may write to internal topics.
constexpr std::string_view internal_client = "__admin_client";

// Where in the response an outcome belongs.
struct Place {
  std::size_t topic;
  std::size_t partition;
  TopicPartition id;
};

// What goes to the door, and for each part its place.
struct Plan {
  ProduceResponse response;
  std::vector<engine::AppendPart> parts;
  std::vector<Place> places;
};

bool is_acks(std::int16_t acks) { return acks >= -1 && acks <= 1; }

bool has_transactional_batch(const ProduceRequest& request) {
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (!partition.records || partition.records->size() < records::batch_header_size) continue;
      const records::BatchView batch(partition.records->view());
      if (batch.magic() == records::current_magic && batch.is_transactional()) return true;
    }
  }
  return false;
}

class Planner {
 public:
  Planner(const ProduceRequest& request, const RequestContext& context)
      : request_(request),
        context_(context),
        by_id_(api::produce_uses_topic_ids(context.version())),
        // Transactions are not built: whoever writes transactional records is told so for every partition.
        whole_request_(has_transactional_batch(request) ? ErrorCode::transactional_id_authorization_failed
                                                        : ErrorCode::none),
        names_many_(request.topic_data.size() > 1 ||
                    (request.topic_data.size() == 1 && request.topic_data.front().partition_data.size() > 1)) {}

  Plan make() {
    plan_.response.responses.reserve(request_.topic_data.size());
    for (const auto& topic : request_.topic_data) add_topic(topic);
    return std::move(plan_);
  }

 private:
  void add_topic(const ProduceRequest::TopicProduceData& asked) {
    const metadata::TopicImage* image =
        by_id_ ? context_.image->find_topic(asked.topic_id) : context_.image->find_topic(asked.name.view());
    ProduceResponse::TopicProduceResponse topic;
    topic.name = asked.name;
    topic.topic_id = asked.topic_id;
    const ErrorCode error = topic_error(asked, image);
    topic.partition_responses.reserve(asked.partition_data.size());
    for (const auto& data : asked.partition_data) {
      if (error == ErrorCode::none && replaces(image->id, data)) continue;
      Partition partition;
      partition.index = data.index;
      partition.base_offset = no_offset;
      partition.error_code = api::wire_code(partition_error(error, image, data));
      if (partition.error_code == 0) {
        plan_.parts.push_back({{image->id, data.index}, records_of(data)});
        if (names_many_) planned_.emplace(plan_.parts.back().partition, plan_.parts.size() - 1);
        plan_.places.push_back(
            {plan_.response.responses.size(), topic.partition_responses.size(), plan_.parts.back().partition});
      }
      topic.partition_responses.push_back(std::move(partition));
    }
    if (!topic.partition_responses.empty()) plan_.response.responses.push_back(std::move(topic));
  }

  Slice records_of(const ProduceRequest::PartitionProduceData& data) const {
    const ByteView bytes = data.records ? data.records->view() : ByteView();
    return bytes.empty() ? Slice() : context_.slice_of(bytes);
  }

  // Of a partition that is named twice, Kafka takes and answers the last records only.
  bool replaces(const Uuid& topic, const ProduceRequest::PartitionProduceData& data) {
    const auto found = planned_.find(TopicPartition{topic, data.index});
    if (found == planned_.end()) return false;
    plan_.parts[found->second].records = records_of(data);
    return true;
  }

  ErrorCode topic_error(const ProduceRequest::TopicProduceData& asked, const metadata::TopicImage* image) const {
    if (whole_request_ != ErrorCode::none) return whole_request_;
    if (image == nullptr && by_id_) return ErrorCode::unknown_topic_id;
    const std::string_view name = image != nullptr ? std::string_view(image->name) : asked.name.view();
    if (!context_.allows(Operation::write, Resource::topic, name)) return ErrorCode::topic_authorization_failed;
    return image == nullptr ? ErrorCode::unknown_topic_or_partition : ErrorCode::none;
  }

  ErrorCode partition_error(ErrorCode topic_error, const metadata::TopicImage* image,
                            const ProduceRequest::PartitionProduceData& data) const {
    if (topic_error != ErrorCode::none) return topic_error;
    if (image->find_partition(data.index) == nullptr) return ErrorCode::unknown_topic_or_partition;
    if (!is_acks(request_.acks)) return ErrorCode::invalid_required_acks;
    const bool internal = api::is_internal_topic(image->name) && context_.client_id() != internal_client;
    return internal ? ErrorCode::invalid_topic_exception : ErrorCode::none;
  }

  const ProduceRequest& request_;
  const RequestContext& context_;
  const bool by_id_;
  const ErrorCode whole_request_;
  const bool names_many_;  // else nothing can be named twice
  Plan plan_;
  absl::flat_hash_map<TopicPartition, std::size_t, TopicPartitionHash> planned_;  // to its place in plan_.parts
};

engine::AppendOptions append_options(const ProduceRequest& request, const RequestContext& context) {
  return {.acks = static_cast<engine::Acks>(request.acks),
          .deadline = context.received + Duration::from_ms(std::max(request.timeout_ms, 0)),
          .zstd_allowed = api::produce_allows_zstd(context.version()),
          .transactional = request.transactional_id.has_value()};
}

// For these Kafka does not tell where the log starts; for whatever else is wrong with records it does.
bool hides_log_start(ErrorCode error) {
  return error == ErrorCode::unknown_topic_or_partition || error == ErrorCode::unknown_topic_id ||
         error == ErrorCode::not_leader_or_follower || error == ErrorCode::message_too_large ||
         error == ErrorCode::record_list_too_large || error == ErrorCode::corrupt_message ||
         error == ErrorCode::kafka_storage_error;
}

void fill(Plan& plan, std::size_t index, const engine::AppendOutcome& outcome, const RequestContext& context) {
  const Place& place = plan.places[index];
  Partition& partition = plan.response.responses[place.topic].partition_responses[place.partition];
  partition.error_code = api::wire_code(outcome.error);
  partition.base_offset = outcome.base_offset;
  partition.log_append_time_ms = outcome.log_append_time_ms;
  partition.log_start_offset = hides_log_start(outcome.error) ? no_offset : outcome.log_start_offset;
  if (outcome.error == ErrorCode::none) return;
  // Of anything else that is wrong Kafka tells the code alone.
  if (!outcome.record_errors.empty()) partition.error_message = wire::Text(outcome.message);
  for (const engine::RecordError& error : outcome.record_errors) {
    ProduceResponse::BatchIndexAndErrorMessage entry;
    entry.batch_index = error.batch_index;
    if (!error.message.empty()) entry.batch_index_error_message = wire::Text(error.message);
    partition.record_errors.push_back(std::move(entry));
  }
  if (outcome.error == ErrorCode::not_leader_or_follower && api::produce_carries_leader_hint(context.version())) {
    hint_leader(context, place.id, partition.current_leader, plan.response.node_endpoints);
  }
}

bool any_failed(const ProduceResponse& response) {
  for (const auto& topic : response.responses) {
    for (const Partition& partition : topic.partition_responses) {
      if (partition.error_code != 0) return true;
    }
  }
  return false;
}

}  // namespace

io::Task<ProduceResponse> produce(const ProduceRequest& request, RequestContext& context) {
  Plan plan = Planner(request, context).make();
  if (!plan.parts.empty()) {
    const engine::AppendOptions options = append_options(request, context);
    const auto outcomes = co_await context.doors.partitions->append(std::move(plan.parts), options);
    for (std::size_t i = 0; i < outcomes.size(); ++i) fill(plan, i, outcomes[i], context);
  }
  // Without acks nobody waits for an answer; a failure is told by closing, so that the client looks for new metadata.
  if (request.acks == 0) context.answer = any_failed(plan.response) ? AnswerKind::hang_up : AnswerKind::silent;
  co_return std::move(plan.response);
}

}  // namespace highwater::server
