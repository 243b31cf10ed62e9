// DescribeProducers (KIP-664): who writes to a partition with a producer id, for finding hanging transactions.
#include "engine/partition/partitions.h"
#include "machines/controller/topic_names.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/describe_producers_request.h"
#include "protocol/messages/describe_producers_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::DescribeProducersRequest;
using messages::DescribeProducersResponse;
using Partition = DescribeProducersResponse::PartitionResponse;

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

void fill(Partition& partition, const engine::ProducersAnswer& answer) {
  partition.error_code = api::wire_code(answer.error);
  for (const engine::ActiveProducer& producer : answer.producers)
    partition.active_producers.push_back({producer.producer_id, producer.epoch, producer.last_sequence,
                                          producer.last_timestamp, producer.coordinator_epoch,
                                          producer.txn_start_offset});
}

}  // namespace

io::Task<DescribeProducersResponse> describe_producers(const DescribeProducersRequest& request,
                                                       RequestContext& context) {
  DescribeProducersResponse response;
  std::vector<engine::ProducersQuery> queries;
  std::vector<std::pair<std::size_t, std::size_t>> places;
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
        partition.error_message = wire::Text(error.text);
      } else if (image->find_partition(index) == nullptr) {
        partition.error_code = api::wire_code(ErrorCode::unknown_topic_or_partition);
      } else {
        queries.push_back({{image->id, index}});
        places.emplace_back(response.topics.size(), topic.partitions.size());
      }
      topic.partitions.push_back(std::move(partition));
    }
    response.topics.push_back(std::move(topic));
  }
  const auto answers = co_await context.doors.partitions->describe_producers(std::move(queries));
  for (std::size_t i = 0; i < answers.size(); ++i)
    fill(response.topics[places[i].first].partitions[places[i].second], answers[i]);
  co_return response;
}

}  // namespace highwater::server
