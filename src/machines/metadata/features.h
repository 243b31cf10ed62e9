// The features that a node of this release supports and the levels they stand for. A finalised level outside a node's
// range keeps the node out of the cluster. Kafka: org.apache.kafka.server.common.Feature, MetadataVersion.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.h"
#include "machines/metadata/image.h"

namespace highwater::metadata {

inline constexpr std::string_view metadata_version_feature = "metadata.version";
inline constexpr std::string_view kraft_version_feature = "kraft.version";
inline constexpr std::string_view elr_feature = "eligible.leader.replicas.version";

// Whether a step changed what is written, or only what is allowed.
enum class RecordsOf : std::uint8_t { predecessor, its_own };

// One step of metadata.version, as in "4.3-IV0".
struct MetadataVersion {
  std::int16_t level;
  std::string_view release;  // "4.3"
  std::string_view change;   // "IV0"
  RecordsOf records = RecordsOf::predecessor;

  std::string text() const;
};

inline constexpr std::int16_t oldest_metadata_version = 7;   // 3.3-IV3
inline constexpr std::int16_t newest_metadata_version = 30;  // 4.3-IV0

// Whether a step down may forget something that was written: a version in between changed a record.
bool loses_metadata(std::int16_t from, std::int16_t to);

std::span<const MetadataVersion> metadata_versions();  // ascending, without gaps
const MetadataVersion* find_metadata_version(std::int16_t level);
// "4.3-IV0" or "4.3" (its last step), "4.3.1" as "4.3".
std::optional<MetadataVersion> parse_release(std::string_view text);

// What a metadata.version allows; named here once so that nobody compares numbers.
bool has_metadata_transactions(std::int16_t metadata_version);
bool has_controller_registration(std::int16_t metadata_version);
bool has_directory_assignment(std::int16_t metadata_version);
bool has_scram(std::int16_t metadata_version);
bool has_elr(std::int16_t metadata_version);
bool has_cordoned_directories(std::int16_t metadata_version);
bool bumps_leader_epoch_on_isr_shrink(std::int16_t metadata_version);
std::int16_t register_broker_record_version(std::int16_t metadata_version);
std::int16_t partition_record_version(std::int16_t metadata_version);
std::int16_t partition_change_record_version(std::int16_t metadata_version);

// Every feature but metadata.version. by_release[level] is the metadata.version from which on `format` sets that level.
struct Feature {
  std::string_view name;
  std::vector<std::int16_t> by_release;
  // Level -> the lowest metadata.version that this level needs; 0: none beyond the oldest.
  std::vector<std::int16_t> needs;

  std::int16_t highest() const { return static_cast<std::int16_t>(by_release.size() - 1); }
};
std::span<const Feature> supported_features();
const Feature* find_feature(std::string_view name);
std::int16_t default_level(const Feature& feature, std::int16_t metadata_version);

// What registrations and ApiVersions say; metadata.version and kraft.version included.
std::map<std::string, FeatureRange> supported_ranges();

// The levels that `format` writes: those asked for, and the defaults of the release for the rest. Kafka's refusals.
struct LevelRequest {
  std::optional<std::string> release;          // --release-version
  std::map<std::string, std::int16_t> levels;  // --feature
  bool dynamic_quorum = false;                 // no controller.quorum.voters, one of the voter flags
};
struct ChosenLevels {
  MetadataVersion release;
  std::map<std::string, std::int16_t> levels;  // metadata.version and kraft.version included
};
Result<ChosenLevels> choose_levels(const LevelRequest& request);

}  // namespace highwater::metadata
