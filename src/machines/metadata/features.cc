#include "machines/metadata/features.h"

#include <fmt/core.h>

#include <array>

namespace highwater::metadata {

namespace {

constexpr auto its_own = RecordsOf::its_own;
constexpr std::array<MetadataVersion, 24> versions = {{
    {7, "3.3", "IV3", its_own},  {8, "3.4", "IV0", its_own}, {9, "3.5", "IV0"},           {10, "3.5", "IV1"},
    {11, "3.5", "IV2", its_own}, {12, "3.6", "IV0"},         {13, "3.6", "IV1", its_own}, {14, "3.6", "IV2", its_own},
    {15, "3.7", "IV0", its_own}, {16, "3.7", "IV1"},         {17, "3.7", "IV2", its_own}, {18, "3.7", "IV3"},
    {19, "3.7", "IV4"},          {20, "3.8", "IV0"},         {21, "3.9", "IV0"},          {22, "4.0", "IV0"},
    {23, "4.0", "IV1", its_own}, {24, "4.0", "IV2"},         {25, "4.0", "IV3"},          {26, "4.1", "IV0"},
    {27, "4.1", "IV1"},          {28, "4.2", "IV0"},         {29, "4.2", "IV1"},          {30, "4.3", "IV0", its_own},
}};

// In the order in which Kafka declares them.
const std::array<Feature, 6>& features() {
  static const std::array<Feature, 6> all = {{
      {kraft_version_feature, {7, 21}, {0, 0}},
      {"transaction.version", {7, 24, 24}, {0, 0, 0}},
      {"group.version", {7, 22}, {0, 0}},
      {elr_feature, {7, 26}, {0, 23}},
      {"share.version", {7, 28}, {0, 0}},
      {"streams.version", {7, 29}, {0, 0}},
  }};
  return all;
}

Result<MetadataVersion> choose_release(const LevelRequest& request) {
  const auto asked = request.levels.find(std::string(metadata_version_feature));
  if (asked != request.levels.end()) {
    if (request.release.has_value()) {
      return failure("Use --release-version instead of --feature metadata.version=X to avoid ambiguity.");
    }
    const MetadataVersion* found = find_metadata_version(asked->second);
    if (found == nullptr) {
      return failure(fmt::format("No MetadataVersion with feature level {}. Valid feature levels are from {} to {}.",
                                 asked->second, oldest_metadata_version, newest_metadata_version));
    }
    return *found;
  }
  if (!request.release.has_value()) return versions.back();
  const auto parsed = parse_release(*request.release);
  if (parsed.has_value()) return *parsed;
  std::string known;
  for (const auto& version : versions) known += (known.empty() ? "" : ", ") + version.text();
  return failure(
      fmt::format("Unknown metadata.version '{}'. Supported metadata.version are: {}", *request.release, known));
}

Result<std::int16_t> choose_kraft_version(const LevelRequest& request) {
  const auto asked = request.levels.find(std::string(kraft_version_feature));
  if (asked == request.levels.end()) return static_cast<std::int16_t>(request.dynamic_quorum ? 1 : 0);
  if (asked->second == 0 && request.dynamic_quorum) {
    return failure(
        "Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags --standalone, "
        "--initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try removing "
        "the --feature flag for kraft.version.");
  }
  if (asked->second != 0 && !request.dynamic_quorum) {
    return failure(fmt::format(
        "Cannot set kraft.version to {} unless controller.quorum.voters is empty and one of the flags --standalone, "
        "--initial-controllers, or --no-initial-controllers is used. For dynamic controllers support, try using one "
        "of --standalone, --initial-controllers, or --no-initial-controllers and removing controller.quorum.voters.",
        asked->second));
  }
  return asked->second;
}

// Is every level known, and does the release allow it?
Result<void> check_levels(const ChosenLevels& chosen) {
  for (const auto& [name, level] : chosen.levels) {
    if (name == metadata_version_feature) continue;
    const Feature& feature = *find_feature(name);
    if (level < 0 || level > feature.highest()) {
      return failure(fmt::format("No feature:{} with feature level {}", name, level));
    }
    const std::int16_t needed = feature.needs[static_cast<std::size_t>(level)];
    if (chosen.release.level < needed) {
      return failure(fmt::format("{} could not be set to {} because it depends on metadata.version level {}", name,
                                 level, needed));
    }
  }
  return {};
}

}  // namespace

std::string MetadataVersion::text() const { return fmt::format("{}-{}", release, change); }

std::span<const MetadataVersion> metadata_versions() { return versions; }

const MetadataVersion* find_metadata_version(std::int16_t level) {
  if (level < oldest_metadata_version || level > newest_metadata_version) return nullptr;
  return &versions[static_cast<std::size_t>(level - oldest_metadata_version)];
}

std::optional<MetadataVersion> parse_release(std::string_view text) {
  // A patch level says nothing about the format: only the first two numbers count.
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  const std::string_view key = text.substr(0, second);
  std::optional<MetadataVersion> found;
  for (const auto& version : versions) {
    if (version.release == key || version.text() == key) found = version;
  }
  return found;
}

bool loses_metadata(std::int16_t from, std::int16_t to) {
  for (const auto& version : versions) {
    if (version.level > to && version.level <= from && version.records == RecordsOf::its_own) return true;
  }
  return false;
}

bool has_metadata_transactions(std::int16_t metadata_version) { return metadata_version >= 13; }
bool has_scram(std::int16_t metadata_version) { return metadata_version >= 11; }
bool has_controller_registration(std::int16_t metadata_version) { return metadata_version >= 15; }
bool has_directory_assignment(std::int16_t metadata_version) { return metadata_version >= 17; }
bool has_elr(std::int16_t metadata_version) { return metadata_version >= 23; }
bool has_cordoned_directories(std::int16_t metadata_version) { return metadata_version >= 30; }
bool bumps_leader_epoch_on_isr_shrink(std::int16_t metadata_version) { return metadata_version < 12; }

std::int16_t register_broker_record_version(std::int16_t metadata_version) {
  if (has_cordoned_directories(metadata_version)) return 4;
  if (has_directory_assignment(metadata_version)) return 3;
  return metadata_version >= 8 ? 2 : 1;
}

std::int16_t partition_record_version(std::int16_t metadata_version) {
  if (has_elr(metadata_version)) return 2;
  return has_directory_assignment(metadata_version) ? 1 : 0;
}

std::int16_t partition_change_record_version(std::int16_t metadata_version) {
  return partition_record_version(metadata_version);
}

std::span<const Feature> supported_features() { return features(); }

const Feature* find_feature(std::string_view name) {
  for (const auto& feature : features()) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}

std::int16_t default_level(const Feature& feature, std::int16_t metadata_version) {
  std::int16_t level = 0;
  for (std::int16_t i = 0; i <= feature.highest(); ++i) {
    if (feature.by_release[static_cast<std::size_t>(i)] <= metadata_version) level = i;
  }
  return level;
}

std::map<std::string, FeatureRange> supported_ranges() {
  std::map<std::string, FeatureRange> ranges;
  ranges[std::string(metadata_version_feature)] = {oldest_metadata_version, newest_metadata_version};
  for (const auto& feature : features()) ranges[std::string(feature.name)] = {0, feature.highest()};
  return ranges;
}

Result<ChosenLevels> choose_levels(const LevelRequest& request) {
  auto release = choose_release(request);
  if (!release.has_value()) return std::unexpected(release.error());
  ChosenLevels chosen{*release, {}};
  for (const auto& [name, level] : request.levels) {
    if (name != metadata_version_feature && find_feature(name) == nullptr) {
      std::map<std::string_view, int> known;
      for (const auto& feature : features()) known[feature.name] = 0;
      std::string names;
      for (const auto& entry : known) names += (names.empty() ? "" : ", ") + std::string(entry.first);
      return failure(fmt::format("Unsupported feature: {}. Supported features are: {}", name, names));
    }
    chosen.levels[name] = level;
  }
  chosen.levels[std::string(metadata_version_feature)] = release->level;
  auto kraft_version = choose_kraft_version(request);
  if (!kraft_version.has_value()) return std::unexpected(kraft_version.error());
  chosen.levels[std::string(kraft_version_feature)] = *kraft_version;
  for (const auto& feature : features()) {
    chosen.levels.try_emplace(std::string(feature.name), default_level(feature, release->level));
  }
  auto checked = check_levels(chosen);
  if (!checked.has_value()) return std::unexpected(checked.error());
  return chosen;
}

}  // namespace highwater::metadata
