#include "server/handlers/wanted_topic.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace highwater::server {
namespace {

std::map<std::string, std::string> configs_of(const messages::CreateTopicsRequest::CreatableTopic& topic) {
  std::map<std::string, std::string> configs;
  for (const auto& config : topic.configs) configs.emplace(config.name.str(), config.value->str());
  return configs;
}

}  // namespace

TEST_CASE("a plain topic that is made on demand takes the defaults of the cluster") {
  const auto topic = wanted_topic("orders", {});
  CHECK(topic.name == "orders");
  CHECK(topic.num_partitions == -1);
  CHECK(topic.replication_factor == -1);
  CHECK(topic.configs.empty());
}

TEST_CASE("topics of coordinators that are made on demand have the shape that coordinators need") {
  configs::StateTopics shapes;
  shapes.group_offsets = {7, 1, 4096, 0};
  shapes.transaction_state = {8, 2, 8192, 1};
  shapes.share_group_state = {9, 3, 16384, 2};

  const auto offsets = wanted_topic("__consumer_offsets", shapes);
  CHECK(offsets.num_partitions == 7);
  CHECK(offsets.replication_factor == 1);
  CHECK(configs_of(offsets) == std::map<std::string, std::string>{{"cleanup.policy", "compact"},
                                                                  {"compression.type", "producer"},
                                                                  {"segment.bytes", "4096"}});

  const auto transactions = wanted_topic("__transaction_state", shapes);
  CHECK(transactions.num_partitions == 8);
  CHECK(transactions.replication_factor == 2);
  CHECK(configs_of(transactions) == std::map<std::string, std::string>{{"cleanup.policy", "compact"},
                                                                       {"compression.type", "uncompressed"},
                                                                       {"min.insync.replicas", "1"},
                                                                       {"segment.bytes", "8192"},
                                                                       {"unclean.leader.election.enable", "false"}});

  const auto shares = wanted_topic("__share_group_state", shapes);
  CHECK(shares.num_partitions == 9);
  CHECK(shares.replication_factor == 3);
  CHECK(configs_of(shares) == std::map<std::string, std::string>{{"cleanup.policy", "delete"},
                                                                 {"compression.type", "producer"},
                                                                 {"min.insync.replicas", "2"},
                                                                 {"retention.ms", "-1"},
                                                                 {"segment.bytes", "16384"}});
}

}  // namespace highwater::server
