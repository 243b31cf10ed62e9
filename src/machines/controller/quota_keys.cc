#include "machines/controller/quota_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "machines/quota/numeric_address.h"

namespace highwater::controller {

namespace {

enum class Kind : std::uint8_t { whole_long, whole_int, any };

struct QuotaKey {
  std::string_view name;
  Kind kind;
};

constexpr std::array<QuotaKey, 4> user_and_client_keys = {{{"producer_byte_rate", Kind::whole_long},
                                                           {"consumer_byte_rate", Kind::whole_long},
                                                           {"request_percentage", Kind::any},
                                                           {"controller_mutation_rate", Kind::any}}};
constexpr std::array<QuotaKey, 1> ip_keys = {{{"connection_creation_rate", Kind::whole_int}}};

const metadata::QuotaEntityPart* find_part(const metadata::QuotaEntity& entity, std::string_view type) {
  const auto found = std::ranges::find(entity, type, &metadata::QuotaEntityPart::type);
  return found == entity.end() ? nullptr : &*found;
}

template <std::size_t n>
const QuotaKey* find_key(const std::array<QuotaKey, n>& keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &QuotaKey::name);
  return found == keys.end() ? nullptr : &*found;
}

std::string whole_number_problem(std::string_view key, double value, double most, std::string_view type) {
  if (value > most) return fmt::format("Proposed value for {} is too large for {}.", key, type);
  if (std::abs(std::fmod(value, 1.0)) > 1e-6) return fmt::format("{} cannot be a fractional value.", key);
  return {};
}

}  // namespace

std::string quota_entity_problem(const metadata::QuotaEntity& entity) {
  if (entity.empty()) return "Invalid empty client quota entity";
  for (const auto& part : entity) {
    if (part.type != quota_user && part.type != quota_client_id && part.type != quota_ip) {
      return "Unhandled client quota entity type: " + part.type;
    }
    if (part.name.has_value() && part.name->empty()) return fmt::format("Empty {} not supported", part.type);
  }
  const metadata::QuotaEntityPart* ip = find_part(entity, quota_ip);
  if (ip == nullptr) return {};
  if (entity.size() > 1) {
    return "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId";
  }
  if (!ip->name.has_value() || quota::numeric_address(*ip->name)) return {};
  return *ip->name + " is not a valid IP or resolvable host.";
}

std::string quota_value_problem(const metadata::QuotaEntity& entity, std::string_view key, double value) {
  const QuotaKey* found =
      find_part(entity, quota_ip) != nullptr ? find_key(ip_keys, key) : find_key(user_and_client_keys, key);
  if (found == nullptr) return fmt::format("Invalid configuration key {}", key);
  if (value <= 0.0) return fmt::format("Quota {} must be greater than 0", key);
  switch (found->kind) {
    case Kind::whole_long:
      return whole_number_problem(key, value, static_cast<double>(INT64_MAX), "a LONG");
    case Kind::whole_int:
      return whole_number_problem(key, value, static_cast<double>(INT32_MAX), "an INT");
    case Kind::any:
      return {};
  }
  return {};
}

}  // namespace highwater::controller
