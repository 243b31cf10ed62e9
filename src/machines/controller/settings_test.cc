// Features, client quotas and SCRAM credentials.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "machines/controller/quota_keys.h"
#include "machines/controller/test_world.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"

namespace highwater::controller {

namespace {

using namespace world;

enum class Upgrade : std::int8_t { up = 1, safe_down = 2, unsafe_down = 3 };

struct Level {
  std::string_view name;
  std::int16_t level;
  Upgrade type = Upgrade::up;
};

messages::UpdateFeaturesRequest levels(const std::vector<Level>& wanted) {
  messages::UpdateFeaturesRequest request;
  for (const auto& each : wanted) {
    auto& update = request.feature_updates.emplace_back();
    update.feature = each.name;
    update.max_version_level = each.level;
    update.upgrade_type = static_cast<std::int8_t>(each.type);
  }
  return request;
}

struct Settings : World {
  using World::World;

  std::string set(const std::vector<Level>& wanted) {
    const auto answer = take(controller.update_features(levels(wanted)));
    CHECK((answer.error_code == 0) == !answer.error_message.has_value());
    return answer.error_message.has_value() ? answer.error_message->str() : "";
  }
};

metadata::QuotaEntity user(std::string_view name) { return {{"user", std::string(name)}}; }

struct Op {
  std::string_view key;
  std::optional<double> value;
};

messages::AlterClientQuotasRequest quotas(const metadata::QuotaEntity& entity, const std::vector<Op>& ops) {
  messages::AlterClientQuotasRequest request;
  auto& entry = request.entries.emplace_back();
  for (const auto& part : entity) {
    auto& named = entry.entity.emplace_back();
    named.entity_type = part.type;
    named.entity_name.reset();
    if (part.name.has_value()) named.entity_name = *part.name;
  }
  for (const auto& op : ops) {
    auto& change = entry.ops.emplace_back();
    change.key = op.key;
    change.value = op.value.value_or(0.0);
    change.remove = !op.value.has_value();
  }
  return request;
}

messages::AlterUserScramCredentialsRequest upsert(std::string_view name, std::int8_t mechanism,
                                                  std::int32_t iterations) {
  messages::AlterUserScramCredentialsRequest request;
  auto& upsertion = request.upsertions.emplace_back();
  upsertion.name = name;
  upsertion.mechanism = mechanism;
  upsertion.iterations = iterations;
  upsertion.salt = wire::Blob(as_bytes("salt"));
  upsertion.salted_password = wire::Blob(as_bytes("salted"));
  return request;
}

}  // namespace

TEST_CASE("levels go up together or not at all") {
  Settings world(0);
  world.join(1);
  CHECK(world.set({{"group.version", 1}, {"share.version", 9}}).find("only supports versions 0-1") !=
        std::string::npos);
  CHECK(world.last.empty());
  CHECK(world.set({{"group.version", 1}, {"share.version", 1}}).empty());
  CHECK(world.image->feature_level("share.version") == 1);
  CHECK(world.set({{"share.version", 0}}).find("Can't downgrade the version") != std::string::npos);
  CHECK(world.set({{"share.version", 0, Upgrade::safe_down}}).empty());
  CHECK(world.image->feature_level("share.version") == 0);
  CHECK(world.set({{"share.version", 1, Upgrade::unsafe_down}}).find("to a newer version") != std::string::npos);
  CHECK(world.set({{"unheard.of", 1}}).find("does not support this feature") != std::string::npos);
  CHECK(world.set({{"unheard.of", 0}}).find("Feature unheard.of not found") != std::string::npos);
}

TEST_CASE("a level that a registered broker does not know is refused in its name") {
  Settings world(0);
  auto old = world.registration(2, 1);
  std::erase_if(old.features, [](const auto& feature) { return feature.name == "share.version"; });
  REQUIRE(world.register_broker(old).error_code == 0);
  CHECK(world.set({{"share.version", 1}}).find("Broker 2 does not support this feature") != std::string::npos);
}

TEST_CASE("metadata.version steps down only where nothing could be forgotten") {
  Settings world;
  CHECK(world.set({{"metadata.version", 29, Upgrade::safe_down}}).find("might delete metadata") != std::string::npos);
  CHECK(world.set({{"metadata.version", 29, Upgrade::unsafe_down}}).find("not supported") != std::string::npos);
  CHECK(metadata::loses_metadata(30, 29));
  CHECK_FALSE(metadata::loses_metadata(29, 23));
  CHECK(metadata::loses_metadata(29, 22));
  CHECK(world.set({{"metadata.version", 31}}).find("only supports versions 7-30") != std::string::npos);
}

TEST_CASE("eligible leader replicas make the minimum a value of the cluster") {
  Settings world(0);
  messages::ConfigRecord own;
  own.resource_type = 4;
  own.resource_name = "1";
  own.name = "min.insync.replicas";
  own.value = "3";
  world.apply({{std::move(own), 0}});
  CHECK(world.set({{"eligible.leader.replicas.version", 1}}).empty());
  CHECK(names(world.last) == Names{"ConfigRecord", "ConfigRecord", "FeatureLevelRecord"});
  CHECK(world.image->configs(metadata::ResourceType::broker, "").at("min.insync.replicas") == "1");
  CHECK(world.image->configs(metadata::ResourceType::broker, "1").empty());
}

TEST_CASE(
    "kraft.version goes up by the quorum's own hand, with the rest of the request or not at all, and never down") {
  Settings world(0);
  const auto update = [&](const std::vector<Level>& wanted) {
    return world.controller.update_features(levels(wanted));
  };
  const auto raise = update({{"kraft.version", 1}});
  CHECK(raise.answer.error_code == 0);
  CHECK(raise.kraft_version == 1);
  CHECK(names(raise.records) == Names{"NoOpRecord"});
  CHECK(!update({{"kraft.version", 0}}).kraft_version.has_value());
  CHECK(!update({{"kraft.version", 1}, {"group.version", 9}}).kraft_version.has_value());
  CHECK(world.set({{"kraft.version", 2}}).find("Local controller 1 only supports versions 0-1") != std::string::npos);
  auto validation = levels({{"kraft.version", 1}});
  validation.validate_only = true;
  CHECK(world.controller.update_features(validation).answer.error_code == 0);
  CHECK(!world.controller.update_features(validation).kraft_version.has_value());

  world.raise_kraft_version(1);
  CHECK(!update({{"kraft.version", 1}}).kraft_version.has_value());
  CHECK(world.set({{"kraft.version", 0}}).find("without setting the upgrade type") != std::string::npos);
  const std::string why =
      "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature.";
  CHECK(world.set({{"kraft.version", 0, Upgrade::safe_down}}).ends_with(why));
  CHECK(world.set({{"kraft.version", 0, Upgrade::unsafe_down}}).ends_with(why));
}

TEST_CASE("validating features writes nothing") {
  Settings world(0);
  auto request = levels({{"group.version", 1}});
  request.validate_only = true;
  CHECK(world.take(world.controller.update_features(request)).error_code == 0);
  CHECK(world.last.empty());
}

TEST_CASE("quotas are set, changed only where they differ, and removed") {
  World world;
  const auto both = quotas(user("ann"), {{"producer_byte_rate", 1000.0}, {"request_percentage", 12.5}});
  CHECK(world.take(world.controller.alter_client_quotas(both)).entries.at(0).error_code == 0);
  CHECK(world.last.size() == 2);
  CHECK(world.image->client_quotas().find(user("ann"))->at("request_percentage") == 12.5);
  world.take(world.controller.alter_client_quotas(both));
  CHECK(world.last.empty());
  world.take(world.controller.alter_client_quotas(
      quotas(user("ann"), {{"producer_byte_rate", std::nullopt}, {"consumer_byte_rate", std::nullopt}})));
  CHECK(world.last.size() == 1);
  world.take(world.controller.alter_client_quotas(quotas(user("ann"), {{"request_percentage", std::nullopt}})));
  CHECK(world.image->client_quotas().find(user("ann")) == nullptr);
}

TEST_CASE("one wrong value keeps its whole entity as it is") {
  World world;
  const auto answer = world.take(world.controller.alter_client_quotas(
      quotas(user("ann"), {{"consumer_byte_rate", 5.0}, {"producer_byte_rate", 0.5}})));
  CHECK(answer.entries.at(0).error_code == code(ErrorCode::invalid_request));
  CHECK(world.last.empty());
}

TEST_CASE("quota values are bounded by what Kafka stores them as") {
  const double too_long = 9.3e18;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto bad = [](const metadata::QuotaEntity& entity, std::string_view key, double value) {
    return !quota_value_problem(entity, key, value).empty();
  };
  const metadata::QuotaEntity ip{{"ip", "1.2.3.4"}};
  CHECK(bad(user("a"), "producer_byte_rate", 0.0));
  CHECK(bad(user("a"), "producer_byte_rate", 1.5));
  CHECK(bad(user("a"), "producer_byte_rate", too_long));
  CHECK_FALSE(bad(user("a"), "request_percentage", too_long));
  CHECK_FALSE(bad(user("a"), "controller_mutation_rate", nan));
  CHECK(bad(user("a"), "connection_creation_rate", 1.0));
  CHECK(bad(ip, "connection_creation_rate", 2147483648.0));
  CHECK_FALSE(bad(ip, "connection_creation_rate", 2147483647.0));
}

TEST_CASE("quota entities are users, client ids and addresses, and addresses stand alone") {
  const auto bad = [](metadata::QuotaEntity entity) { return !quota_entity_problem(entity).empty(); };
  CHECK(bad({}));
  CHECK(bad({{"group", "g"}}));
  CHECK(bad({{"user", ""}}));
  CHECK(bad({{"ip", "1.2.3.4"}, {"user", "u"}}));
  CHECK(bad({{"ip", "256.1.1.1"}}));
  CHECK(bad({{"ip", "1.2.3.4.5"}}));
  CHECK(bad({{"ip", "0x7f.1"}}));
  CHECK(bad({{"ip", "1..2"}}));
  CHECK(bad({{"ip", "4294967296"}}));
  CHECK_FALSE(bad({{"ip", "10.1"}}));
  CHECK_FALSE(bad({{"ip", "4294967295"}}));
  CHECK_FALSE(bad({{"ip", "::1"}}));
  CHECK_FALSE(bad({{"ip", std::nullopt}}));
  CHECK_FALSE(bad({{"client-id", "c"}, {"user", std::nullopt}}));
}

TEST_CASE("a credential is stored as keys, never as the salted password, and can be taken away") {
  World world;
  CHECK(world.take(world.controller.alter_scram_credentials(upsert("ann", 1, 4096))).results.at(0).error_code == 0);
  const metadata::ScramKey key{1, "ann"};
  const auto* stored = world.image->scram_credentials().find(key);
  REQUIRE(stored != nullptr);
  CHECK(stored->stored_key.size() == 32);
  CHECK(stored->server_key != stored->stored_key);

  messages::AlterUserScramCredentialsRequest removal;
  auto& deletion = removal.deletions.emplace_back();
  deletion.name = "ann";
  deletion.mechanism = 1;
  CHECK(world.take(world.controller.alter_scram_credentials(removal)).results.at(0).error_code == 0);
  CHECK(world.image->scram_credentials().find(key) == nullptr);
  CHECK(world.take(world.controller.alter_scram_credentials(removal)).results.at(0).error_code ==
        code(ErrorCode::resource_not_found));
}

TEST_CASE("credentials of nobody, of unknown mechanisms and of too few or too many iterations are refused") {
  World world;
  const auto refused = [&](const messages::AlterUserScramCredentialsRequest& request) {
    return world.take(world.controller.alter_scram_credentials(request)).results.at(0).error_code;
  };
  CHECK(refused(upsert("", 1, 4096)) == code(ErrorCode::unacceptable_credential));
  CHECK(refused(upsert("ann", 0, 4096)) == code(ErrorCode::unsupported_sasl_mechanism));
  CHECK(refused(upsert("ann", 1, 4095)) == code(ErrorCode::unacceptable_credential));
  CHECK(refused(upsert("ann", 1, 16'385)) == code(ErrorCode::unacceptable_credential));
  auto twice = upsert("ann", 1, 4096);
  twice.upsertions.push_back(upsert("ann", 2, 4096).upsertions[0]);
  CHECK(refused(twice) == code(ErrorCode::duplicate_resource));
  auto no_key = upsert("ann", 1, 4096);
  no_key.upsertions[0].salted_password = {};
  CHECK(refused(no_key) == code(ErrorCode::unknown_server_error));
  CHECK(world.last.empty());
}

}  // namespace highwater::controller
