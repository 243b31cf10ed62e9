#include <doctest/doctest.h>

#include <algorithm>

#include "machines/configs/broker_settings.h"
#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {
namespace {

ConfigMap single_node() {
  return {{"process.roles", "broker,controller"},
          {"node.id", "1"},
          {"controller.listener.names", "CONTROLLER"},
          {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
          {"controller.quorum.voters", "1@localhost:9093"}};
}

std::string sentence(ConfigMap text) {
  const auto settings = resolve_broker_settings(std::move(text));
  return settings ? "" : settings.error().text;
}

ConfigMap single_node_with(const std::string& key, const std::string& value) {
  ConfigMap text = single_node();
  text[key] = value;
  return text;
}

}  // namespace

TEST_CASE("every key of kafka 4.3 is in the table once and its default is a legal value") {
  CHECK(config_keys(Scope::topic).size() == 35);
  CHECK(config_keys(Scope::broker).size() == 370);
  for (const Scope scope : {Scope::broker, Scope::topic, Scope::group, Scope::client_metrics}) {
    const auto keys = config_keys(scope);
    CHECK(std::ranges::adjacent_find(keys, std::ranges::greater_equal{}, &ConfigKey::name) == keys.end());
    for (const ConfigKey& key : keys) {
      CHECK_MESSAGE(!key.doc.empty(), key.name);
      if (key.default_text == nullptr || key.allowed == "+") continue;
      CHECK_MESSAGE(check_value(key, key.default_text).has_value(), key.name);
    }
  }
}

TEST_CASE("every broker synonym of a topic key exists") {
  for (const Scope scope : {Scope::topic, Scope::group})
    for (const ConfigKey& key : config_keys(scope))
      for (const Synonym& synonym : broker_synonyms(key.name))
        CHECK_MESSAGE(find_config(Scope::broker, synonym.broker_key) != nullptr, synonym.broker_key);
}

TEST_CASE("an impossible value is told with key, value and bound") {
  const ConfigKey* partitions = find_config(Scope::broker, "num.partitions");
  REQUIRE(partitions != nullptr);
  CHECK(check_value(*partitions, "0").error().text ==
        "Invalid value 0 for configuration num.partitions: Value must be at least 1");
  CHECK(check_value(*partitions, "many").error().text ==
        "Invalid value many for configuration num.partitions: Not a number of type INT");
  CHECK(check_value(*partitions, "4294967297").error().text ==
        "Invalid value 4294967297 for configuration num.partitions: Not a number of type INT");
  CHECK(check_value(*partitions, " 3 ").has_value());
  CHECK(check_value(*partitions, " 00 ").error().text ==
        "Invalid value 0 for configuration num.partitions: Value must be at least 1");
  CHECK(check_value(*partitions, " ").error().text ==
        "Invalid value   for configuration num.partitions: Not a number of type INT");
  CHECK(check_value(*find_config(Scope::topic, "min.cleanable.dirty.ratio"), "2").error().text ==
        "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1");
  const ConfigKey* gzip = find_config(Scope::topic, "compression.gzip.level");
  CHECK(check_value(*gzip, "-1").has_value());
  CHECK(check_value(*gzip, "9").has_value());
  CHECK_FALSE(check_value(*gzip, "0").has_value());
  CHECK(check_value(*gzip, "10").error().text ==
        "Invalid value 10 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1");
  CHECK(check_value(*find_config(Scope::topic, "cleanup.policy"), "delete,delete").has_value());
  CHECK_FALSE(check_value(*find_config(Scope::topic, "cleanup.policy"), "delete,").has_value());
  CHECK(check_value(*find_config(Scope::topic, "cleanup.policy"), "").has_value());
}

TEST_CASE("a misspelled key finds its nearest name") {
  CHECK(nearest_config(Scope::broker, "num.partition") == "num.partitions");
  CHECK(nearest_config(Scope::broker, "log.retention.hour") == "log.retention.hours");
  CHECK(nearest_config(Scope::broker, "zookeeper.connect").empty());
}

TEST_CASE("listener prefixes lead to the plain key") {
  CHECK(find_config(Scope::broker, "listener.name.internal.ssl.keystore.location")->name == "ssl.keystore.location");
  CHECK(find_config(Scope::broker, "listener.name.internal.scram-sha-256.sasl.jaas.config")->name ==
        "sasl.jaas.config");
  CHECK(find_config(Scope::broker, "listener.name.internal.nonsense") == nullptr);
}

TEST_CASE("retention in milliseconds wins over minutes and these over hours") {
  CHECK(topic_defaults({})->retention_ms == 604'800'000);
  CHECK(topic_defaults({{"log.retention.hours", "1"}})->retention_ms == 3'600'000);
  CHECK(topic_defaults({{"log.retention.hours", "1"}, {"log.retention.minutes", "2"}})->retention_ms == 120'000);
  CHECK(topic_defaults({{"log.retention.minutes", "2"}, {"log.retention.ms", "7"}})->retention_ms == 7);
  CHECK(topic_defaults({{"log.retention.hours", "-1"}})->retention_ms == -1);
  CHECK(topic_defaults({{"log.roll.hours", "2"}})->segment_ms == 7'200'000);
}

TEST_CASE("a topic's own configuration covers the broker's") {
  const auto defaults = topic_defaults({{"log.segment.bytes", "2097152"}, {"log.durability", "page-cache"}});
  REQUIRE(defaults.has_value());
  const auto settings =
      resolve_topic_settings(*defaults, {{"retention.ms", "5"}, {"cleanup.policy", "compact,delete"}});
  REQUIRE(settings.has_value());
  CHECK(settings->segment_bytes == 2097152);
  CHECK(settings->durability == Durability::page_cache);
  CHECK(settings->retention_ms == 5);
  CHECK((settings->cleanup_compact && settings->cleanup_delete));
}

TEST_CASE("unknown and impossible topic configurations are refused by name") {
  const TopicSettings defaults;
  CHECK(validate_topic_configs(defaults, {{"retention.msec", "1"}}).error().text ==
        "Unknown topic config name: retention.msec");
  CHECK(validate_topic_configs(defaults, {{"segment.bytes", "14"}}).error().text ==
        "Invalid value 14 for configuration segment.bytes: Value must be at least 1048576");
  CHECK_FALSE(validate_topic_configs(defaults, {{"min.compaction.lag.ms", "9"}, {"max.compaction.lag.ms", "8"}}));
  CHECK(validate_topic_configs(defaults, {{"cleanup.policy", ""}}).has_value());
}

TEST_CASE("a single node configuration resolves") {
  const auto settings = resolve_broker_settings(single_node());
  REQUIRE_MESSAGE(settings.has_value(), sentence(single_node()));
  CHECK(settings->node_id == 1);
  CHECK((settings->is_broker && settings->is_controller));
  CHECK(settings->listeners.size() == 2);
  CHECK(settings->listeners[1] == Endpoint{"CONTROLLER", "", 9093, SecurityProtocol::plaintext});
  CHECK(settings->advertised_listeners.size() == 2);
  CHECK(settings->advertised_listeners[1].host == "localhost");
  CHECK(settings->inter_broker_listener_name == "PLAINTEXT");
  CHECK(settings->log_dirs == std::vector<std::string>{"/tmp/kafka-logs"});
  CHECK(settings->metadata_log_dir == "/tmp/kafka-logs");
  CHECK(settings->quorum.voters == std::vector<QuorumVoter>{{1, "localhost", 9093}});
}

TEST_CASE("the shapes of the topics of coordinators are read from their keys") {
  ConfigMap text = single_node_with("offsets.topic.num.partitions", "7");
  text.insert_or_assign("transaction.state.log.min.isr", "1");
  text.insert_or_assign("share.coordinator.state.topic.replication.factor", "1");
  const StateTopics topics = resolve_broker_settings(text).value().state_topics;
  CHECK(topics.group_offsets.num_partitions == 7);
  CHECK(topics.group_offsets.replication_factor == 3);
  CHECK(topics.group_offsets.segment_bytes == 104'857'600);
  CHECK(topics.transaction_state.num_partitions == 50);
  CHECK(topics.transaction_state.min_isr == 1);
  CHECK(topics.share_group_state.replication_factor == 1);
  CHECK(topics.share_group_state.min_isr == 2);
}

TEST_CASE("the number of the node is known by both of its names") {
  const auto settings = resolve_broker_settings(single_node());
  REQUIRE(settings.has_value());
  CHECK(settings->text.at("broker.id") == "1");
  ConfigMap old_name = single_node_with("broker.id", "1");
  old_name.erase("node.id");
  CHECK(resolve_broker_settings(old_name).value().text.at("node.id") == "1");
}

TEST_CASE("what is missing or contradictory is one sentence with the key") {
  for (const char* key : {"process.roles", "node.id", "controller.listener.names"}) {
    ConfigMap text = single_node();
    text.erase(key);
    CHECK(sentence(text).starts_with(std::string("Missing required configuration \"") + key + "\""));
  }
  ConfigMap no_quorum = single_node();
  no_quorum.erase("controller.quorum.voters");
  CHECK(sentence(no_quorum).starts_with("If using process.roles, either controller.quorum.bootstrap.servers must"));
  CHECK(sentence(single_node_with("controller.quorum.voters", "2@localhost:9093")).find("node id 1 must be included") !=
        std::string::npos);
  CHECK(sentence(single_node_with("controller.quorum.voters", "2:localhost:9093"))
            .starts_with("Invalid value 2:localhost:9093 for configuration controller.quorum.voters"));
  CHECK(sentence(single_node_with("process.roles", "zookeeper")).find("must be one of: broker, controller") !=
        std::string::npos);
  CHECK(sentence(single_node_with("listeners", "PLAINTEXT:9092")).starts_with("Invalid value PLAINTEXT:9092 for"));
  CHECK(sentence(single_node_with("listeners", "PLAINTEXT://:1,CONTROLLER://:1")).find("different port") !=
        std::string::npos);
  CHECK(sentence(single_node_with("listeners", "INSIDE://:1,CONTROLLER://:2")).starts_with("No security protocol"));
  CHECK(sentence(single_node_with("advertised.listeners", "PLAINTEXT://0.0.0.0:9092")).find("0.0.0.0") !=
        std::string::npos);
  CHECK(sentence(single_node_with("inter.broker.listener.name", "INSIDE")).starts_with("inter.broker.listener.name"));
  CHECK(sentence(single_node_with("listener.security.protocol.map", "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT"))
            .starts_with("listener PLAINTEXT asks for SSL"));
  CHECK(sentence(single_node_with("authorizer.class.name", "a.B")).starts_with("authorizer.class.name asks for a.B"));
  CHECK(sentence(single_node_with("log.retention.ms", "-5")).empty());
  CHECK(sentence(single_node_with("log.retention.ms", "0")).starts_with("log.retention.ms must be unlimited"));
  CHECK(sentence(single_node_with("broker.id", "2")) == "You must set `node.id` to the same value as `broker.id`.");
}

TEST_CASE("limits of single addresses that cannot be read stop the node") {
  const std::string key = "max.connections.per.ip.overrides";
  CHECK(sentence(single_node_with(key, "127.0.0.1:x")) ==
        "Invalid value 127.0.0.1:x for configuration max.connections.per.ip.overrides: For input string: \"x\"");
  CHECK(sentence(single_node_with(key, "127.0.0.1")).find("Error parsing configuration property") != std::string::npos);
  CHECK(sentence(single_node_with(key, "a b:5")).find("contains invalid addresses : a b") != std::string::npos);
  CHECK(sentence(single_node_with(key, "127.0.0.1:5, ::1:7,")).empty());
  CHECK(sentence(single_node_with(key, "")).empty());
}

TEST_CASE("names of listeners and protocols are one in any case") {
  const std::string key = "listener.security.protocol.map";
  ConfigMap lower = single_node_with(key, "plaintext:plaintext,controller:Plaintext");
  CHECK(sentence(lower).empty());
  lower["listeners"] = "plaintext://:9092,controller://:9093";
  CHECK(sentence(lower).empty());
  CHECK(sentence(single_node_with(key, "A:PLAINTEXT,a:SSL")).find("listener A is there twice") != std::string::npos);
}

TEST_CASE("brokers find each other by a listener or by a protocol, not by both") {
  ConfigMap text = single_node_with("inter.broker.listener.name", "PLAINTEXT");
  CHECK(sentence(text).empty());
  text["security.inter.broker.protocol"] = "PLAINTEXT";
  CHECK(sentence(text) == "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
}

TEST_CASE("what would silently not protect is refused") {
  for (const std::string key :
       {"create.topic.policy.class.name", "alter.config.policy.class.name", "client.quota.callback.class"}) {
    CHECK(sentence(single_node_with(key, "a.B")).starts_with(key + " asks for a.B, but this version"));
    CHECK(sentence(single_node_with(key, "")).empty());
  }
  CHECK(sentence(single_node_with("remote.log.storage.system.enable", "true"))
            .starts_with("remote.log.storage.system.enable asks for tiered storage"));
  CHECK(sentence(single_node_with("remote.log.storage.system.enable", "FALSE")).empty());
}

}  // namespace highwater::configs
