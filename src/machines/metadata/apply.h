// Inside this room: what each record does to the image. One function per record type; the variant of records.h decides
// which one runs, so a new type that is not handled here does not compile.
#pragma once

#include "machines/metadata/delta.h"
#include "machines/metadata/records.h"

namespace highwater::metadata {

struct RecordApplier {
  using Outcome = Result<void>;

  MetadataDelta& delta;

  MetadataImage& image() const { return delta.next_; }

  // apply_topics.cc
  Outcome operator()(const messages::TopicRecord& record) const;
  Outcome operator()(const messages::PartitionRecord& record) const;
  Outcome operator()(const messages::PartitionChangeRecord& record) const;
  Outcome operator()(const messages::RemoveTopicRecord& record) const;
  Outcome operator()(const messages::ClearElrRecord& record) const;

  // apply_cluster.cc
  Outcome operator()(const messages::RegisterBrokerRecord& record) const;
  Outcome operator()(const messages::UnregisterBrokerRecord& record) const;
  Outcome operator()(const messages::FenceBrokerRecord& record) const;
  Outcome operator()(const messages::UnfenceBrokerRecord& record) const;
  Outcome operator()(const messages::BrokerRegistrationChangeRecord& record) const;
  Outcome operator()(const messages::RegisterControllerRecord& record) const;
  Outcome operator()(const messages::FeatureLevelRecord& record) const;
  Outcome operator()(const messages::ProducerIdsRecord& record) const;
  Outcome operator()(const messages::ZkMigrationStateRecord& record) const;
  Outcome operator()(const messages::NoOpRecord& record) const;

  // apply_settings.cc
  Outcome operator()(const messages::ConfigRecord& record) const;
  Outcome operator()(const messages::ClientQuotaRecord& record) const;
  Outcome operator()(const messages::AccessControlEntryRecord& record) const;
  Outcome operator()(const messages::RemoveAccessControlEntryRecord& record) const;
  Outcome operator()(const messages::UserScramCredentialRecord& record) const;
  Outcome operator()(const messages::RemoveUserScramCredentialRecord& record) const;
  Outcome operator()(const messages::DelegationTokenRecord& record) const;
  Outcome operator()(const messages::RemoveDelegationTokenRecord& record) const;

  // loader.cc takes these before they come here.
  Outcome operator()(const messages::BeginTransactionRecord& record) const;
  Outcome operator()(const messages::EndTransactionRecord& record) const;
  Outcome operator()(const messages::AbortTransactionRecord& record) const;

 private:
  TopicChange& touch(const Uuid& id, std::string_view name) const;
  void clear_elr(const Uuid& id) const;
  Result<BrokerImage*> edit_broker(NodeId id, BrokerEpoch epoch) const;
};

}  // namespace highwater::metadata
