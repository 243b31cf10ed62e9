#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "engine/quorum/metadata_publisher.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "machines/configs/broker_settings.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/records.h"
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

namespace highwater::server {
namespace {

using api::ErrorCode;
using namespace messages;

constexpr Uuid alpha = Uuid::from_halves(7, 1);
constexpr Uuid beta = Uuid::from_halves(7, 2);

metadata::MetadataRecord broker(NodeId id, std::string_view listener, bool fenced) {
  RegisterBrokerRecord record;
  record.broker_id = id;
  record.broker_epoch = 10 + id;
  record.fenced = fenced;
  RegisterBrokerRecord::BrokerEndpoint endpoint;
  endpoint.name = listener;
  endpoint.host = "host" + std::to_string(id);
  endpoint.port = 9092;
  record.end_points.push_back(endpoint);
  return {record, 3};
}

metadata::MetadataRecord topic(std::string_view name, const Uuid& id) {
  TopicRecord record;
  record.name = name;
  record.topic_id = id;
  return {record, 0};
}

metadata::MetadataRecord partition(const Uuid& id, std::int32_t index, NodeId leader) {
  PartitionRecord record;
  record.topic_id = id;
  record.partition_id = index;
  record.replicas = {1, 2};
  record.isr = {1, 2};
  record.leader = leader;
  record.leader_epoch = 4;
  return {record, 0};
}

// A broker that knows two topics: alpha with three partitions, beta with one whose leader 3 has no client listener.
class Asking {
 public:
  Asking() : world_(5) {
    settings_.node_id = 1;
    settings_.topics.auto_create = false;
    metadata::MetadataDelta delta(publisher_.image());
    for (const auto& record : {broker(1, "PLAINTEXT", false), broker(2, "PLAINTEXT", true), broker(3, "OTHER", false),
                               topic("alpha", alpha), partition(alpha, 0, 1), partition(alpha, 1, 2),
                               partition(alpha, 2, 1), topic("beta", beta), partition(beta, 0, 3)}) {
      REQUIRE(delta.apply(record).has_value());
    }
    metadata::ImageHandle image = delta.finish({.offset = 77, .epoch = 1});
    publisher_.publish(image, delta);
    io::sim::Machine& machine = world_.add_machine({.name = "broker"});
    process_ = &machine.start({}, [](io::sim::Process&) { return std::make_unique<io::sim::Program>(); });
    doors_.reactor = &process_->reactor(0);
    doors_.settings = &settings_;
    doors_.cluster_id = "the-cluster";
    doors_.metadata = &publisher_;
    peer_.listener = &listener_;
  }

  // Through the whole pipeline: bytes in, bytes out.
  template <class Response, class Request>
  Response ask(const Request& request, std::int16_t version) {
    wire::Writer writer;
    encode(writer, request, version);
    RequestHeader header;
    header.key = Request::message_key;
    header.version = version;
    header.correlation_id = 9;
    header.api = api::find_api(header.key);
    header.version_known = true;
    context_.emplace(RequestContext{Slice::copy_of(writer.flatten()), header, peer_, doors_, publisher_.image(), {}});
    const HandlerTable table(all_handlers());
    const Handler* handler = table.find(header, listener_.kind);
    REQUIRE(handler != nullptr);
    io::TaskGroup tasks(process_->reactor(0).ready());
    tasks.spawn(keep(*handler));
    turns_ = 0;
    for (; tasks.size() != 0 && turns_ < 1000; ++turns_) world_.run_for(Duration::from_us(1));
    REQUIRE(tasks.size() == 0);
    bytes_.clear();
    for (const Slice& piece : answer_.pieces) bytes_.insert(bytes_.end(), piece.view().begin(), piece.view().end());
    wire::Reader reader(bytes_);
    CHECK(reader.i32() == static_cast<std::int32_t>(bytes_.size()) - 4);
    CHECK(reader.i32() == 9);
    const bool tagged = version >= header.api->flexible_from && header.api->key != api::ApiKey::api_versions;
    if (tagged) CHECK(reader.uvarint() == 0);
    Response response;
    REQUIRE(decode(reader, version, response));
    CHECK(reader.remaining() == 0);
    return response;
  }

  // Of the loop that the last request took beyond its first.
  int turns() const { return turns_; }

  configs::BrokerSettings settings_;

 private:
  io::Task<void> keep(const Handler& handler) { answer_ = co_await handler.serve(*context_); }

  io::sim::World world_;
  io::sim::Process* process_ = nullptr;
  engine::MetadataPublisher publisher_;
  ListenerInfo listener_{"PLAINTEXT", ListenerKind::broker};
  Doors doors_;
  Peer peer_;
  std::optional<RequestContext> context_;
  Answer answer_;
  std::vector<std::uint8_t> bytes_;
  int turns_ = 0;
};

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

TEST_CASE("partitions show live replicas, the rest as offline; version 0 shows all and says what is missing") {
  Asking asking;
  const auto now = asking.ask<MetadataResponse>(asks_for({"alpha"}), 12).topics.at(0);
  CHECK(now.error_code == 0);
  CHECK(now.topic_id == alpha);
  REQUIRE(now.partitions.size() == 3);
  CHECK(now.partitions[0].replica_nodes == std::vector<std::int32_t>{1});
  CHECK(now.partitions[0].offline_replicas == std::vector<std::int32_t>{2});
  CHECK(now.partitions[0].leader_epoch == 4);
  CHECK(now.partitions[0].error_code == code(ErrorCode::replica_not_available));
  const auto old = asking.ask<MetadataResponse>(asks_for({"alpha"}), 0).topics.at(0);
  CHECK(old.partitions[0].replica_nodes == std::vector<std::int32_t>{1, 2});
  CHECK(old.partitions[0].error_code == 0);
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
  const auto on_brokers = [](const Handler& handler) { return handler.serves_on(ListenerKind::broker); };
  CHECK(static_cast<std::ptrdiff_t>(response.api_keys.size()) == std::ranges::count_if(all_handlers(), on_brokers));
  CHECK(response.api_keys[0].min_version == 0);
  CHECK(response.finalized_features_epoch == 77);
  for (const auto& entry : response.api_keys) {
    CHECK(entry.api_key != 10);
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
