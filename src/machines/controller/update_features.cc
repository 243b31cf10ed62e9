// UpdateFeatures: the finalised levels of the cluster. All updates of a request are done, or none.
// Kafka: FeatureControlManager, ConfigurationControlManager.updateFeatures (KIP-584, KIP-778, KIP-1022).
#include <fmt/core.h>

#include <map>
#include <utility>

#include "machines/configs/java_order.h"
#include "machines/controller/controller.h"
#include "machines/controller/refusals.h"
#include "machines/metadata/features.h"
#include "protocol/messages/update_features_request.h"
#include "protocol/messages/update_features_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::UpdateFeaturesRequest;
using Response = messages::UpdateFeaturesResponse;

enum class UpgradeType : std::int8_t { upgrade = 1, safe_downgrade = 2, unsafe_downgrade = 3 };

struct Update {
  std::int16_t level = 0;
  std::int8_t type = 0;

  bool is(UpgradeType wanted) const { return type == static_cast<std::int8_t>(wanted); }
  bool is_known() const {
    return is(UpgradeType::upgrade) || is(UpgradeType::safe_downgrade) || is(UpgradeType::unsafe_downgrade);
  }
};
using Levels = std::map<std::string, std::int16_t, std::less<>>;

std::string invalid(std::string_view feature, std::int16_t level, std::string_view why) {
  return fmt::format("Invalid update version {} for feature {}. {}", level, feature, why);
}

std::string unsupported_by(std::string_view who, metadata::FeatureRange range, std::int16_t level) {
  if (level >= range.lowest && level <= range.highest) return {};
  if (range.highest == 0) return fmt::format("{} does not support this feature.", who);
  if (range.lowest == range.highest) return fmt::format("{} only supports versions {}", who, range.lowest);
  return fmt::format("{} only supports versions {}-{}", who, range.lowest, range.highest);
}

metadata::FeatureRange range_of(const std::map<std::string, metadata::FeatureRange>& ranges, const std::string& name) {
  const auto found = ranges.find(name);
  return found == ranges.end() ? metadata::FeatureRange{} : found->second;
}

// Who of the cluster could not live with this level.
std::string unsupported(const metadata::MetadataImage& image, NodeId self, const std::string& name,
                        std::int16_t level) {
  auto problem =
      unsupported_by(fmt::format("Local controller {}", self), range_of(metadata::supported_ranges(), name), level);
  if (!problem.empty()) return problem;
  for (const auto& [id, broker] : image.brokers()) {
    problem = unsupported_by(fmt::format("Broker {}", id), range_of(broker.features, name), level);
    if (!problem.empty()) return problem;
  }
  if (!metadata::has_controller_registration(image.metadata_version())) return {};
  for (const auto& [id, controller] : image.controllers()) {
    if (id == self) continue;
    problem = unsupported_by(fmt::format("Controller {}", id), range_of(controller.features, name), level);
    if (!problem.empty()) return problem;
  }
  return {};
}

// A level of a feature other than metadata.version leans on others, as they are or as the same request makes them.
std::string missing_dependency(const std::string& name, std::int16_t level, const Levels& proposed) {
  const metadata::Feature* feature = metadata::find_feature(name);
  if (feature == nullptr) return fmt::format("Feature {} not found.", name);
  const std::int16_t needed = feature->needs.at(static_cast<std::size_t>(level));
  const auto found = proposed.find(metadata::metadata_version_feature);
  if (needed == 0 || (found != proposed.end() && found->second >= needed)) return {};
  return fmt::format("{} could not be set to {} because it depends on {} level {}", name, level,
                     metadata::metadata_version_feature, needed);
}

std::string refused_downgrade(std::int16_t from, const Update& update) {
  if (!metadata::loses_metadata(from, update.level)) return {};
  return fmt::format("Unsupported metadata.version downgrade from {} to {}. {}", from, update.level,
                     update.is(UpgradeType::unsafe_downgrade)
                         ? "Unsafe metadata downgrade is not supported in this version."
                         : "Refusing to perform the requested downgrade because it might delete metadata information.");
}

metadata::MetadataRecord level_record(std::string_view name, std::int16_t level) {
  messages::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  return {std::move(record), 0};
}

metadata::MetadataRecord min_insync_record(std::string_view broker, std::optional<std::string> value) {
  messages::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(metadata::ResourceType::broker);
  record.resource_name = broker;
  record.name = "min.insync.replicas";
  record.value = std::nullopt;
  if (value.has_value()) record.value = *value;
  return {std::move(record), 0};
}

// What the accepted updates of a request come to.
struct Outcome {
  metadata::Records records;
  std::optional<std::int16_t> kraft_version;
};

// The only voter is this node, whose levels have been looked at. Kafka: LeaderState.maybeAppendUpgradedKRaftVersion.
std::string update_kraft_version(std::int16_t current, const Update& update, Outcome& outcome) {
  const auto name = metadata::kraft_version_feature;
  if (!update.is(UpgradeType::upgrade)) {
    return update.level == current ? "" : invalid(name, update.level, "Can't downgrade the version of this feature.");
  }
  if (update.level != current) outcome.kraft_version = update.level;
  outcome.records.push_back({messages::NoOpRecord{}, 0});  // the answer waits for an offset
  return {};
}

struct Situation {
  const metadata::MetadataImage& image;
  NodeId self;
};

std::int16_t current_level(const Situation& now, const std::string& name) {
  return name == metadata::kraft_version_feature ? now.image.kraft_version() : now.image.feature_level(name);
}

// Empty, or why not.
std::string update_feature(const Situation& now, const std::string& name, const Update& update, const Levels& proposed,
                           Outcome& outcome) {
  if (!update.is_known()) {
    return invalid(name, update.level, "The controller does not support the given upgrade type.");
  }
  if (update.level < 0) return invalid(name, update.level, "A feature version cannot be less than 0.");
  const auto problem = unsupported(now.image, now.self, name, update.level);
  if (!problem.empty()) return invalid(name, update.level, problem);
  const std::int16_t current = current_level(now, name);
  if (update.level < current && update.is(UpgradeType::upgrade)) {
    return invalid(name, update.level,
                   "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                   "unsafe downgrade.");
  }
  if (update.level > current && !update.is(UpgradeType::upgrade)) {
    return invalid(name, update.level, "Can't downgrade to a newer version.");
  }
  if (name == metadata::kraft_version_feature) return update_kraft_version(current, update, outcome);
  std::string refused;
  if (name == metadata::metadata_version_feature) {
    if (update.level < current) refused = refused_downgrade(current, update);
  } else {
    refused = missing_dependency(name, update.level, proposed);
    if (!refused.empty()) refused = invalid(name, update.level, refused);
  }
  if (refused.empty()) outcome.records.push_back(level_record(name, update.level));
  return refused;
}

}  // namespace

// With eligible leader replicas the minimum must be the same on all brokers: it becomes a value of the cluster.
metadata::Records Controller::elr_safety_records() const {
  constexpr std::string_view key = "min.insync.replicas";
  metadata::Records records;
  if (!image_->configs(metadata::ResourceType::broker, "").contains(key)) {
    records.push_back(min_insync_record("", std::to_string(settings_.topic_defaults.min_insync_replicas)));
  }
  for (const auto& [resource, values] : image_->all_configs()) {
    if (resource.type != metadata::ResourceType::broker || resource.name.empty() || !values.contains(key)) continue;
    records.push_back(min_insync_record(resource.name, std::nullopt));
  }
  return records;
}

Decision<Response> Controller::update_features(const Request& request) const {
  Decision<Response> decision;
  decision.answer.error_message.reset();
  std::vector<std::string_view> order;
  std::map<std::string, Update, std::less<>> updates;
  Levels proposed;
  for (const auto& [name, level] : image_->feature_levels()) proposed[name] = level;
  for (const auto& wanted : request.feature_updates) {
    const std::string name = wanted.feature.str();
    if (!updates.contains(name)) order.push_back(wanted.feature.view());
    updates[name] = {wanted.max_version_level, wanted.upgrade_type};  // the last word on a feature counts
    proposed[name] = wanted.max_version_level;
  }
  Outcome outcome;
  for (const std::string_view feature : configs::java_order(std::move(order))) {
    const std::string name(feature);
    const auto refusal = update_feature({*image_, settings_.node}, name, updates[name], proposed, outcome);
    if (refusal.empty()) continue;
    decision.answer.error_code = api::wire_code(ErrorCode::invalid_update_version);
    decision.answer.error_message =
        "The update failed for all features since the following feature had an error: " + refusal;
    return decision;
  }
  if (request.validate_only) return decision;
  const auto elr = updates.find(std::string(metadata::elr_feature));
  if (elr != updates.end() && elr->second.level > 0) decision.records = elr_safety_records();
  for (auto& record : outcome.records) decision.records.push_back(std::move(record));
  decision.kraft_version = outcome.kraft_version;
  return decision;
}

}  // namespace highwater::controller
