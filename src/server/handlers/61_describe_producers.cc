// DescribeProducers (KIP-664): who writes to a partition with a producer id, for finding hanging transactions.
#include <map>
#include <utility>

#include "engine/partition/partitions.h"
#include "machines/controller/refusals.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "server/handlers/handlers.h"
#include "server/handlers/pace.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::DescribeProducersRequest;
using messages::DescribeProducersResponse;
using Partition = DescribeProducersResponse::PartitionResponse;

// A partition may be named again and again, and each time Kafka tells all its producers. We do as long as the repeated
// ones are no more than this: few bytes of a request must not become gigabytes of an answer.
constexpr std::size_t repeated_producers_max = 10'000;

struct TopicError {
  ErrorCode code = ErrorCode::none;
  std::string text;
};

TopicError check(std::string_view name, const metadata::TopicImage* image, const RequestContext& context) {
  std::string problem = controller::topic_name_problem(name);
  if (!problem.empty()) return {ErrorCode::invalid_topic_exception, std::move(problem)};
  ErrorCode code = ErrorCode::none;
  if (!context.allows(Operation::read, Resource::topic, name)) {
    code = ErrorCode::topic_authorization_failed;
  } else if (image == nullptr) {
    code = ErrorCode::unknown_topic_or_partition;
  }
  return {code, std::string(api::error_text(code))};
}

// What is asked of the engine, each partition once, and where the answers go.
struct Questions {
  struct AnswerIndex {
    std::size_t topic = 0;
    std::size_t partition = 0;
    std::size_t query = 0;
  };
  std::vector<engine::ProducersQuery> queries;
  std::vector<AnswerIndex> indexes;
  std::map<std::pair<Uuid, std::int32_t>, std::size_t> numbers;

  void add(const Uuid& topic_id, std::int32_t index, std::size_t topic, std::size_t partition) {
    const auto [known, fresh] = numbers.try_emplace({topic_id, index}, queries.size());
    if (fresh) queries.push_back({{topic_id, index}});
    indexes.push_back({topic, partition, known->second});
  }
};

void fill(Partition& partition, const engine::ProducersAnswer& answer) {
  partition.error_code = api::wire_code(answer.error);
  for (const engine::ActiveProducer& producer : answer.producers)
    partition.active_producers.push_back({producer.producer_id, producer.epoch, producer.last_sequence,
                                          producer.last_timestamp, producer.coordinator_epoch,
                                          producer.txn_start_offset});
}

io::Task<void> fill_all(DescribeProducersResponse& response, const Questions& questions,
                        const std::vector<engine::ProducersAnswer>& answers, Pace& pace) {
  std::vector<bool> told(answers.size());
  std::size_t repeated = 0;
  for (const Questions::AnswerIndex& index : questions.indexes) {
    Partition& partition = response.topics[index.topic].partitions[index.partition];
    const engine::ProducersAnswer& answer = answers[index.query];
    if (told[index.query]) repeated += answer.producers.size();
    told[index.query] = true;
    if (pace.ends_turn(1 + answer.producers.size())) co_await pace.next_turn();
    if (repeated <= repeated_producers_max) {
      fill(partition, answer);
    } else {
      partition.error_code = api::wire_code(ErrorCode::unknown_server_error);
      partition.error_message = wire::Text(std::string("The request names partitions again and again."));
    }
  }
}

}  // namespace

io::Task<DescribeProducersResponse> describe_producers(const DescribeProducersRequest& request,
                                                       RequestContext& context) {
  DescribeProducersResponse response;
  Questions questions;
  controller::TextAllowance texts;
  for (const auto& asked : request.topics) {
    const metadata::TopicImage* image = context.image->find_topic(asked.name.view());
    const TopicError error = check(asked.name.view(), image, context);
    DescribeProducersResponse::TopicResponse topic;
    topic.name = wire::Text::borrow(asked.name.view());  // lies in the frame, which the context holds
    for (const std::int32_t index : asked.partition_indexes) {
      Partition partition;
      partition.partition_index = index;
      if (error.code != ErrorCode::none) {
        partition.error_code = api::wire_code(error.code);
        if (texts.covers(error.text)) partition.error_message = wire::Text(error.text);
      } else if (image->find_partition(index) == nullptr) {
        partition.error_code = api::wire_code(ErrorCode::unknown_topic_or_partition);
      } else {
        questions.add(image->id, index, response.topics.size(), topic.partitions.size());
      }
      topic.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(topic));
  }
  const auto answers = co_await context.doors.partitions->describe_producers(std::move(questions.queries));
  Pace pace(*context.doors.reactor);
  co_await fill_all(response, questions, answers, pace);
  if (pace.turns_ended() > 0) context.answer_length = AnswerLength::long_list;
  co_return response;
}

}  // namespace highwater::server
