#include "machines/controller/activation.h"

#include <fmt/core.h>

#include <utility>

#include "machines/metadata/features.h"

namespace highwater::controller {

namespace {

std::int16_t level_of(const metadata::Records& records, std::string_view feature) {
  std::int16_t level = 0;
  for (const auto& record : records) {
    const auto* found = std::get_if<messages::FeatureLevelRecord>(&record.value);
    if (found != nullptr && found->name == feature) level = found->feature_level;
  }
  return level;
}

metadata::MetadataRecord abort_record() {
  messages::AbortTransactionRecord record;
  record.reason = "Controller failover";
  return {std::move(record), 0};
}

metadata::MetadataRecord begin_record() {
  messages::BeginTransactionRecord record;
  record.name = "Bootstrap records";
  return {std::move(record), 0};
}

metadata::MetadataRecord min_insync_record(std::int32_t value) {
  messages::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(metadata::ResourceType::broker);
  record.resource_name = "";
  record.name = "min.insync.replicas";
  record.value = std::to_string(value);
  return {std::move(record), 0};
}

Result<Activation> for_empty_log(std::optional<Offset> open, const BootstrapSource& bootstrap,
                                 std::int32_t min_insync_replicas) {
  const std::int16_t level = level_of(bootstrap.records, metadata::metadata_version_feature);
  const metadata::MetadataVersion* version = metadata::find_metadata_version(level);
  if (version == nullptr) {
    return failure(fmt::format("{} names no metadata.version that this release knows ({})", bootstrap.name, level));
  }
  const bool transactional = metadata::has_metadata_transactions(level);
  Activation activation;
  activation.sentence = "Performing controller activation. ";
  if (open.has_value()) {
    if (!transactional) {
      return failure(
          fmt::format("the bootstrap records stop in a transaction at offset {}, which metadata.version {} "
                      "does not know; format the directories anew",
                      *open, version->text()));
    }
    activation.records.push_back(abort_record());
    activation.sentence += fmt::format(
        "Aborting partial bootstrap records transaction at offset {}. Re-appending {} bootstrap record(s) in new "
        "metadata transaction at metadata.version {} from bootstrap source '{}'.",
        *open, bootstrap.records.size(), version->text(), bootstrap.name);
  } else {
    activation.sentence += fmt::format(
        "The metadata log appears to be empty. Appending {} bootstrap record(s) {}at metadata.version {} "
        "from bootstrap source '{}'.",
        bootstrap.records.size(), transactional ? "in metadata transaction " : "", version->text(), bootstrap.name);
  }
  if (transactional) activation.records.push_back(begin_record());
  for (const auto& record : bootstrap.records) activation.records.push_back(record);
  if (level_of(bootstrap.records, metadata::elr_feature) > 0) {
    activation.records.push_back(min_insync_record(min_insync_replicas));
  }
  if (transactional) activation.records.push_back({messages::EndTransactionRecord{}, 0});
  return activation;
}

}  // namespace

Result<Activation> activation_records(const metadata::MetadataLoader& log, const BootstrapSource& bootstrap,
                                      std::int32_t min_insync_replicas) {
  const auto open = log.open_transaction();
  // The level counts only if it is not part of a transaction that will be aborted.
  const std::int16_t level = open.has_value() ? log.settled().metadata_version() : log.tail().metadata_version();
  if (level == 0) return for_empty_log(open, bootstrap, min_insync_replicas);
  Activation activation;
  activation.sentence = "Performing controller activation.";
  if (open.has_value()) {
    activation.records.push_back(abort_record());
    activation.sentence += fmt::format(" Aborting in-progress metadata transaction at offset {}.", *open);
  }
  return activation;
}

}  // namespace highwater::controller
