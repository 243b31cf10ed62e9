// Keys that Kafka does not have. Facts from the ConfigDefs of Kafka 4.3; one row per key:
// name, type, default, allowed values, importance, who may change it, whether it acts here, words.
#include "machines/configs/config_rows.h"

namespace highwater::configs {
namespace {

using enum ValueType;
using enum Importance;
using enum DynamicMode;
using enum Support;

constexpr ConfigKey own_rows[] = {
    {"highwater.cores", int32, "0", "0..64", medium, read_only, built,
     "Reactors, one per core; 0 takes one on one or two CPUs, else half of them, at most 4."},
    {"highwater.index.bytes", int64, "33554432", "4096..", medium, read_only, built,
     "Memory per core for the indexes of inactive segments; others are read again when they are asked for."},
    {"highwater.max.decompressed.batch.bytes", int64, "2147483648", "1..", medium, read_only, built,
     "Largest size to which one compressed batch may unfold."},
    {"highwater.request.read.timeout.ms", int32, "30000", "1..", medium, read_only, built,
     "Longest time from the first to the last byte of a request; a connection that needs more is closed."},
    {"highwater.response.write.timeout.ms", int32, "30000", "1..", medium, read_only, built,
     "Longest time in which a client takes no byte of an answer; its connection is closed then."},
    {"highwater.tail.bytes", int64, "33554432", "4096..", medium, read_only, built,
     "Memory per core for the newest bytes of its logs, from which readers at the end are served."},
    {"log.durability", string, "fsync", "fsync|page-cache", high, cluster_wide, built,
     "What an acknowledgement promises: `fsync` waits for the disk, `page-cache` trusts the page cache as Kafka does."},
};

}  // namespace

std::span<const ConfigKey> own_keys() { return own_rows; }

}  // namespace highwater::configs
