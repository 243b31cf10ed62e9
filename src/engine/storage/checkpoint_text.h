// The small text files of a log directory, as text; reading and writing files is elsewhere.
//   offset checkpoints   "0\n<count>\n<topic> <partition> <offset>\n..."   OffsetCheckpointFile
//   partition.metadata   "version: 0\ntopic_id: <22 characters>"          PartitionMetadataFile
//   .kafka_cleanshutdown {"version":0,"brokerEpoch":N}                    CleanShutdownFileHandler
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"
#include "foundation/base/uuid.h"

namespace highwater::engine {

inline constexpr std::string_view recovery_point_checkpoint_name = "recovery-point-offset-checkpoint";
inline constexpr std::string_view high_watermark_checkpoint_name = "replication-offset-checkpoint";
inline constexpr std::string_view log_start_checkpoint_name = "log-start-offset-checkpoint";
inline constexpr std::string_view clean_shutdown_name = ".kafka_cleanshutdown";

// By topic name and partition; names, because that is what the file holds.
using OffsetsByName = std::map<std::pair<std::string, std::int32_t>, Offset>;

std::string offset_checkpoint_text(const OffsetsByName& offsets);
Result<OffsetsByName> parse_offset_checkpoint(std::string_view text);

std::string partition_metadata_text(const Uuid& topic_id);
Result<Uuid> parse_partition_metadata(std::string_view text);

std::string clean_shutdown_text(BrokerEpoch epoch);
// Nothing when the text is not what we or Kafka write: the stop was clean all the same, only the epoch is unknown.
std::optional<BrokerEpoch> parse_clean_shutdown(std::string_view text);

}  // namespace highwater::engine
