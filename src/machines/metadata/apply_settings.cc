#include <fmt/core.h>

#include <algorithm>

#include "machines/metadata/apply.h"

namespace highwater::metadata {

namespace {

std::vector<std::uint8_t> bytes_of(const wire::Blob& blob) {
  const ByteView view = blob.view();
  return {view.begin(), view.end()};
}

Result<void> misplaced(std::string_view name) {
  return failure(fmt::format("{} stands where no metadata transaction can begin or end", name));
}

}  // namespace

Result<void> RecordApplier::operator()(const messages::ConfigRecord& record) const {
  const ConfigResource resource{static_cast<ResourceType>(record.resource_type), record.resource_name.str()};
  delta.configs_.insert(resource);
  if (record.value.has_value()) {
    image().configs_.edit(resource)[record.name.str()] = record.value->str();
    return {};
  }
  if (!image().configs_.contains(resource)) return {};
  ConfigValues& values = image().configs_.edit(resource);
  values.erase(record.name.str());
  if (values.empty()) image().configs_.erase(resource);
  return {};
}

Result<void> RecordApplier::operator()(const messages::ClientQuotaRecord& record) const {
  QuotaEntity entity;
  for (const auto& part : record.entity) {
    std::optional<std::string> name;
    if (part.entity_name.has_value()) name = part.entity_name->str();
    entity.push_back({part.entity_type.str(), std::move(name)});
  }
  std::ranges::sort(entity);
  delta.quotas_changed_ = true;
  if (!record.remove) {
    image().client_quotas_.edit(entity)[record.key.str()] = record.value;
    return {};
  }
  if (!image().client_quotas_.contains(entity)) return {};
  QuotaValues& values = image().client_quotas_.edit(entity);
  values.erase(record.key.str());
  if (values.empty()) image().client_quotas_.erase(entity);
  return {};
}

Result<void> RecordApplier::operator()(const messages::AccessControlEntryRecord& record) const {
  image().acls_.set(
      record.id, AclImage{record.resource_type, record.resource_name.str(), record.pattern_type, record.principal.str(),
                          record.host.str(), record.operation, record.permission_type});
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::RemoveAccessControlEntryRecord& record) const {
  if (!image().acls_.erase(record.id)) {
    return failure(fmt::format("ACL {} is removed although it does not exist", record.id.to_text()));
  }
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::UserScramCredentialRecord& record) const {
  image().scram_.set({record.mechanism, record.name.str()},
                     ScramCredentialImage{bytes_of(record.salt), bytes_of(record.stored_key),
                                          bytes_of(record.server_key), record.iterations});
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::RemoveUserScramCredentialRecord& record) const {
  image().scram_.erase({record.mechanism, record.name.str()});
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::DelegationTokenRecord& record) const {
  DelegationTokenImage token;
  token.owner = record.owner.str();
  token.requester = record.requester.str();
  for (const auto& renewer : record.renewers) token.renewers.push_back(renewer.str());
  token.issued_ms = record.issue_timestamp;
  token.max_ms = record.max_timestamp;
  token.expires_ms = record.expiration_timestamp;
  image().tokens_.set(record.token_id.str(), std::move(token));
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::RemoveDelegationTokenRecord& record) const {
  image().tokens_.erase(record.token_id.str());
  delta.security_changed_ = true;
  return {};
}

Result<void> RecordApplier::operator()(const messages::BeginTransactionRecord& record) const {
  return misplaced(record.message_name);
}
Result<void> RecordApplier::operator()(const messages::EndTransactionRecord& record) const {
  return misplaced(record.message_name);
}
Result<void> RecordApplier::operator()(const messages::AbortTransactionRecord& record) const {
  return misplaced(record.message_name);
}

}  // namespace highwater::metadata
