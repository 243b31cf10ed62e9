// GetTelemetrySubscriptions and PushTelemetry as a broker without a receiver answers them; the figures of
// subscriptions are those of Apache Kafka 4.3.1.
#include <doctest/doctest.h>

#include <algorithm>

#include "foundation/compress/compressor.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/get_telemetry_subscriptions_request.h"
#include "protocol/messages/get_telemetry_subscriptions_response.h"
#include "protocol/messages/push_telemetry_request.h"
#include "protocol/messages/push_telemetry_response.h"
#include "server/handlers/client_match.h"
#include "server/handlers/test_asking.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using namespace asking;

constexpr Uuid ann = Uuid::from_halves(0x6161616161616161, 0x6161616161616161);
constexpr Uuid one = Uuid::from_halves(0, 1);
constexpr std::int32_t without_subscriptions = -725'132'322;  // of an id with equal halves

metadata::MetadataRecord subscribe(std::string_view name, std::string_view key, std::string_view value) {
  ConfigRecord record;
  record.resource_type = 16;
  record.resource_name = name;
  record.name = key;
  record.value = value;
  return {record, 0};
}

GetTelemetrySubscriptionsResponse get(Asking& broker, const Uuid& client) {
  GetTelemetrySubscriptionsRequest request;
  request.client_instance_id = client;
  return broker.ask<GetTelemetrySubscriptionsResponse>(request, 0);
}

std::int16_t push(Asking& broker, const Uuid& client, std::int8_t compression, ByteView metrics) {
  PushTelemetryRequest request;
  request.client_instance_id = client;
  request.subscription_id = without_subscriptions;
  request.compression_type = compression;
  request.metrics = wire::Blob::copy_of(metrics);
  return broker.ask<PushTelemetryResponse>(request, 0).error_code;
}

std::vector<std::string> asked_for(const GetTelemetrySubscriptionsResponse& response) {
  std::vector<std::string> names;
  for (const auto& metric : response.requested_metrics) names.push_back(metric.str());
  return names;
}

}  // namespace

TEST_CASE("a client without an id gets one of version 4, and terms under which nothing is asked of it") {
  Asking broker;
  const auto response = get(broker, Uuid{});
  CHECK(response.error_code == 0);
  CHECK((response.client_instance_id.bytes[6] & 0xF0) == 0x40);
  CHECK((response.client_instance_id.bytes[8] & 0xC0) == 0x80);
  CHECK(response.accepted_compression_types == std::vector<std::int8_t>{4, 3, 1, 2});
  CHECK(response.push_interval_ms == 300'000);
  CHECK(response.telemetry_max_bytes == 1'048'576);
  CHECK(response.delta_temporality);
  CHECK(response.requested_metrics.empty());
  CHECK(get(broker, Uuid{}).client_instance_id != response.client_instance_id);
  CHECK(get(broker, ann).subscription_id == without_subscriptions);
  CHECK(get(broker, one).subscription_id == without_subscriptions + 1);
}

TEST_CASE("a client that asks again too early is told nothing but that") {
  Asking broker;
  CHECK(get(broker, ann).error_code == 0);
  const auto response = get(broker, ann);
  CHECK(response.error_code == api::wire_code(ErrorCode::throttling_quota_exceeded));
  CHECK(response.client_instance_id.is_zero());
  CHECK(response.accepted_compression_types.empty());
}

TEST_CASE("stored subscriptions that match a client add up: all their metrics, the shortest interval") {
  Asking broker({subscribe("a", "metrics", "org.b,org.a"), subscribe("a", "interval.ms", "5000"),
                 subscribe("b", "metrics", "org.a,org.c"), subscribe("b", "match", "client_software_name=unkn.*n"),
                 subscribe("c", "metrics", "*"), subscribe("c", "match", "client_source_port=1[0-9]+"),
                 subscribe("d", "interval.ms", "600000")});
  const auto response = get(broker, ann);
  CHECK(response.push_interval_ms == 5000);
  auto names = asked_for(response);
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"org.a", "org.b", "org.c"});
  CHECK(response.subscription_id != without_subscriptions);
}

TEST_CASE("one subscription to everything is all that a client is told") {
  Asking broker({subscribe("a", "metrics", "org.b"), subscribe("b", "metrics", "org.a,*")});
  CHECK(asked_for(get(broker, ann)) == std::vector<std::string>{"*"});
}

TEST_CASE("what is pushed is unpacked, up to the limit, and nothing more comes of it") {
  Asking broker;
  const std::vector<std::uint8_t> fits(1'048'576, 'x');
  const std::vector<std::uint8_t> large(1'048'577, 'x');
  const auto invalid = api::wire_code(ErrorCode::invalid_record);
  CHECK(push(broker, Uuid{}, 0, fits) == api::wire_code(ErrorCode::invalid_request));
  CHECK(push(broker, one, 0, fits) == api::wire_code(ErrorCode::invalid_request));
  CHECK(push(broker, Uuid::from_halves(2, 2), 0, fits) == 0);
  CHECK(push(broker, Uuid::from_halves(3, 3), 0, large) == api::wire_code(ErrorCode::telemetry_too_large));
  std::uint64_t client = 4;
  for (const auto codec :
       {compress::Codec::gzip, compress::Codec::snappy, compress::Codec::lz4, compress::Codec::zstd}) {
    const auto type = static_cast<std::int8_t>(static_cast<int>(codec) + 1);
    const auto next = [&] { return ++client, Uuid::from_halves(client, client); };
    CHECK(push(broker, next(), type, compress::compress_all(codec, fits)) == 0);
    CHECK(push(broker, next(), type, compress::compress_all(codec, large)) == invalid);
    CHECK(push(broker, next(), type, as_bytes("metrics")) == invalid);
    CHECK(push(broker, next(), type, {}) == 0);
  }
}

TEST_CASE("a client matches when all that is asked of it is so") {
  const ClientTraits client{"id", "app-7", "java", "4.3.1", "127.0.0.1", "9"};
  CHECK(matches_client("", client));
  CHECK(matches_client("client_id=app-[0-9]+, client_software_version=4\\.3\\..*", client));
  CHECK_FALSE(matches_client("client_id=app-[0-9]+,client_software_name=go", client));
  CHECK_FALSE(matches_client("client_id=app", client));
  CHECK(matches_client("client_id=nobody,client_id=app-.", client));
  CHECK_FALSE(matches_client("client_id=.*", ClientTraits{}));
}

TEST_CASE("an expression that takes long, goes deep or cannot be read matches nothing, soon") {
  CHECK_FALSE(matches_pattern(std::string(1000, 'a'), "(a*)*b"));
  CHECK(matches_pattern(std::string(1024, 'a'), "(a|aa)*"));
  CHECK_FALSE(matches_pattern(std::string(1025, 'a'), "a*"));
  CHECK_FALSE(matches_pattern("a", "(?<=b)a"));
  CHECK_FALSE(matches_pattern("a", std::string(1025, 'a')));
  CHECK(matches_pattern("aaa", "(a{1,2}){1,2}"));
  for (const char* costly :
       {"a?{30000}", "(a?){16000}", "((a{64}){64}){64}", "a{99999999999999999999999}", "(a?){1,16000}"})
    CHECK_FALSE(matches_pattern(std::string(1000, 'a'), costly));
  CHECK_FALSE(matches_pattern("a", std::string(500, '(') + "a" + std::string(499, ')')));
}

}  // namespace highwater::server
