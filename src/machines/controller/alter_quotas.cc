// AlterClientQuotas: what users, client ids and addresses may use. Each entity is decided alone, what is decided is one
// batch. Kafka: ClientQuotaControlManager (KIP-546, KIP-612).
#include <fmt/core.h>

#include <cmath>
#include <set>
#include <utility>

#include "machines/configs/java_order.h"
#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/quota_keys.h"
#include "machines/controller/refusals.h"
#include "protocol/messages/alter_client_quotas_request.h"
#include "protocol/messages/alter_client_quotas_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using metadata::QuotaEntity;
using Request = messages::AlterClientQuotasRequest;
using Response = messages::AlterClientQuotasResponse;
using Changes = std::map<std::string, std::optional<double>, std::less<>>;  // absent: remove

// Kafka's map of an entity's keys begins as large as their number.
std::vector<std::string_view> in_map_order(const Request::EntryData& entry) {
  std::vector<std::string_view> names;
  std::set<std::string_view> seen;
  for (const auto& op : entry.ops)
    if (seen.insert(op.key.view()).second) names.push_back(op.key.view());
  return configs::java_order(std::move(names), entry.ops.size());
}

// Of a type that stands twice the last name counts.
QuotaEntity entity_of(const Request::EntryData& entry) {
  std::map<std::string, std::optional<std::string>> parts;
  for (const auto& part : entry.entity) {
    std::optional<std::string> name;
    if (part.entity_name.has_value()) name = part.entity_name->str();
    parts[part.entity_type.str()] = std::move(name);
  }
  QuotaEntity entity;
  for (auto& [type, name] : parts) entity.push_back({type, std::move(name)});
  return entity;
}

std::string text_of(const QuotaEntity& entity) {
  std::string parts;
  for (const auto& part : entity) {
    parts += fmt::format("{}{}={}", parts.empty() ? "" : ", ", part.type, part.name.value_or("null"));
  }
  return fmt::format("ClientQuotaEntity(entries={{{}}})", parts);
}

metadata::MetadataRecord record_of(const QuotaEntity& entity, const std::string& key, std::optional<double> value) {
  messages::ClientQuotaRecord record;
  for (const auto& part : entity) {
    auto& written = record.entity.emplace_back();
    written.entity_type = part.type;
    written.entity_name.reset();
    if (part.name.has_value()) written.entity_name = *part.name;
  }
  record.key = key;
  record.value = value.value_or(0.0);
  record.remove = !value.has_value();
  return {std::move(record), 0};
}

struct QuotaChange {
  const QuotaEntity& entity;
  const Changes& changes;
  std::vector<std::string_view> order;  // of the keys of `changes`
};

// Empty, or why the entity keeps what it has.
std::string quota_records(const metadata::MetadataImage& image, const QuotaChange& change, metadata::Records& records) {
  const auto& [entity, changes, order] = change;
  auto problem = quota_entity_problem(entity);
  if (!problem.empty()) return problem;
  const metadata::QuotaValues* current = image.client_quotas().find(entity);
  metadata::Records changed;
  for (const std::string_view name : order) {
    const auto& [key, value] = *changes.find(name);
    const double* before = nullptr;
    if (current != nullptr) {
      const auto found = current->find(key);
      if (found != current->end()) before = &found->second;
    }
    if (!value.has_value()) {
      if (before != nullptr) changed.push_back(record_of(entity, key, std::nullopt));
      continue;
    }
    problem = quota_value_problem(entity, key, *value);
    if (!problem.empty()) return problem;
    const bool same = before != nullptr && (*before == *value || (std::isnan(*before) && std::isnan(*value)));
    if (!same) changed.push_back(record_of(entity, key, *value));
  }
  for (auto& record : changed) records.push_back(std::move(record));
  return {};
}

void show(const QuotaEntity& entity, const std::string& problem, Response& answer) {
  auto& entry = answer.entries.emplace_back();
  entry.error_message.reset();
  if (!problem.empty()) {
    entry.error_code = api::wire_code(ErrorCode::invalid_request);
    entry.error_message = problem;
  }
  for (const auto& part : entity) {
    auto& shown = entry.entity.emplace_back();
    shown.entity_type = part.type;
    shown.entity_name.reset();
    if (part.name.has_value()) shown.entity_name = *part.name;
  }
}

}  // namespace

Decision<Response> Controller::alter_client_quotas(const Request& request) const {
  Decision<Response> decision;
  std::vector<QuotaEntity> order;
  std::map<QuotaEntity, std::string> problems;
  for (const auto& entry : request.entries) {
    QuotaEntity entity = entity_of(entry);
    Changes changes;
    bool repeats = problems.contains(entity);
    if (!repeats) order.push_back(entity);
    for (const auto& op : entry.ops) {
      std::optional<double> value;
      if (!op.remove) value = op.value;
      // Kafka says of a repeated key, too, that the entity is repeated.
      if (!changes.emplace(op.key.str(), value).second) repeats = true;
    }
    problems[entity] = repeats ? "Ignoring duplicate entity " + text_of(entity)
                               : quota_records(*image_, {entity, changes, in_map_order(entry)}, decision.records);
  }
  if (decision.records.size() > records_per_operation_max) {
    decision.records.clear();
    decision.answer = refused<Response>(request, too_large_operation());
    return decision;
  }
  for (const auto& entity : order) show(entity, problems[entity], decision.answer);
  if (request.validate_only) decision.records.clear();
  return decision;
}

}  // namespace highwater::controller
