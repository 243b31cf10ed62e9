// Which entities quotas may be given to, and which values. Kafka: ClientQuotaControlManager, QuotaConfig.
#pragma once

#include <string>
#include <string_view>

#include "machines/metadata/image.h"

namespace highwater::controller {

inline constexpr std::string_view quota_user = "user";
inline constexpr std::string_view quota_client_id = "client-id";
inline constexpr std::string_view quota_ip = "ip";

// Empty when it may have quotas, else Kafka's sentence for INVALID_REQUEST. An ip must be an address in digits, or
// localhost: a machine asks no name server, which Kafka does.
std::string quota_entity_problem(const metadata::QuotaEntity& entity);
// The same for one value of a valid entity.
std::string quota_value_problem(const metadata::QuotaEntity& entity, std::string_view key, double value);

}  // namespace highwater::controller
