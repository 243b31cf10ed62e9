// The log directories that this broker is to give no new replicas: cordoned.log.dirs of the file, or what was set for
// this broker while it ran; `*` is all of them. None below the metadata version that knows of them. For one request.
// Kafka: LogManager.cordonedLogDirs, ReplicaManager.describeLogDirs (KIP-1066).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/broker_settings.h"
#include "machines/metadata/image.h"

namespace highwater::server {

class CordonedDirectories {
 public:
  CordonedDirectories(const configs::BrokerSettings& settings, const metadata::MetadataImage& image);

  bool contains(std::string_view path) const;

 private:
  std::vector<std::string> named_;
};

}  // namespace highwater::server
