// Produce: records to the leaders of their partitions.
// v7 zstd · v8 errors per record (KIP-467) · v9 flexible · v10 leader hint (KIP-951) · v13 topic ids (KIP-516)
#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/partition/append_calls.h"
#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/api/versions.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/batch_validation.h"
#include "server/handlers/handlers.h"
#include "server/handlers/leader_hint.h"
#include "server/network/dispatch.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::ProduceRequest;
using messages::ProduceResponse;
using Partition = ProduceResponse::PartitionProduceResponse;

// The client id with which Apache's own tools may write to internal topics.
constexpr std::string_view internal_client = "__admin_client";

// Where in the response an outcome belongs.
struct AnswerIndex {
  std::size_t topic;
  std::size_t partition;
};

// What goes to the partitions, where in the response each outcome belongs, and the response as far as it is known
// before.
struct Plan {
  ProduceResponse& response;
  absl::InlinedVector<engine::AppendCall::Part, 1>& parts;
  absl::InlinedVector<AnswerIndex, 1>& indexes;
};

bool is_acks(std::int16_t acks) { return acks >= -1 && acks <= 1; }

bool names_partition(const RequestContext& context, std::string_view topic, std::int32_t partition) {
  const metadata::TopicImage* image = context.image->find_topic(topic);
  return image != nullptr && image->find_partition(partition) != nullptr;
}

// Before it looks at topics, Kafka takes the first batch of each partition until it finds a transactional one. One that
// cannot be a batch at all then fails the request for every partition (RequestUtils.hasTransactionalRecords).
struct RequestError {
  ErrorCode code = ErrorCode::none;
  std::string message;
};

RequestError request_error(const ProduceRequest& request, const RequestContext& context) {
  const bool asks_codecs = !api::produce_allows_zstd(context.version());
  RequestError of_codecs;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (!partition.records) continue;
      records::BatchScanner scanner(partition.records->view());
      const auto first = scanner.next();
      const bool broken =
          scanner.end() == records::ScanEnd::length_too_small || scanner.end() == records::ScanEnd::unknown_magic;
      if (!first && broken) return {ErrorCode::corrupt_message, records::describe_break(partition.records->view())};
      if (!first || !first->has_header()) continue;
      // Transactions are not built: whoever writes transactional records is told so for every partition.
      if (first->view().is_transactional()) return {ErrorCode::transactional_id_authorization_failed, {}};
      // Until it may carry zstd, Kafka asks every batch for its codec, and one that there is not fails the request.
      if (asks_codecs && !first->view().has_known_codec() &&
          names_partition(context, topic.name.view(), partition.index))
        of_codecs.code = ErrorCode::unknown_server_error;
    }
  }
  return of_codecs;
}

class Planner {
 public:
  Planner(const ProduceRequest& request, const RequestContext& context, Plan plan)
      : request_(request),
        context_(context),
        by_id_(api::produce_uses_topic_ids(context.version())),
        whole_request_(request_error(request, context)),
        plan_(plan) {
    const bool names_many = request.topic_data.size() > 1 ||
                            (request.topic_data.size() == 1 && request.topic_data.front().partition_data.size() > 1);
    if (names_many) repeats_.emplace();
  }

  void make() {
    plan_.response.responses.reserve(request_.topic_data.size());
    for (const auto& topic : request_.topic_data) add_topic(topic);
  }

 private:
  void add_topic(const ProduceRequest::TopicProduceData& asked) {
    const metadata::TopicImage* image =
        by_id_ ? context_.image->find_topic(asked.topic_id) : context_.image->find_topic(asked.name.view());
    if (asked.partition_data.empty()) return;
    const std::size_t number = number_of(asked, image);
    auto& answers = plan_.response.responses[number].partition_responses;
    const ErrorCode of_topic = topic_error(asked, image);
    answers.reserve(answers.size() + asked.partition_data.size());
    for (const auto& data : asked.partition_data) {
      if (of_topic == ErrorCode::none && replaces(image->id, data)) continue;
      const ErrorCode error = partition_error(of_topic, image, data);
      if (error != ErrorCode::none && repeats_ && !repeats_->failed.emplace(number, data.index).second) continue;
      if (error == ErrorCode::none) add_part({image->id, data.index}, data, {number, answers.size()});
      Partition& partition = answers.emplace_back();
      partition.index = data.index;
      partition.base_offset = no_offset;
      partition.error_code = api::wire_code(error);
      if (!whole_request_.message.empty()) partition.error_message = wire::Text(whole_request_.message);
    }
  }

  void add_part(const TopicPartition& id, const ProduceRequest::PartitionProduceData& data, AnswerIndex index) {
    if (repeats_) repeats_->planned.emplace(id, plan_.parts.size());
    plan_.parts.push_back({.id = id, .records = records_of(data)});
    plan_.indexes.push_back(index);
  }

  // A topic that is named twice is answered once.
  std::size_t number_of(const ProduceRequest::TopicProduceData& asked, const metadata::TopicImage* image) {
    auto& topics = plan_.response.responses;
    if (repeats_) {
      const auto [known, is_new] =
          repeats_->topic_numbers.try_emplace({asked.name.view(), asked.topic_id}, topics.size());
      if (!is_new) return known->second;
    }
    auto& topic = topics.emplace_back();
    topic.name = image != nullptr ? wire::Text::borrow(image->name) : asked.name.owned();
    topic.topic_id = asked.topic_id;
    return topics.size() - 1;
  }

  Slice records_of(const ProduceRequest::PartitionProduceData& data) const {
    const ByteView bytes = data.records ? data.records->view() : ByteView();
    return bytes.empty() ? Slice() : context_.slice_of(bytes);
  }

  // Of a partition that is named twice, Kafka takes and answers the last records only.
  bool replaces(const Uuid& topic, const ProduceRequest::PartitionProduceData& data) {
    if (!repeats_) return false;
    const auto found = repeats_->planned.find(TopicPartition{topic, data.index});
    if (found == repeats_->planned.end()) return false;
    plan_.parts[found->second].records = records_of(data);
    return true;
  }

  ErrorCode topic_error(const ProduceRequest::TopicProduceData& asked, const metadata::TopicImage* image) const {
    if (whole_request_.code != ErrorCode::none) return whole_request_.code;
    if (image == nullptr && by_id_) return ErrorCode::unknown_topic_id;
    const std::string_view name = image != nullptr ? std::string_view(image->name) : asked.name.view();
    if (!context_.allows(Operation::write, Resource::topic, name)) return ErrorCode::topic_authorization_failed;
    return image == nullptr ? ErrorCode::unknown_topic_or_partition : ErrorCode::none;
  }

  ErrorCode partition_error(ErrorCode topic_error, const metadata::TopicImage* image,
                            const ProduceRequest::PartitionProduceData& data) const {
    if (topic_error != ErrorCode::none) return topic_error;
    if (image->find_partition(data.index) == nullptr) return ErrorCode::unknown_topic_or_partition;
    if (!is_acks(request_.acks)) return error_before_acks(data);
    const bool internal = api::is_internal_topic(image->name) && context_.client_id() != internal_client;
    return internal ? ErrorCode::invalid_topic_exception : ErrorCode::none;
  }

  // What may not even be sent is told before the acks are looked at (ProduceRequest.validateRecords).
  ErrorCode error_before_acks(const ProduceRequest::PartitionProduceData& data) const {
    records::ProduceTerms terms;
    terms.zstd_allowed = api::produce_allows_zstd(context_.version());
    const ByteView bytes = data.records ? data.records->view() : ByteView();
    records::BatchValidation validation(bytes, {}, terms);
    if (validation.step(0) == records::Progress::more) return ErrorCode::invalid_required_acks;
    const auto reject = validation.verdict().reject;
    return reject && records::is_refused_before_log(*reject) ? records::kafka_error(*reject)
                                                             : ErrorCode::invalid_required_acks;
  }

  const ProduceRequest& request_;
  const RequestContext& context_;
  const bool by_id_;
  const RequestError whole_request_;
  Plan plan_;
  // Only of a request that names several partitions: else nothing can be named twice.
  struct Repeats {
    absl::flat_hash_map<TopicPartition, std::size_t, TopicPartitionHash> planned;  // to the number of its part
    std::map<std::pair<std::string_view, Uuid>, std::size_t> topic_numbers;        // in the response
    std::set<std::pair<std::size_t, std::int32_t>> failed;                         // number of the topic, partition
  };
  std::optional<Repeats> repeats_;
};

// Kafka's timeout counts the wait for other replicas, and a write of its own is done before it looks at the time. Ours
// waits for the disk too, so that a shorter time would fail what Kafka acknowledges.
constexpr std::int32_t least_timeout_ms = 1000;

// Of acks that there are not no part has come this far.
engine::AppendOptions append_options(const ProduceRequest& request, const RequestContext& context) {
  return {.acks = static_cast<engine::Acks>(request.acks),
          .deadline = context.received + Duration::from_ms(std::max(request.timeout_ms, least_timeout_ms)),
          .zstd_allowed = api::produce_allows_zstd(context.version())};
}

// For these Kafka does not tell where the log starts; for whatever else is wrong with records it does.
bool hides_log_start(ErrorCode error) {
  return error == ErrorCode::unknown_topic_or_partition || error == ErrorCode::unknown_topic_id ||
         error == ErrorCode::not_leader_or_follower || error == ErrorCode::message_too_large ||
         error == ErrorCode::record_list_too_large || error == ErrorCode::corrupt_message ||
         error == ErrorCode::kafka_storage_error;
}

bool any_failed(const ProduceResponse& response) {
  for (const auto& topic : response.responses) {
    for (const Partition& partition : topic.partition_responses) {
      if (partition.error_code != 0) return true;
    }
  }
  return false;
}

class DirectProduce final : public DirectRequest, private engine::AppendWaiter {
 public:
  DirectProduce(RequestContext context, DirectSlot slot) : context_(std::move(context)), slot_(slot) {}

  void begin() override;
  Answer answer(wire::Writer& out) override;

 private:
  void on_appended() override { slot_.owner.direct_done(slot_.number); }
  void refuse(std::string_view why);
  io::Task<void> append_elsewhere();
  void fill(const AnswerIndex& index, const engine::AppendCall::Part& part);

  engine::AppendCall call_{*this};
  RequestContext context_;
  DirectSlot slot_;
  ProduceRequest request_;
  ProduceResponse response_;
  absl::InlinedVector<AnswerIndex, 1> indexes_;
  std::optional<Answer> refusal_;
  std::optional<io::TaskGroup> elsewhere_;
};

void DirectProduce::begin() {
  wire::Reader reader(context_.frame.view().subspan(context_.header.size));
  if (!decode(reader, context_.version(), request_)) return refuse(reader.error());
  if (!pipeline::authorise(context_)) return refuse("not allowed");
  pipeline::charge(context_);
  Planner(request_, context_, {response_, call_.parts, indexes_}).make();
  call_.options = append_options(request_, context_);
  // The bytes of the frame belong to the records from here on.
  context_.frame = {};
  context_.header.client_id.reset();
  if (call_.parts.empty()) return on_appended();
  engine::Partitions& partitions = *context_.doors.partitions;
  if (partitions.append_here(call_)) return context_.peer.affinity.note(partitions.self());
  elsewhere_.emplace(context_.doors.reactor->ready());
  elsewhere_->spawn(append_elsewhere());
}

// For partitions of other cores, and such as cannot take anything.
io::Task<void> DirectProduce::append_elsewhere() {
  std::vector<engine::AppendPart> asked;
  asked.reserve(call_.parts.size());
  for (engine::AppendCall::Part& part : call_.parts) asked.push_back({part.id, std::move(part.records)});
  engine::Partitions& partitions = *context_.doors.partitions;
  context_.peer.affinity.note(partitions.owner_of_all(asked));
  auto outcomes = co_await partitions.append(std::move(asked), call_.options);
  for (std::size_t i = 0; i < outcomes.size(); ++i) call_.parts[i].outcome = std::move(outcomes[i]);
  on_appended();
}

void DirectProduce::refuse(std::string_view why) {
  refusal_ = pipeline::refuse(context_, why);
  slot_.owner.direct_done(slot_.number);
}

Answer DirectProduce::answer(wire::Writer& out) {
  if (refusal_) return std::move(*refusal_);
  for (std::size_t i = 0; i < call_.parts.size(); ++i) fill(indexes_[i], call_.parts[i]);
  // Without acks nobody waits for an answer; a failure is told by closing, so that the client looks for new metadata.
  if (request_.acks == 0) return {any_failed(response_) ? AnswerKind::hang_up : AnswerKind::silent, {}, {}};
  write_answer(out, response_, context_);
  return {};
}

void DirectProduce::fill(const AnswerIndex& index, const engine::AppendCall::Part& part) {
  const engine::AppendOutcome& outcome = part.outcome;
  Partition& partition = response_.responses[index.topic].partition_responses[index.partition];
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
  if (outcome.error == ErrorCode::not_leader_or_follower && api::produce_carries_leader_hint(context_.version())) {
    hint_leader(context_, part.id, partition.current_leader, response_.node_endpoints);
  }
}

}  // namespace

std::unique_ptr<DirectRequest> produce(RequestContext&& context, DirectSlot slot) {
  return std::make_unique<DirectProduce>(std::move(context), slot);
}

}  // namespace highwater::server
