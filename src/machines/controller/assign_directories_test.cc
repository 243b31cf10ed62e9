// Brokers with several log directories: where replicas lie, and what the loss of a directory takes along.
#include "machines/controller/limits.h"
#include "machines/controller/test_world.h"
#include "protocol/messages/assign_replicas_to_dirs_request.h"
#include "protocol/messages/assign_replicas_to_dirs_response.h"

namespace highwater::controller {
namespace {

using namespace world;

constexpr Uuid first = Uuid::from_halves(7, 1);
constexpr Uuid second = Uuid::from_halves(7, 2);

struct TwoDirectories : World {
  TwoDirectories() {
    auto request = registration(1, 1);
    request.log_dirs = {first, second};
    REQUIRE(register_broker(request).error_code == 0);
    REQUIRE(!beat(1, Wish::serve).is_fenced);
    REQUIRE(create("t", 2).error_code == 0);
  }

  messages::AssignReplicasToDirsResponse assign(const Uuid& directory, std::int32_t index,
                                                std::optional<Uuid> id = {}) {
    messages::AssignReplicasToDirsRequest request;
    request.broker_id = 1;
    request.broker_epoch = image->find_broker(1)->epoch;
    auto& place = request.directories.emplace_back();
    place.id = directory;
    auto& topic = place.topics.emplace_back();
    topic.topic_id = id.value_or(image->find_topic("t")->id);
    topic.partitions.push_back({index});
    return take(controller.assign_replicas_to_dirs(request));
  }
  static std::int16_t error_of(const messages::AssignReplicasToDirsResponse& answer) {
    return answer.directories.at(0).topics.at(0).partitions.at(0).error_code;
  }
  void lose(const Uuid& directory) {
    messages::BrokerHeartbeatRequest request;
    request.broker_id = 1;
    request.broker_epoch = image->find_broker(1)->epoch;
    request.current_metadata_offset = next - 1;
    request.offline_log_dirs = {directory};
    REQUIRE(take(controller.heartbeat(request, {now, next})).error_code == 0);
  }
};

}  // namespace

TEST_CASE("a broker with two directories says where its replicas lie, once") {
  TwoDirectories broker;
  CHECK(broker.partition("t").directories == std::vector<Uuid>{metadata::unassigned_directory});
  CHECK(TwoDirectories::error_of(broker.assign(second, 0)) == 0);
  CHECK(names(broker.last) == Names{"PartitionChangeRecord"});
  CHECK(broker.partition("t").directories == std::vector<Uuid>{second});
  CHECK(TwoDirectories::error_of(broker.assign(second, 0)) == 0);
  CHECK(broker.last.empty());
}

TEST_CASE("an assignment of what does not exist is told so, each by itself") {
  TwoDirectories broker;
  CHECK(TwoDirectories::error_of(broker.assign(first, 9)) == code(ErrorCode::unknown_topic_or_partition));
  CHECK(TwoDirectories::error_of(broker.assign(first, 0, Uuid::from_halves(1, 1))) ==
        code(ErrorCode::unknown_topic_id));
  CHECK(broker.last.empty());
  messages::AssignReplicasToDirsRequest stale;
  stale.broker_id = 1;
  stale.broker_epoch = 12345;
  CHECK(broker.take(broker.controller.assign_replicas_to_dirs(stale)).error_code ==
        code(ErrorCode::stale_broker_epoch));
}

TEST_CASE("a broker that names more places than one batch holds is refused as a whole") {
  TwoDirectories broker;
  messages::AssignReplicasToDirsRequest request;
  request.broker_id = 1;
  request.broker_epoch = broker.image->find_broker(1)->epoch;
  auto& topic = request.directories.emplace_back().topics.emplace_back();
  request.directories[0].id = second;
  topic.topic_id = broker.image->find_topic("t")->id;
  topic.partitions.assign(records_per_operation_max + 1, {0});
  const auto answer = broker.take(broker.controller.assign_replicas_to_dirs(request));
  CHECK(answer.error_code == code(ErrorCode::policy_violation));
  CHECK(answer.directories.empty());
  CHECK(broker.last.empty());
}

TEST_CASE("the loss of a directory takes the leaders that lie there, and those that are said to lie there later") {
  TwoDirectories broker;
  broker.assign(first, 0);
  broker.lose(second);
  CHECK(broker.partition("t", 0).leader == 1);
  CHECK(broker.partition("t", 1).leader == 1);
  CHECK(TwoDirectories::error_of(broker.assign(second, 1)) == 0);
  CHECK(broker.partition("t", 0).leader == 1);
  CHECK(broker.partition("t", 1).leader == no_node);
  CHECK(broker.partition("t", 1).directories == std::vector<Uuid>{second});
}

}  // namespace highwater::controller
