// DeleteRecords (KIP-107): logs begin later from now on. v2 flexible
#include <map>

#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/api/internal_topics.h"
#include "protocol/messages/delete_records_request.h"
#include "protocol/messages/delete_records_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using messages::DeleteRecordsRequest;
using messages::DeleteRecordsResponse;

ErrorCode check(std::string_view name, std::int32_t index, const RequestContext& context) {
  if (!context.allows(Operation::remove, Resource::topic, name)) return ErrorCode::topic_authorization_failed;
  const metadata::TopicImage* image = context.image->find_topic(name);
  const bool exists = image != nullptr && image->find_partition(index) != nullptr;
  if (!exists) return ErrorCode::unknown_topic_or_partition;
  return api::is_internal_topic(name) ? ErrorCode::invalid_topic_exception : ErrorCode::none;
}

// What one partition of one topic hears. Of a partition that is named twice Kafka takes the last.
struct Deed {
  std::int32_t index = 0;
  Offset before = 0;
  engine::DeleteAnswer answer;
};
using Deeds = std::map<std::string_view, std::map<std::int32_t, Deed>>;

}  // namespace

// The timeout matters to partitions with followers alone, which must have moved their start before the answer.
io::Task<DeleteRecordsResponse> delete_records(const DeleteRecordsRequest& request, RequestContext& context) {
  Deeds deeds;
  for (const auto& topic : request.topics)
    for (const auto& partition : topic.partitions)
      deeds[topic.name.view()][partition.partition_index] = {partition.partition_index, partition.offset, {}};

  std::vector<engine::DeleteQuery> queries;
  std::vector<Deed*> asked;
  for (auto& [name, partitions] : deeds) {
    for (auto& [index, deed] : partitions) {
      deed.answer.error = check(name, index, context);
      if (deed.answer.error != ErrorCode::none) continue;
      queries.push_back({{context.image->find_topic(name)->id, index}, deed.before});
      asked.push_back(&deed);
    }
  }
  const auto answers = co_await context.doors.partitions->delete_records(std::move(queries));
  for (std::size_t i = 0; i < answers.size(); ++i) asked[i]->answer = answers[i];

  DeleteRecordsResponse response;
  for (const auto& [name, partitions] : deeds) {
    DeleteRecordsResponse::DeleteRecordsTopicResult topic;
    topic.name = wire::Text::borrow(name);  // lies in the frame, which the context holds
    for (const auto& [index, deed] : partitions)
      topic.partitions.push_back({index, deed.answer.log_start, api::wire_code(deed.answer.error)});
    response.topics.push_back(std::move(topic));
  }
  co_return response;
}

}  // namespace highwater::server
