// DescribeClientQuotas and DescribeUserScramCredentials, from the image.
#include <doctest/doctest.h>

#include "protocol/api/error_code.h"
#include "protocol/messages/describe_client_quotas_request.h"
#include "protocol/messages/describe_client_quotas_response.h"
#include "protocol/messages/describe_user_scram_credentials_request.h"
#include "protocol/messages/describe_user_scram_credentials_response.h"
#include "server/handlers/test_asking.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using namespace asking;
using Name = std::optional<std::string_view>;

std::int16_t code(ErrorCode error) { return api::wire_code(error); }

struct Part {
  std::string_view type;
  Name name;
};

metadata::MetadataRecord quota(const std::vector<Part>& entity) {
  ClientQuotaRecord record;
  for (const auto& part : entity) {
    auto& written = record.entity.emplace_back();
    written.entity_type = part.type;
    written.entity_name.reset();
    if (part.name.has_value()) written.entity_name = *part.name;
  }
  record.key = entity[0].type == "ip" ? "connection_creation_rate" : "producer_byte_rate";
  record.value = 1024.0;
  return {record, 0};
}

metadata::MetadataRecord credential(std::string_view user, std::int8_t mechanism) {
  UserScramCredentialRecord record;
  record.name = user;
  record.mechanism = mechanism;
  record.iterations = 4096 * mechanism;
  return {record, 0};
}

enum class Match : std::int8_t { exact = 0, default_entity = 1, any = 2 };
struct Component {
  std::string_view type;
  Match match;
  Name name;
};
enum class Strictness : std::uint8_t { loose, strict };

DescribeClientQuotasRequest filter(const std::vector<Component>& components, Strictness strictness) {
  DescribeClientQuotasRequest request;
  for (const auto& each : components) {
    auto& component = request.components.emplace_back();
    component.entity_type = each.type;
    component.match_type = static_cast<std::int8_t>(each.match);
    component.match.reset();
    if (each.name.has_value()) component.match = *each.name;
  }
  request.strict = strictness == Strictness::strict;
  return request;
}

struct Quoted {
  Asking broker{{quota({{"user", "ann"}}), quota({{"user", std::nullopt}}), quota({{"client-id", "c"}}),
                 quota({{"user", "ann"}, {"client-id", "c"}}), quota({{"ip", "1.2.3.4"}})}};

  std::size_t found(const std::vector<Component>& components, Strictness strictness = Strictness::loose) {
    const auto response = broker.ask<DescribeClientQuotasResponse>(filter(components, strictness), 1);
    CHECK(response.error_code == 0);
    return response.entries->size();
  }
  std::int16_t refused(const std::vector<Component>& components) {
    const auto response = broker.ask<DescribeClientQuotasResponse>(filter(components, Strictness::loose), 1);
    CHECK_FALSE(response.entries.has_value());
    return response.error_code;
  }
};

DescribeUserScramCredentialsRequest users(std::initializer_list<std::string_view> names) {
  DescribeUserScramCredentialsRequest request;
  request.users.emplace();
  for (const auto name : names) request.users->emplace_back().name = name;
  return request;
}

}  // namespace

TEST_CASE("quotas are found by exact, default and any name; strict filters know no further parts") {
  Quoted quotas;
  CHECK(quotas.found({}) == 5);
  CHECK(quotas.found({}, Strictness::strict) == 0);
  CHECK(quotas.found({{"user", Match::any, {}}}) == 3);
  CHECK(quotas.found({{"user", Match::any, {}}}, Strictness::strict) == 2);
  CHECK(quotas.found({{"user", Match::exact, "ann"}}) == 2);
  CHECK(quotas.found({{"user", Match::default_entity, {}}}) == 1);
  CHECK(quotas.found({{"user", Match::exact, "ann"}, {"client-id", Match::exact, "c"}}, Strictness::strict) == 1);
  CHECK(quotas.found({{"ip", Match::any, {}}}) == 1);
  CHECK(quotas.found({{"user", Match::exact, "bob"}}) == 0);
}

TEST_CASE("filters that contradict themselves are refused") {
  Quoted quotas;
  const auto invalid = code(ErrorCode::invalid_request);
  CHECK(quotas.refused({{"user", Match::any, {}}, {"user", Match::any, {}}}) == invalid);
  CHECK(quotas.refused({{"user", Match::exact, {}}}) == invalid);
  CHECK(quotas.refused({{"user", Match::any, "ann"}}) == invalid);
  CHECK(quotas.refused({{"user", Match::default_entity, "ann"}}) == invalid);
  CHECK(quotas.refused({{"ip", Match::any, {}}, {"user", Match::any, {}}}) == invalid);
  CHECK(quotas.refused({{"", Match::any, {}}}) == invalid);
  CHECK(quotas.refused({{"group", Match::any, {}}}) == code(ErrorCode::unsupported_version));
}

TEST_CASE("credentials are described by mechanism and iterations, for everyone or for those named") {
  Asking broker({credential("ann", 1), credential("ann", 2), credential("bob", 1)});
  const auto everyone = broker.ask<DescribeUserScramCredentialsResponse>(users({}), 0);
  REQUIRE(everyone.results.size() == 2);
  CHECK(everyone.results[0].credential_infos.size() == 2);
  CHECK(everyone.results[0].credential_infos[1].iterations == 8192);
  const auto named = broker.ask<DescribeUserScramCredentialsResponse>(users({"bob", "eve", "ann", "ann"}), 0);
  REQUIRE(named.results.size() == 3);
  CHECK(named.results[0].error_code == code(ErrorCode::duplicate_resource));
  CHECK(named.results[1].error_code == 0);
  CHECK(named.results[2].error_code == code(ErrorCode::resource_not_found));
  CHECK(named.results[2].error_message->view().ends_with("does not exist: eve"));
}

TEST_CASE("controllers answer for credentials that they do not know how, once for each user") {
  Asking controller({credential("ann", 1)});
  controller.speak_to_controller();
  CHECK(controller.ask<DescribeUserScramCredentialsResponse>(users({}), 0).error_code == -1);
  const auto named = controller.ask<DescribeUserScramCredentialsResponse>(users({"ann", "ann"}), 0);
  REQUIRE(named.results.size() == 2);
  CHECK(named.results[1].error_code == -1);
  CHECK(named.results[1].user.empty());
  CHECK_FALSE(named.results[1].error_message.has_value());
}

}  // namespace highwater::server
