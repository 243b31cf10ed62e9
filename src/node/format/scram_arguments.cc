#include "node/format/scram_arguments.h"

#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/crypto/scram.h"
#include "machines/configs/values.h"

namespace highwater::node {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Components = std::map<std::string, std::string>;

constexpr std::int32_t iterations_min = 4096;
constexpr std::int32_t iterations_max = 16384;
constexpr std::size_t salt_bytes = 24;

// Standard base64 (RFC 4648); Java's decoder takes missing padding too.
std::optional<Bytes> decode_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (padding != 0 && text.size() % 4 != 0) return std::nullopt;
  text.remove_suffix(padding);
  if (text.size() % 4 == 1) return std::nullopt;
  Bytes out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char digit : text) {
    const std::size_t value = digits.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return out;
}

struct PerMechanism {
  crypto::ScramMechanism mechanism;
  std::string_view components;
};

Result<PerMechanism> split_mechanism(std::string_view argument) {
  const std::string_view text = configs::trim(argument);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return failure(fmt::format("Failed to find equals sign in SCRAM argument '{}'", text));
  const auto mechanism = crypto::scram_mechanism(text.substr(0, equals));
  if (!mechanism) return failure(fmt::format("The add-scram mechanism {} is not supported.", text.substr(0, equals)));
  std::string_view list = text.substr(equals + 1);
  if (!list.starts_with('[')) return failure("Expected configuration string to start with [");
  if (!list.ends_with(']')) return failure("Expected configuration string to end with ]");
  return PerMechanism{*mechanism, list.substr(1, list.size() - 2)};
}

Result<Components> split_components(std::string_view list) {
  Components components;
  // As String.split: nothing behind the last comma is no component.
  while (list.ends_with(',')) list.remove_suffix(1);
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string_view one = list.substr(0, comma);
    more = comma != std::string_view::npos;
    if (more) list.remove_prefix(comma + 1);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos)
      return failure(fmt::format("No equals sign found in SCRAM component: {}", one));
    std::string_view value = one.substr(equals + 1);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
    components[std::string(one.substr(0, equals))] = std::string(value);
  }
  return components;
}

std::optional<std::string> take(Components& components, const std::string& name) {
  const auto found = components.find(name);
  if (found == components.end()) return std::nullopt;
  std::string value = std::move(found->second);
  components.erase(found);
  return value;
}

struct Wanted {
  std::string name;
  std::optional<Bytes> salt;
  std::int32_t iterations = iterations_min;
  std::optional<std::string> password;
  Bytes salted_password;
};

Result<void> take_password(Components& components, Wanted& wanted) {
  wanted.password = take(components, "password");
  const auto salted = take(components, "saltedpassword");
  if (wanted.password) return {};
  if (!salted) return failure("You must supply one of 'password' or 'saltedpassword' to add-scram");
  if (!wanted.salt) return failure("You must supply 'salt' with 'saltedpassword' to add-scram");
  auto bytes = decode_base64(*salted);
  if (!bytes || bytes->empty()) return failure(fmt::format("Failed to decode given saltedPassword: {}", *salted));
  wanted.salted_password = std::move(*bytes);
  return {};
}

Result<Wanted> read_components(Components components) {
  Wanted wanted;
  auto name = take(components, "name");
  if (!name) return failure("You must supply 'name' to add-scram");
  wanted.name = std::move(*name);
  if (const auto salt = take(components, "salt")) {
    wanted.salt = decode_base64(*salt);
    if (!wanted.salt) return failure(fmt::format("Failed to decode given salt: {}", *salt));
  }
  if (const auto text = take(components, "iterations")) {
    const auto number = configs::parse_integer(*text);
    if (!number || *number < INT32_MIN || *number > INT32_MAX)
      return failure(fmt::format("Failed to parse iterations count: {}", *text));
    wanted.iterations = static_cast<std::int32_t>(*number);
  }
  auto password = take_password(components, wanted);
  if (!password) return std::unexpected(password.error());
  if (components.empty()) return wanted;
  std::string unknown;
  for (const auto& [key, value] : components) unknown += (unknown.empty() ? "" : ", ") + key;
  return failure(fmt::format("Unknown SCRAM configurations: {}", unknown));
}

std::string_view java_name(crypto::ScramMechanism mechanism) {
  return mechanism == crypto::ScramMechanism::sha_256 ? "SCRAM_SHA_256" : "SCRAM_SHA_512";
}

Result<metadata::MetadataRecord> parse_one(std::string_view argument, Random& random) {
  const auto parts = split_mechanism(argument);
  if (!parts) return std::unexpected(parts.error());
  auto components = split_components(parts->components);
  if (!components) return std::unexpected(components.error());
  auto wanted = read_components(std::move(*components));
  if (!wanted) return std::unexpected(wanted.error());
  if (wanted->iterations < iterations_min)
    return failure(fmt::format("The 'iterations' value must be >= {} for add-scram using {}", iterations_min,
                               java_name(parts->mechanism)));
  if (wanted->iterations > iterations_max)
    return failure(fmt::format("The 'iterations' value must be <= {} for add-scram using {}", iterations_max,
                               java_name(parts->mechanism)));
  Bytes salt = wanted->salt.value_or(Bytes{});
  while (!wanted->salt && salt.size() < salt_bytes) salt.push_back(static_cast<std::uint8_t>(random.next()));
  if (wanted->password) {
    wanted->salted_password =
        crypto::scram_salted_password(parts->mechanism, *wanted->password, salt, wanted->iterations);
  }
  const crypto::ScramKeys keys = crypto::scram_keys(parts->mechanism, wanted->salted_password);
  messages::UserScramCredentialRecord record;
  record.name = wanted->name;
  record.mechanism = static_cast<std::int8_t>(parts->mechanism);
  record.salt = wire::Blob(salt);
  record.stored_key = wire::Blob(keys.stored_key);
  record.server_key = wire::Blob(keys.server_key);
  record.iterations = wanted->iterations;
  return metadata::MetadataRecord{std::move(record), 0};
}

}  // namespace

Result<metadata::Records> parse_scram_arguments(std::span<const std::string> arguments, Random& random) {
  metadata::Records records;
  for (const std::string& argument : arguments) {
    auto record = parse_one(argument, random);
    if (!record) return std::unexpected(record.error());
    records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace highwater::node
