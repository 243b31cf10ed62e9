// The first records of an active controller. On an empty log: the bootstrap records that `format` left, in a metadata
// transaction when their metadata.version knows them, and with ELR the cluster's min.insync.replicas; otherwise only
// the end of a transaction that a predecessor left open. Kafka: ActivationRecordsGenerator, BootstrapMetadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "foundation/base/result.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/records.h"

namespace highwater::controller {

struct Activation {
  metadata::Records records;
  std::string sentence;  // for the log, as operators know it from Kafka
};

struct BootstrapSource {
  metadata::Records records;
  std::string name;  // where they come from
};

Result<Activation> activation_records(const metadata::MetadataLoader& log, const BootstrapSource& bootstrap,
                                      std::int32_t min_insync_replicas);

}  // namespace highwater::controller
