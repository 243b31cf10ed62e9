#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "machines/controller/test_world.h"
#include "protocol/messages/alter_configs_request.h"
#include "protocol/messages/alter_configs_response.h"
#include "protocol/messages/incremental_alter_configs_request.h"
#include "protocol/messages/incremental_alter_configs_response.h"

namespace highwater::controller {
namespace {

using api::ErrorCode;
using metadata::ResourceType;
using world::World;
using Records = std::vector<std::string_view>;

constexpr std::int8_t set = 0, remove = 1, append = 2, subtract = 3;

struct Step {
  std::string key;
  std::int8_t operation;
  std::optional<std::string> value;
};

messages::IncrementalAlterConfigsRequest request_for(ResourceType type, const std::string& name,
                                                     const std::vector<Step>& steps) {
  messages::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(type);
  resource.resource_name = name;
  for (const Step& step : steps) {
    auto& config = resource.configs.emplace_back();
    config.name = step.key;
    config.config_operation = step.operation;
    config.value.reset();
    if (step.value) config.value = *step.value;
  }
  return request;
}

struct Told {
  ErrorCode error;
  std::string message;
  bool operator==(const Told&) const = default;
};
const Told fine = {ErrorCode::none, ""};

template <class Response>
Told told(const Response& response, std::size_t index = 0) {
  const auto& result = response.responses.at(index);
  return {api::error_from_wire(result.error_code), result.error_message ? result.error_message->str() : ""};
}

Told alter(World& world, ResourceType type, const std::string& name, const std::vector<Step>& steps) {
  return told(world.take(world.controller.alter_configs(request_for(type, name, steps))));
}

std::string stored(const World& world, ResourceType type, const std::string& name, const std::string& key) {
  const auto& values = world.image->configs(type, name);
  const auto found = values.find(key);
  return found == values.end() ? "(none)" : found->second;
}

World with_topic() {
  World world;
  world.join(1);
  REQUIRE(world.create("t").error_code == 0);
  return world;
}

}  // namespace

TEST_CASE("keys of a topic are set, grown, shortened and deleted") {
  World world = with_topic();
  CHECK(alter(world, ResourceType::topic, "t", {{"retention.ms", set, "5"}, {"cleanup.policy", append, "compact"}}) ==
        fine);
  CHECK(stored(world, ResourceType::topic, "t", "retention.ms") == "5");
  CHECK(stored(world, ResourceType::topic, "t", "cleanup.policy") == "delete,compact");
  CHECK(alter(world, ResourceType::topic, "t", {{"cleanup.policy", subtract, "delete"}}) == fine);
  CHECK(stored(world, ResourceType::topic, "t", "cleanup.policy") == "compact");
  CHECK(alter(world, ResourceType::topic, "t", {{"retention.ms", remove, std::nullopt}}) == fine);
  CHECK(stored(world, ResourceType::topic, "t", "retention.ms") == "(none)");
}

TEST_CASE("a value that stays is no record for a topic and one for a broker") {
  World world = with_topic();
  CHECK(alter(world, ResourceType::topic, "t", {{"retention.ms", set, "5"}}) == fine);
  CHECK(alter(world, ResourceType::topic, "t", {{"retention.ms", set, "5"}}) == fine);
  CHECK(world.last.empty());
  CHECK(alter(world, ResourceType::broker, "1", {{"log.retention.ms", set, "5"}}) == fine);
  CHECK(alter(world, ResourceType::broker, "1", {{"log.retention.ms", set, "5"}}) == fine);
  CHECK(world::names(world.last) == Records{"ConfigRecord"});
}

TEST_CASE("a resource with one bad key changes nothing, and the others of the request stand") {
  World world = with_topic();
  REQUIRE(world.create("u").error_code == 0);
  auto request = request_for(ResourceType::topic, "t", {{"segment.ms", set, "7"}, {"retention.ms", set, "x"}});
  request.resources.push_back(request_for(ResourceType::topic, "u", {{"retention.ms", set, "7"}}).resources.front());
  const auto response = world.take(world.controller.alter_configs(request));
  CHECK(told(response, 0) ==
        Told{ErrorCode::invalid_config, "Invalid value x for configuration retention.ms: Not a number of type LONG"});
  CHECK(told(response, 1) == fine);
  CHECK(stored(world, ResourceType::topic, "t", "segment.ms") == "(none)");
  CHECK(stored(world, ResourceType::topic, "u", "retention.ms") == "7");
}

TEST_CASE("validation alone writes nothing") {
  World world = with_topic();
  auto request = request_for(ResourceType::topic, "t", {{"retention.ms", set, "5"}});
  request.validate_only = true;
  CHECK(told(world.take(world.controller.alter_configs(request))) == fine);
  CHECK(world.last.empty());
}

TEST_CASE("refusals carry kafka's codes and sentences") {
  World world = with_topic();
  const auto topic = [&](const std::string& name, const std::vector<Step>& steps) {
    return alter(world, ResourceType::topic, name, steps);
  };
  CHECK(topic("t", {{"retention.ms", append, "5"}}) ==
        Told{ErrorCode::invalid_config, "Can't APPEND to key retention.ms because its type is not LIST."});
  CHECK(topic("t", {{"nobody", set, "5"}}) == Told{ErrorCode::invalid_config, "Unknown topic config name: nobody"});
  CHECK(topic("t", {{"retention.ms", set, "1\n0"}}).error == ErrorCode::invalid_config);
  CHECK(topic("t", {{"remote.storage.enable", set, "true"}}).error == ErrorCode::invalid_config);
  CHECK(topic("t", {{"leader.replication.throttled.replicas", set, std::string(40'000, '1')}}).error ==
        ErrorCode::invalid_config);
  CHECK(topic("", {}) == Told{ErrorCode::invalid_request, "Default topic resources are not allowed."});
  CHECK(topic("a b", {}).error == ErrorCode::invalid_topic_exception);
  CHECK(topic("missing", {}) == Told{ErrorCode::unknown_topic_or_partition, "The topic 'missing' does not exist."});
  CHECK(topic("t", {{"retention.ms", 9, "5"}}) == Told{ErrorCode::unknown_server_error, ""});
  CHECK(alter(world, ResourceType::broker, "7", {}) ==
        Told{ErrorCode::broker_id_not_registered, "No node with id 7 found."});
  CHECK(alter(world, ResourceType::group, "", {}).error == ErrorCode::invalid_request);
  CHECK(alter(world, ResourceType::client_metrics, "m", {{"interval.ms", set, "1"}}).error ==
        ErrorCode::invalid_request);
  CHECK(alter(world, ResourceType::client_metrics, "m", {{"metrics", append, "a"}}).error == ErrorCode::invalid_config);
}

TEST_CASE("min.insync.replicas belongs to the cluster while eligible leaders are kept") {
  World world = with_topic();
  CHECK(alter(world, ResourceType::broker, "1", {{"min.insync.replicas", set, "1"}}) ==
        Told{ErrorCode::invalid_config, "Broker-level min.insync.replicas cannot be altered while ELR is enabled."});
  CHECK(alter(world, ResourceType::broker, "", {{"min.insync.replicas", remove, std::nullopt}}) ==
        Told{ErrorCode::invalid_config, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."});
  CHECK(alter(world, ResourceType::broker, "", {{"min.insync.replicas", set, "2"}}) == fine);
  CHECK(world::names(world.last) == Records{"ConfigRecord", "ClearElrRecord"});
  CHECK(alter(world, ResourceType::topic, "t", {{"min.insync.replicas", set, "2"}}) == fine);
  REQUIRE(world.last.size() == 2);
  CHECK(std::get<messages::ClearElrRecord>(world.last[1].value).topic_name == "t");
}

TEST_CASE("without eligible leaders any broker may have its min.insync.replicas") {
  World world(0);
  world.join(1);
  CHECK(alter(world, ResourceType::broker, "1", {{"min.insync.replicas", set, "1"}}) == fine);
  CHECK(world::names(world.last) == Records{"ConfigRecord"});
}

TEST_CASE("the old way replaces everything") {
  World world = with_topic();
  CHECK(alter(world, ResourceType::topic, "t", {{"retention.ms", set, "5"}, {"segment.ms", set, "6"}}) == fine);
  messages::AlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = static_cast<std::int8_t>(ResourceType::topic);
  resource.resource_name = "t";
  auto& config = resource.configs.emplace_back();
  config.name = "segment.ms";
  config.value = "7";
  CHECK(told(world.take(world.controller.alter_configs(request))) == fine);
  CHECK(stored(world, ResourceType::topic, "t", "retention.ms") == "(none)");
  CHECK(stored(world, ResourceType::topic, "t", "segment.ms") == "7");
}

TEST_CASE("a request that would be too many records is refused whole") {
  World world = with_topic();
  messages::IncrementalAlterConfigsRequest request;
  for (int i = 0; i < 10'001; ++i)
    request.resources.push_back(
        request_for(ResourceType::group, "g" + std::to_string(i), {{"share.isolation.level", set, "read_committed"}})
            .resources.front());
  const auto response = world.take(world.controller.alter_configs(request));
  CHECK(told(response, 10'000).error == ErrorCode::policy_violation);
  CHECK(world.last.empty());
}

TEST_CASE("the first fault in the order of java's map decides about the resource or the whole request") {
  World world = with_topic();
  const Step not_a_list = {"retention.hours", append, "1"};
  const Step no_operation = {"share.isolation.level", 4, "1"};
  const Told refused = {ErrorCode::invalid_config, "Can't APPEND to key retention.hours because its type is not LIST."};
  const Told failed = {ErrorCode::unknown_server_error, ""};
  CHECK(alter(world, ResourceType::group, "g", {not_a_list, no_operation}) == refused);
  CHECK(alter(world, ResourceType::group, "g", {no_operation, not_a_list}) == refused);
  CHECK(alter(world, ResourceType::group, "g", {no_operation}) == failed);
  CHECK(alter(world, ResourceType::group, "g", {{"retention.hours", append, std::nullopt}}) == refused);
  CHECK(alter(world, ResourceType::topic, "t", {{"cleanup.policy", append, std::nullopt}}) == failed);
  auto two = request_for(ResourceType::topic, "t", {{"retention.ms", set, "5"}});
  two.resources.push_back(request_for(ResourceType::group, "g", {no_operation}).resources.front());
  const auto response = world.take(world.controller.alter_configs(two));
  CHECK(told(response, 0) == failed);
  CHECK(stored(world, ResourceType::topic, "t", "retention.ms") == "(none)");
}

}  // namespace highwater::controller
