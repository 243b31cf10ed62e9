// The names in a log directory and in a partition's directory, as Kafka gives them (LogFileUtils, LocalLog).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "foundation/base/ids.h"
#include "foundation/base/uuid.h"

namespace highwater::engine {

namespace suffix {
inline constexpr std::string_view log = ".log";
inline constexpr std::string_view index = ".index";
inline constexpr std::string_view time_index = ".timeindex";
inline constexpr std::string_view txn_index = ".txnindex";
inline constexpr std::string_view snapshot = ".snapshot";
inline constexpr std::string_view deleted = ".deleted";  // waits for its removal
inline constexpr std::string_view cleaned = ".cleaned";  // an unfinished compaction
inline constexpr std::string_view swap = ".swap";        // a finished one, not yet in place
}  // namespace suffix

inline constexpr std::string_view epoch_checkpoint_name = "leader-epoch-checkpoint";
inline constexpr std::string_view partition_metadata_name = "partition.metadata";
inline constexpr std::size_t directory_name_max = 255;

// Twenty digits and the suffix.
std::string offset_file_name(Offset offset, std::string_view suffix);

// `.log` of "00000000000000000042.log" at 42; nothing when the name does not begin with exactly twenty digits and a
// dot.
struct OffsetFileName {
  Offset offset = 0;
  std::string_view suffix;  // from the first dot on
};
std::optional<OffsetFileName> parse_offset_file_name(std::string_view name);

std::string join_path(std::string_view directory, std::string_view name);

struct PartitionDirectoryName {
  std::string topic;
  std::int32_t index = 0;
};
// "topic-3"; nothing for directories of any other form, also those that wait for deletion or strayed.
std::optional<PartitionDirectoryName> parse_partition_directory(std::string_view name);
std::string partition_directory_name(std::string_view topic, std::int32_t index);

enum class Retired : std::uint8_t { deleted, stray };  // on its way out, or nobody's
// "topic-3.<32 hex digits>-delete", the topic cut so that the name fits a directory entry.
std::string retired_directory_name(std::string_view topic, std::int32_t index, const Uuid& unique, Retired as);
bool is_deleted_directory(std::string_view name);
// "topic-3.<32 hex digits>-future": a copy that takes the log's place once it is complete (KIP-113).
std::string future_directory_name(std::string_view topic, std::int32_t index, const Uuid& unique);
bool is_future_directory(std::string_view name);
// "topic-3" of a directory that waits for deletion, strayed or is a copy.
std::optional<std::string_view> set_aside_name(std::string_view name);

}  // namespace highwater::engine
