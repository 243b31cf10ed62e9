#include "node/format/feature_verbs.h"

#include <fmt/format.h>

#include <cstdio>

#include "machines/configs/values.h"
#include "machines/metadata/features.h"

namespace highwater::node {
namespace {

ExitStatus refuse(std::string_view sentence) {
  fmt::print(stderr, "{}\n", sentence);
  return ExitStatus::error;
}

Result<std::string> metadata_version_line(std::int16_t level) {
  const metadata::MetadataVersion* version = metadata::find_metadata_version(level);
  if (version == nullptr) return failure(fmt::format("Unknown metadata.version {}", level));
  return fmt::format("metadata.version={} ({}) has no dependencies.\n", level, version->text());
}

Result<std::string> dependency_lines(const std::string& argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos)
    return failure(fmt::format(
        "Invalid feature format: {}. Expected format: 'feature=version' (e.g. 'group.version=1')", argument));
  const std::string_view name = configs::trim(std::string_view(argument).substr(0, equals));
  const std::string_view text = configs::trim(std::string_view(argument).substr(equals + 1));
  const auto level = configs::parse_integer(text);
  if (!level || *level < INT16_MIN || *level > INT16_MAX)
    return failure(fmt::format("Invalid version format: {} for feature {}", text, name));
  if (name == metadata::metadata_version_feature) return metadata_version_line(static_cast<std::int16_t>(*level));
  const metadata::Feature* feature = metadata::find_feature(name);
  if (feature == nullptr) return failure(fmt::format("Unknown feature: {}", name));
  if (*level < 0 || *level > feature->highest())
    return failure(fmt::format("Feature level {} is not supported for feature {}", *level, name));
  const std::int16_t needed = feature->needs[static_cast<std::size_t>(*level)];
  if (needed == 0) return fmt::format("{}={} has no dependencies.\n", name, *level);
  return fmt::format("{}={} requires:\n    metadata.version={} ({})\n", name, *level, needed,
                     metadata::find_metadata_version(needed)->text());
}

}  // namespace

ExitStatus run_version_mapping(const std::string& release_version) {
  const std::string asked = release_version.empty() ? metadata::metadata_versions().back().text() : release_version;
  const auto version = metadata::parse_release(asked);
  if (!version) {
    std::string known;
    for (const auto& one : metadata::metadata_versions()) known += (known.empty() ? "" : ", ") + one.text();
    return refuse(fmt::format("Unknown metadata.version '{}'. Supported metadata.version are: {}", asked, known));
  }
  fmt::print("metadata.version={} ({})\n", version->level, asked);
  for (const metadata::Feature& feature : metadata::supported_features())
    fmt::print("{}={}\n", feature.name, metadata::default_level(feature, version->level));
  return ExitStatus::clean;
}

ExitStatus run_feature_dependencies(const std::vector<std::string>& features) {
  for (const std::string& feature : features) {
    const auto lines = dependency_lines(feature);
    if (!lines) return refuse(lines.error().text);
    fmt::print("{}", *lines);
  }
  return ExitStatus::clean;
}

}  // namespace highwater::node
