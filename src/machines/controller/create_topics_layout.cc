// Where the partitions of a new topic go, and what the answer says about its configuration.
#include <fmt/core.h>

#include <charconv>
#include <utility>

#include "machines/configs/config_table.h"
#include "machines/controller/controller.h"
#include "machines/controller/manual_assignment.h"
#include "machines/controller/replica_placement.h"
#include "machines/controller/wanted_topic.h"
#include "protocol/api/config_source.h"
#include "protocol/messages/create_topics_response.h"

namespace highwater::controller {

namespace {

using api::ConfigSource;
using api::ErrorCode;

struct Effective {
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::by_default;
};

std::string scaled(const std::string& text, std::int64_t factor) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (factor == 1 || parsed.ec != std::errc{} || value < 0) return text;
  return std::to_string(value * factor);
}

std::optional<std::string> from_broker(const configs::ConfigMap& values, std::string_view topic_key) {
  for (const auto& synonym : configs::broker_synonyms(topic_key)) {
    const auto found = values.find(synonym.broker_key);
    if (found != values.end()) return scaled(found->second, synonym.factor);
  }
  return std::nullopt;
}

}  // namespace

// False when no broker of the list may lead.
bool Controller::add_partition(Wanted& wanted, std::vector<NodeId> brokers) const {
  auto partition = fresh_partition(*image_, std::move(brokers));
  if (!partition.has_value()) return false;
  wanted.partitions[static_cast<std::int32_t>(wanted.partitions.size())] = std::move(*partition);
  return true;
}

bool Controller::lay_out_manually(Wanted& wanted) const {
  if (wanted.wish.replication_factor != -1) {
    return wanted.refuse(ErrorCode::invalid_request,
                         "A manual partition assignment was specified, but replication factor was not set to -1.");
  }
  if (wanted.wish.num_partitions != -1) {
    return wanted.refuse(ErrorCode::invalid_request,
                         "A manual partition assignment was specified, but numPartitions was not set to -1.");
  }
  std::map<std::int32_t, const std::vector<NodeId>*> by_index;
  std::optional<std::size_t> replicas;
  for (const auto& assignment : wanted.wish.assignments) {
    if (by_index.contains(assignment.partition_index)) {
      return wanted.refuse(
          ErrorCode::invalid_replica_assignment,
          fmt::format("Found multiple manual partition assignments for partition {}", assignment.partition_index));
    }
    auto problem = assignment_problem(*image_, assignment.broker_ids, replicas);
    if (!problem.empty()) return wanted.refuse(ErrorCode::invalid_replica_assignment, std::move(problem));
    replicas = assignment.broker_ids.size();
    by_index[assignment.partition_index] = &assignment.broker_ids;
    problem = leadership_problem(*image_, assignment.broker_ids, assignment.partition_index);
    if (!problem.empty()) return wanted.refuse(ErrorCode::invalid_replica_assignment, std::move(problem));
  }
  for (const auto& [index, brokers] : by_index) {
    if (index != static_cast<std::int32_t>(wanted.partitions.size())) {
      return wanted.refuse(ErrorCode::invalid_replica_assignment,
                           "partitions should be a consecutive 0-based integer sequence");
    }
    add_partition(wanted, *brokers);
  }
  return true;
}

bool Controller::lay_out(Wanted& wanted, Random& random) const {
  if (!wanted.wish.assignments.empty()) return lay_out_manually(wanted);
  std::int16_t replicas = wanted.wish.replication_factor;
  std::int32_t partitions = wanted.wish.num_partitions;
  if (replicas < -1 || replicas == 0) {
    return wanted.refuse(ErrorCode::invalid_replication_factor,
                         "Replication factor must be larger than 0, or -1 to use the default value.");
  }
  if (partitions < -1 || partitions == 0) {
    return wanted.refuse(ErrorCode::invalid_partitions,
                         "Number of partitions was set to an invalid non-positive value.");
  }
  if (replicas == -1) replicas = settings_.default_replication_factor;
  if (partitions == -1) partitions = settings_.default_partitions;
  const auto refuse = [&](std::string_view why) {
    return wanted.refuse(ErrorCode::invalid_replication_factor,
                         fmt::format("Unable to replicate the partition {} time(s): {}", replicas, why));
  };
  auto placed = place_replicas(*image_, heartbeats_, {partitions, replicas}, random);
  if (!placed.has_value()) return refuse(placed.error().text);
  for (auto& brokers : *placed) {
    if (!add_partition(wanted, std::move(brokers))) {
      return refuse("All brokers are currently fenced or in controlled shutdown.");
    }
  }
  return true;
}

void Controller::describe_topic(const Wanted& wanted,
                                messages::create_topics_response_parts::CreatableTopicResult& result) const {
  result.name = wanted.name;
  result.topic_id = wanted.id;
  result.error_message = std::nullopt;
  result.num_partitions = static_cast<std::int32_t>(wanted.partitions.size());
  result.replication_factor = static_cast<std::int16_t>(wanted.partitions.begin()->second.replicas.size());
  const std::string node = std::to_string(settings_.node);
  const auto effective = [&](const configs::ConfigKey& key) -> Effective {
    if (const auto own = wanted.configs.find(key.name); own != wanted.configs.end())
      return {own->second, ConfigSource::topic};
    using metadata::ResourceType;
    if (auto set = from_broker(image_->configs(ResourceType::broker, node), key.name))
      return {set, ConfigSource::this_broker};
    if (auto set = from_broker(image_->configs(ResourceType::broker, ""), key.name))
      return {set, ConfigSource::all_brokers};
    if (auto set = from_broker(settings_.broker_configs, key.name)) return {set, ConfigSource::file};
    if (key.default_text == nullptr) return {};
    return {std::string(key.default_text), ConfigSource::by_default};
  };
  for (const auto& key : configs::config_keys(configs::Scope::topic)) {
    if (key.visibility == configs::Visibility::internal) continue;
    const Effective found = effective(key);
    messages::CreateTopicsResponse::CreatableTopicConfigs shown;
    shown.name = key.name;
    shown.value = std::nullopt;
    if (found.value.has_value() && !key.sensitive()) shown.value = *found.value;
    shown.config_source = static_cast<std::int8_t>(found.source);
    shown.is_sensitive = key.sensitive();
    result.configs->push_back(std::move(shown));
  }
}

}  // namespace highwater::controller
