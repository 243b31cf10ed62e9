// Rates that are set while a broker runs and never in a file (KIP-73, KIP-113): Kafka's QuotaConfig.brokerQuotaConfigs.
// They are shown only when they are set.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;
using enum Visibility;

constexpr ConfigKey rate_rows[] = {
    {"follower.replication.throttled.rate", int64, nullptr, "0..", medium, cluster_wide, not_yet,
     "Bytes per second that followers take of throttled replicas.", internal},
    {"leader.replication.throttled.rate", int64, nullptr, "0..", medium, cluster_wide, not_yet,
     "Bytes per second that leaders give of throttled replicas.", internal},
    {"replica.alter.log.dirs.io.max.bytes.per.second", int64, nullptr, "0..", medium, cluster_wide, not_yet,
     "Bytes per second that moves between log directories may take.", internal},
};

}  // namespace

std::span<const ConfigKey> rate_keys() { return rate_rows; }

}  // namespace highwater::configs
