// OffsetForLeaderEpoch: where an epoch ended, so that a consumer or a replica finds out whether its log was cut
// (KIP-320). v3 replica id · v4 flexible
#include "engine/partition/partitions.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/offset_for_leader_epoch_request.h"
#include "protocol/messages/offset_for_leader_epoch_response.h"
#include "server/handlers/handlers.h"

namespace highwater::server {

using messages::OffsetForLeaderEpochRequest;
using messages::OffsetForLeaderEpochResponse;

io::Task<OffsetForLeaderEpochResponse> offset_for_leader_epoch(const OffsetForLeaderEpochRequest& request,
                                                               RequestContext& context) {
  using api::ErrorCode;
  OffsetForLeaderEpochResponse response;
  std::vector<engine::EpochQuery> queries;
  std::vector<std::pair<std::size_t, std::size_t>> indexes;
  const bool as_broker = context.allows(Operation::cluster_action, Resource::cluster, cluster_resource);
  for (const auto& asked_topic : request.topics) {
    const std::string_view name = asked_topic.topic.view();
    const metadata::TopicImage* image = context.image->find_topic(name);
    const bool allowed = as_broker || context.allows(Operation::describe, Resource::topic, name);
    OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult topic;
    topic.topic = wire::Text::borrow(name);  // lies in the frame, which the context holds
    for (const auto& asked : asked_topic.partitions) {
      OffsetForLeaderEpochResponse::EpochEndOffset end;
      end.partition = asked.partition;
      if (!allowed) {
        end.error_code = api::wire_code(ErrorCode::topic_authorization_failed);
      } else if (image == nullptr || image->find_partition(asked.partition) == nullptr) {
        end.error_code = api::wire_code(ErrorCode::unknown_topic_or_partition);
      } else {
        queries.push_back({{image->id, asked.partition}, asked.current_leader_epoch, asked.leader_epoch});
        indexes.emplace_back(response.topics.size(), topic.partitions.size());
      }
      topic.partitions.push_back(end);
    }
    response.topics.push_back(std::move(topic));
  }
  const auto answers = co_await context.doors.partitions->find_epoch_ends(std::move(queries));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto& end = response.topics[indexes[i].first].partitions[indexes[i].second];
    end.error_code = api::wire_code(answers[i].error);
    end.leader_epoch = answers[i].leader_epoch;
    end.end_offset = answers[i].end_offset;
  }
  co_return response;
}

}  // namespace highwater::server
