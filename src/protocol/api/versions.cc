#include "protocol/api/versions.h"

#include "protocol/api/api_table.h"

namespace highwater::api {
namespace {

bool flexible(ApiKey key, std::int16_t version) {
  const Api* api = find_api(static_cast<std::int16_t>(key));
  return api != nullptr && version >= api->flexible_from;
}

}  // namespace

std::int16_t request_header_version(ApiKey key, std::int16_t version) { return flexible(key, version) ? 2 : 1; }

std::int16_t response_header_version(ApiKey key, std::int16_t version) {
  if (key == ApiKey::api_versions) return 0;
  return flexible(key, version) ? 1 : 0;
}

std::int16_t advertised_lowest(ApiKey key) {
  if (key == ApiKey::produce) return 0;
  const Api* api = find_api(static_cast<std::int16_t>(key));
  return api == nullptr ? std::int16_t{0} : api->lowest;
}

}  // namespace highwater::api
