#include <doctest/doctest.h>

#include "machines/configs/alter_op.h"
#include "machines/configs/dynamic_broker.h"
#include "machines/configs/resource_rules.h"
#include "machines/configs/values.h"
#include "machines/configs/waiting.h"

namespace highwater::configs {
namespace {

const ConfigMap file = {{"process.roles", "broker,controller"},
                        {"node.id", "1"},
                        {"broker.id", "1"},
                        {"controller.listener.names", "CONTROLLER"},
                        {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                        {"controller.quorum.voters", "1@localhost:9093"},
                        {"log.retention.ms", "9000"}};

// The sentence with which a change is refused, or nothing.
std::string refusal(const ConfigMap& proposed, BrokerLevel level = BrokerLevel::one_broker) {
  const ConfigMap nothing;
  const auto checked = check_broker_change({file, nothing, nothing}, level, proposed);
  return checked ? "" : checked.error().text;
}

constexpr std::string_view wrapped_end = " for configuration Invalid dynamic configuration";

std::string out_of_reach(std::string_view why) {
  return "Invalid value org.apache.kafka.common.config.ConfigException: " + std::string(why) + std::string(wrapped_end);
}

std::string group_problem(const ConfigMap& configs) {
  const auto valid = validate_group_configs(file, configs);
  return valid ? "" : valid.error().text;
}

std::string metrics_problem(const ConfigMap& configs) {
  const auto valid = validate_client_metrics(configs);
  return valid ? "" : valid.error().text;
}

}  // namespace

TEST_CASE("a list grows by what it has not and shrinks by what it has") {
  CHECK(list_with("a,b", "b,c") == "a,b,c");
  CHECK(list_with("", "a") == "a");
  CHECK(list_with("a", "") == "a,");
  CHECK(list_with("a,a", "b,b,a") == "a,a,b");
  CHECK(list_without("a,b,a", "a") == "b,a");
  CHECK(list_without("a,b,a,c,a", "a,c,a") == "b,a");
  CHECK(list_without("a", "a,b").empty());
  CHECK(split_at_commas(",").empty());
  CHECK(split_at_commas("a,,") == std::vector<std::string>{"a"});
  CHECK_FALSE(alter_op(4).has_value());
}

TEST_CASE("this broker's value covers that of all brokers, which covers the file with its whole family") {
  const ConfigMap all = {{"log.retention.ms", "5"}, {"message.max.bytes", "10"}};
  const ConfigMap own = {{"message.max.bytes", "20"}};
  const ConfigMap effective = effective_broker_configs({file, all, own});
  CHECK(effective.at("log.retention.ms") == "5");
  CHECK(effective.at("message.max.bytes") == "20");
  const ConfigMap in_hours = {{"log.roll.hours", "1"}};
  CHECK(effective_broker_configs({in_hours, {{"log.roll.ms", "7"}}, {}}) == ConfigMap{{"log.roll.ms", "7"}});
}

TEST_CASE("what is stored and may not act is left out") {
  const ConfigMap stored = {{"node.id", "2"},           {"message.max.bytes", "many"}, {"ssl.keystore.location", "/x"},
                            {"cordoned.log.dirs", "*"}, {"log.retention.ms", "5"},     {"somebody.elses", "1"}};
  const ConfigMap all = usable_dynamic_configs(stored, BrokerLevel::all_brokers);
  CHECK(all == ConfigMap{{"log.retention.ms", "5"}, {"somebody.elses", "1"}});
  CHECK(usable_dynamic_configs(stored, BrokerLevel::one_broker).contains("cordoned.log.dirs"));
}

TEST_CASE("a running broker refuses what it cannot change") {
  CHECK(refusal({{"log.retention.ms", "5"}}).empty());
  CHECK(refusal({{"somebody.elses", "1"}}).empty());
  CHECK(refusal({{"node.id", "2"}}) == "Cannot update these configs dynamically: [node.id]");
  CHECK(refusal({{"ssl.keystore.location", "/x"}}) ==
        "These security configs can be dynamically updated only per-listener using the listener prefix: "
        "[ssl.keystore.location]");
  CHECK(refusal({{"cordoned.log.dirs", "*"}}, BrokerLevel::all_brokers) ==
        "Cannot update these configs at default cluster level, broker id must be specified: [cordoned.log.dirs]");
  CHECK(refusal({{"message.max.bytes", "-1"}}) ==
        "Invalid value -1 for configuration message.max.bytes: Value must be at least 0");
  CHECK(refusal({{"log.retention.ms", "0"}}) ==
        "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
  CHECK(
      refusal({{"cordoned.log.dirs", "/nowhere"}}) ==
      "requirement failed: All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : "
      "/nowhere");
  CHECK(refusal({{"principal.builder.class", "x"}}) ==
        "Invalid value x for configuration principal.builder.class: Class x could not be found.");
}

TEST_CASE("pools grow and shrink by half and double at most") {
  CHECK(refusal({{"num.io.threads", "16"}}).empty());
  CHECK(refusal({{"num.io.threads", "4"}}).empty());
  CHECK(refusal({{"num.io.threads", "17"}}) ==
        out_of_reach("Dynamic thread count update validation failed for num.io.threads=17, value should not be greater "
                     "than double the current value 8"));
  CHECK(refusal({{"log.cleaner.threads", "3"}}) ==
        out_of_reach("Log cleaner threads cannot be increased to more than double the current value 1"));
  ConfigMap without = file;
  without["log.cleaner.enable"] = "false";
  CHECK(check_broker_change({without, {}, {}}, BrokerLevel::all_brokers, {{"log.cleaner.threads", "100"}}).has_value());
}

TEST_CASE("of several bad values the one is told whose key kafka declares first") {
  CHECK(refusal({{"background.threads", "x"}, {"num.io.threads", "x"}}) ==
        "Invalid value x for configuration num.io.threads: Not a number of type INT");
  CHECK(group_problem({{"consumer.heartbeat.interval.ms", "x"}, {"consumer.session.timeout.ms", "x"}}) ==
        "Invalid value x for configuration consumer.session.timeout.ms: Not a number of type INT");
  CHECK(validate_topic_configs({}, {{"retention.ms", "-2"}, {"segment.bytes", "-1"}}).error().text ==
        "Invalid value -1 for configuration segment.bytes: Value must be at least 1048576");
}

TEST_CASE("limits of connections are positive for every listener") {
  CHECK(refusal({{"max.connections", "0"}}) == out_of_reach("Invalid max.connections 0"));
  CHECK(refusal({{"listener.name.plaintext.max.connections", "0"}}) == out_of_reach("Invalid max.connections 0"));
  CHECK(refusal({{"listener.name.nobody.max.connections", "0"}}).empty());
  CHECK(refusal({{"max.connections.per.ip.overrides", "127.0.0.1:x"}}) == "For input string: \"x\"");
  CHECK(refusal({{"max.connections.per.ip.overrides", "a b:1"}}) ==
        "max.connections.per.ip.overrides contains invalid addresses : a b");
}

TEST_CASE("a group stays within the bounds of the broker") {
  CHECK(group_problem({{"consumer.session.timeout.ms", "50000"}}).empty());
  CHECK(group_problem({{"consumer.session.timeout.ms", "1"}}) ==
        "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms");
  CHECK(group_problem({{"share.heartbeat.interval.ms", "15001"}}) ==
        "share.heartbeat.interval.ms must be less than or equal to group.share.max.heartbeat.interval.ms");
  CHECK(group_problem({{"nobody", "1"}}) == "Unknown group config name: nobody");
  CHECK(group_problem({{"share.auto.offset.reset", "by_duration:P1DT2H3.5S"}}).empty());
  for (const char* wrong : {"by_duration:", "by_duration:P", "by_duration:PT", "by_duration:P-1D", "by_duration:PT1S1H",
                            "by_duration:PT1.5H", "EARLIEST"})
    CHECK_FALSE(group_problem({{"share.auto.offset.reset", wrong}}).empty());
}

TEST_CASE("a subscription has a sane interval and patterns that can be read") {
  CHECK(metrics_problem({{"interval.ms", "100"}, {"match", "client_id=a.*b,client_source_port=[0-9]+"}}).empty());
  CHECK(validate_client_metrics({{"interval.ms", "99"}}).error().kind == ConfigProblem::Kind::request);
  CHECK(metrics_problem({{"interval.ms", "99"}}) ==
        "Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)");
  for (const char* wrong :
       {"client_id", "client_id=", "nobody=x", "client_id=[", "client_id=(", "client_id=a)", "client_id=*", "a=b=c"})
    CHECK(metrics_problem({{"match", wrong}}) == "Illegal client matching pattern: " + std::string(wrong));
}

TEST_CASE("replicas to throttle are pairs or a star") {
  const ConfigKey& key = *find_config(Scope::topic, "leader.replication.throttled.replicas");
  for (const char* good : {"", "*", "0:1", "0:1,2:3", "0:1,"}) CHECK_MESSAGE(check_value(key, good).has_value(), good);
  for (const char* wrong : {"x", "0:", ":1", "*,0:1", "0:1:2", "none"})
    CHECK_MESSAGE(!check_value(key, wrong).has_value(), wrong);
}

TEST_CASE("values are shown as kafka writes them") {
  const auto shown = [](std::string_view name, std::string_view text) {
    return canonical_text(*find_config(Scope::topic, name), text);
  };
  CHECK(shown("retention.ms", " +7 ") == "7");
  CHECK(shown("preallocate", "TRUE") == "true");
  CHECK(shown("cleanup.policy", "delete, compact,delete") == "delete,compact");
  CHECK(shown("leader.replication.throttled.replicas", "0:1,0:1") == "0:1,0:1");
  CHECK(shown("min.cleanable.dirty.ratio", "1e-1") == "0.1");
  CHECK(shown("min.cleanable.dirty.ratio", "1") == "1.0");
  CHECK(shown("min.cleanable.dirty.ratio", "0.0001f") == "1.0E-4");
}

TEST_CASE("what is kept and does nothing yet is named") {
  const ConfigMap topic = {
      {"retention.ms", "5"}, {"cleanup.policy", "delete"}, {"max.message.bytes", "7"}, {"flush.messages", "1"}};
  CHECK(waiting_settings(Scope::topic, topic) == std::vector<std::string>{"flush.messages", "retention.ms"});
  const ConfigMap broker = {{"message.max.bytes", "7"}, {"num.io.threads", "9"}, {"max.connections", "5"},
                            {"log.retention.ms", "5"},  {"nobody.knows", "1"},   {"producer.id.expiration.ms", "5"}};
  CHECK(waiting_settings(Scope::broker, broker) ==
        std::vector<std::string>{"log.retention.ms", "nobody.knows", "producer.id.expiration.ms"});
}

}  // namespace highwater::configs
