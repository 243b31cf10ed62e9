#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "protocol/api/error_code.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/describe_cluster_request.h"
#include "protocol/messages/describe_cluster_response.h"
#include "protocol/messages/describe_configs_request.h"
#include "protocol/messages/describe_configs_response.h"
#include "protocol/messages/describe_topic_partitions_request.h"
#include "protocol/messages/describe_topic_partitions_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "server/handlers/handlers.h"
#include "server/handlers/test_asking.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using namespace messages;
using namespace asking;

MetadataRequest asks_for(std::initializer_list<std::string_view> names) {
  MetadataRequest request;
  auto& list = request.topics.emplace();
  for (const std::string_view name : names) {
    MetadataRequest::MetadataRequestTopic one;
    one.name = wire::Text(name);
    list.push_back(one);
  }
  return request;
}

std::int16_t code(ErrorCode error) { return api::wire_code(error); }

}  // namespace

TEST_CASE("metadata shows the brokers that are alive on the listener that was asked") {
  Asking asking;
  const auto response = asking.ask<MetadataResponse>(asks_for({}), 12);
  REQUIRE(response.brokers.size() == 1);
  CHECK(response.brokers[0].node_id == 1);
  CHECK(response.brokers[0].host == "host1");
  CHECK(response.cluster_id->view() == "the-cluster");
  CHECK((response.controller_id == 1 || response.controller_id == 3));
  CHECK(response.topics.empty());
}

TEST_CASE("a null list asks for all topics, an empty one for none but in version 0") {
  Asking asking;
  MetadataRequest all;
  all.topics.reset();
  CHECK(asking.ask<MetadataResponse>(all, 1).topics.size() == 2);
  CHECK(asking.ask<MetadataResponse>(asks_for({}), 1).topics.empty());
  CHECK(asking.ask<MetadataResponse>(asks_for({}), 0).topics.size() == 2);
}

TEST_CASE(
    "partitions show all replicas and who is offline; version 0 leaves those out and says that some are missing") {
  Asking asking;
  const auto now = asking.ask<MetadataResponse>(asks_for({"alpha"}), 12).topics.at(0);
  CHECK(now.error_code == 0);
  CHECK(now.topic_id == alpha);
  REQUIRE(now.partitions.size() == 3);
  CHECK(now.partitions[0].replica_nodes == std::vector<std::int32_t>{1, 2});
  CHECK(now.partitions[0].offline_replicas == std::vector<std::int32_t>{2});
  CHECK(now.partitions[0].leader_epoch == 4);
  CHECK(now.partitions[0].error_code == 0);
  const auto old = asking.ask<MetadataResponse>(asks_for({"alpha"}), 0).topics.at(0);
  CHECK(old.partitions[0].replica_nodes == std::vector<std::int32_t>{1});
  CHECK(old.partitions[0].error_code == code(ErrorCode::replica_not_available));
}

TEST_CASE("a leader without the listener is named by version 6, and is plainly not available before") {
  Asking asking;
  CHECK(asking.ask<MetadataResponse>(asks_for({"beta"}), 6).topics[0].partitions[0].error_code ==
        code(ErrorCode::listener_not_found));
  CHECK(asking.ask<MetadataResponse>(asks_for({"beta"}), 5).topics[0].partitions[0].error_code ==
        code(ErrorCode::leader_not_available));
}

TEST_CASE("topics that do not exist and names that cannot be are told apart") {
  Asking asking;
  const auto response = asking.ask<MetadataResponse>(asks_for({"gamma", "a/b", "", "gamma"}), 12);
  REQUIRE(response.topics.size() == 3);
  CHECK(response.topics[0].error_code == code(ErrorCode::unknown_topic_or_partition));
  CHECK(response.topics[1].error_code == code(ErrorCode::invalid_topic_exception));
  CHECK(response.topics[2].error_code == code(ErrorCode::invalid_topic_exception));
}

MetadataRequest asks_for_many(std::size_t count) {
  MetadataRequest request;
  auto& list = request.topics.emplace();
  for (std::size_t i = 0; i < count; ++i) {
    list.emplace_back().name = wire::Text("topic" + std::to_string(i));
  }
  return request;
}

TEST_CASE("many named topics are looked at over many turns, and more than a hundred thousand are refused") {
  Asking asking;
  CHECK(asking.ask<MetadataResponse>(asks_for_many(10), 12).topics.size() == 10);
  CHECK(asking.turns() == 0);
  CHECK(asking.ask<MetadataResponse>(asks_for_many(5000), 12).topics.size() == 5000);
  CHECK(asking.turns() >= 5000 / 512);
  const auto refused = asking.ask<MetadataResponse>(asks_for_many(100'001), 12);
  REQUIRE(refused.topics.size() == 1);
  CHECK(refused.topics[0].error_code == code(ErrorCode::invalid_request));
}

TEST_CASE("topics are found by id from version 12 on, and ids are refused before") {
  Asking asking;
  MetadataRequest request;
  for (const Uuid& id : {beta, Uuid::from_halves(9, 9)}) {
    MetadataRequest::MetadataRequestTopic one;
    one.topic_id = id;
    one.name.reset();
    if (!request.topics) request.topics.emplace();
    request.topics->push_back(one);
  }
  const auto response = asking.ask<MetadataResponse>(request, 12);
  REQUIRE(response.topics.size() == 2);
  CHECK(response.topics[0].name->view() == "beta");
  CHECK(response.topics[1].error_code == code(ErrorCode::unknown_topic_id));
  CHECK(asking.ask<MetadataResponse>(request, 10).topics[0].error_code == code(ErrorCode::invalid_request));
}

TEST_CASE("ApiVersions lists what is served and nothing else") {
  Asking asking;
  ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  const auto response = asking.ask<ApiVersionsResponse>(request, 4);
  CHECK(response.error_code == 0);
  const auto on_brokers = [](const Handler& handler) { return handler.advertised_on(ListenerKind::broker); };
  CHECK(static_cast<std::ptrdiff_t>(response.api_keys.size()) == std::ranges::count_if(all_handlers(), on_brokers));
  CHECK(response.api_keys[0].min_version == 0);
  CHECK(response.finalized_features_epoch == 77);
  for (const auto& entry : response.api_keys) {
    CHECK(entry.api_key != 10);
    CHECK(entry.api_key != 71);  // answered all the same
    if (entry.api_key == 22) CHECK(entry.max_version == 5);
  }
  for (const auto& feature : asking.ask<ApiVersionsResponse>(request, 3).supported_features)
    CHECK(feature.min_version > 0);
  request.client_software_name = "-bad";
  CHECK(asking.ask<ApiVersionsResponse>(request, 3).error_code == code(ErrorCode::invalid_request));
}

TEST_CASE("DescribeCluster leaves out fenced brokers unless they are asked for, and knows its endpoint") {
  Asking asking;
  DescribeClusterRequest request;
  CHECK(asking.ask<DescribeClusterResponse>(request, 2).brokers.size() == 1);
  request.include_fenced_brokers = true;
  CHECK(asking.ask<DescribeClusterResponse>(request, 2).brokers.size() == 2);
  request.endpoint_type = 2;
  CHECK(asking.ask<DescribeClusterResponse>(request, 2).error_code == code(ErrorCode::mismatched_endpoint_type));
}

TEST_CASE("DescribeTopicPartitions pages through partitions and topics") {
  Asking asking;
  DescribeTopicPartitionsRequest request;
  request.response_partition_limit = 2;
  auto page = asking.ask<DescribeTopicPartitionsResponse>(request, 0);
  REQUIRE(page.topics.size() == 1);
  CHECK(page.topics[0].partitions.size() == 2);
  REQUIRE(page.next_cursor);
  CHECK(page.next_cursor->topic_name == "alpha");
  CHECK(page.next_cursor->partition_index == 2);
  DescribeTopicPartitionsRequest::Cursor cursor;
  cursor.topic_name = page.next_cursor->topic_name.owned();
  cursor.partition_index = 2;
  request.cursor = cursor;
  page = asking.ask<DescribeTopicPartitionsResponse>(request, 0);
  CHECK(page.topics.size() == 2);
  CHECK_FALSE(page.next_cursor);
}

TEST_CASE("DescribeConfigs tells values, sources and synonyms, and hides secrets") {
  Asking asking;
  asking.settings_.text.emplace("log.retention.hours", "5");
  asking.settings_.text.emplace("ssl.keystore.password", "secret");
  DescribeConfigsRequest request;
  request.include_synonyms = true;
  DescribeConfigsRequest::DescribeConfigsResource resource;
  resource.resource_type = 2;
  resource.resource_name = "alpha";
  resource.configuration_keys.emplace();
  for (const char* key : {"retention.ms", "segment.bytes"}) resource.configuration_keys->push_back(key);
  request.resources.push_back(resource);
  resource.resource_type = 4;
  resource.resource_name = "1";
  resource.configuration_keys->assign(1, "ssl.keystore.password");
  request.resources.push_back(resource);
  const auto response = asking.ask<DescribeConfigsResponse>(request, 4);
  REQUIRE(response.results[0].configs.size() == 2);
  const auto& retention = response.results[0].configs[0];
  CHECK(retention.name == "retention.ms");
  CHECK(retention.value->view() == "18000000");
  const auto& segment = response.results[0].configs[1];
  CHECK(segment.value->view() == "1073741824");
  CHECK(segment.config_source == 5);
  REQUIRE(segment.synonyms.size() == 1);
  CHECK(segment.synonyms[0].name == "log.segment.bytes");
  REQUIRE(response.results[1].configs.size() == 1);
  CHECK(response.results[1].configs[0].is_sensitive);
  CHECK_FALSE(response.results[1].configs[0].value);
}

}  // namespace highwater::server
