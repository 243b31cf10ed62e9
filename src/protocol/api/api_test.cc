#include <doctest/doctest.h>

#include "protocol/api/api_table.h"
#include "protocol/api/error_code.h"
#include "protocol/api/versions.h"

namespace highwater::api {
namespace {

TEST_CASE("the table holds keys 0 to 3 and 8 to 92, ascending") {
  std::int16_t expected = 0;
  for (const Api& api : all_apis()) {
    CHECK(static_cast<std::int16_t>(api.key) == expected);
    CHECK(find_api(expected) == &api);
    CHECK(api.lowest <= api.highest);
    expected = expected == 3 ? 8 : static_cast<std::int16_t>(expected + 1);
  }
  CHECK(expected == 93);
  constexpr std::int16_t absent_keys[] = {-1, 4, 5, 6, 7, 93, 32767};
  for (const std::int16_t absent : absent_keys) CHECK(find_api(absent) == nullptr);
}

TEST_CASE("the pairs of message and version are 604") {
  int requests = 0;
  for (const Api& api : all_apis()) requests += api.highest - api.lowest + 1;
  CHECK(requests * 2 == 604);
}

TEST_CASE("Produce is served by brokers from version 3 to 13") {
  const Api& produce = *find_api(0);
  CHECK(produce.name == "Produce");
  CHECK(produce.lowest == 3);
  CHECK(produce.highest == 13);
  CHECK(produce.flexible_from == 9);
  CHECK(produce.on_broker);
  CHECK_FALSE(produce.on_controller);
}

TEST_CASE("Produce is told of from version 0, others from their lowest") {
  CHECK(advertised_lowest(ApiKey::produce) == 0);
  CHECK(advertised_lowest(ApiKey::fetch) == 4);
}

TEST_CASE("only InitProducerId has an unstable version") {
  for (const Api& api : all_apis()) {
    CHECK(api.latest_unstable == (api.key == ApiKey::init_producer_id));
    if (api.latest_unstable) CHECK(api.highest_stable() == 5);
  }
}

TEST_CASE("headers follow flexibility, except the answer to ApiVersions") {
  CHECK(request_header_version(ApiKey::produce, 8) == 1);
  CHECK(request_header_version(ApiKey::produce, 9) == 2);
  CHECK(response_header_version(ApiKey::produce, 8) == 0);
  CHECK(response_header_version(ApiKey::produce, 9) == 1);
  CHECK(request_header_version(ApiKey::api_versions, 3) == 2);
  CHECK(response_header_version(ApiKey::api_versions, 3) == 0);
  CHECK(request_header_version(ApiKey::sasl_handshake, 1) == 1);
}

TEST_CASE("errors have Kafka's names, and unknown numbers are the unknown error") {
  CHECK(error_name(ErrorCode::unknown_server_error) == "UNKNOWN_SERVER_ERROR");
  CHECK(error_name(ErrorCode::none) == "NONE");
  CHECK(error_text(ErrorCode::none).empty());
  CHECK(error_name(ErrorCode::kafka_storage_error) == "KAFKA_STORAGE_ERROR");
  CHECK(wire_code(ErrorCode::kafka_storage_error) == 56);
  CHECK(wire_code(ErrorCode::unknown_topic_id) == 100);
  CHECK(wire_code(ErrorCode::share_session_limit_reached) == 133);
  CHECK(error_from_wire(134) == ErrorCode::unknown_server_error);
  CHECK(error_from_wire(-2) == ErrorCode::unknown_server_error);
  for (std::int16_t code = 1; code <= highest_error_code; ++code)
    CHECK_FALSE(error_text(error_from_wire(code)).empty());
}

}  // namespace
}  // namespace highwater::api
