#include "server/handlers/cordoned.h"

#include <algorithm>

#include "machines/configs/dynamic_broker.h"
#include "machines/configs/values.h"
#include "machines/metadata/features.h"

namespace highwater::server {

CordonedDirectories::CordonedDirectories(const configs::BrokerSettings& settings,
                                         const metadata::MetadataImage& image) {
  if (!metadata::has_cordoned_directories(image.metadata_version())) return;
  const configs::ConfigMap no_level;  // nobody may set it for all brokers
  const configs::ConfigMap running =
      configs::usable_dynamic_configs(image.configs(metadata::ResourceType::broker, std::to_string(settings.node_id)),
                                      configs::BrokerLevel::one_broker);
  const configs::ConfigMap effective = configs::effective_broker_configs({settings.text, no_level, running});
  named_ = configs::ConfigReader(configs::Scope::broker, effective).list("cordoned.log.dirs");
}

bool CordonedDirectories::contains(std::string_view path) const {
  return std::ranges::any_of(named_, [&](const std::string& name) { return name == "*" || name == path; });
}

}  // namespace highwater::server
