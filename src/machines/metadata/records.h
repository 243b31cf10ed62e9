// A record of the metadata log as a value, and its frame: unsigned varint 1 (frame version), api key, version, message.
// A frame that is not exactly that, of a type or version that Kafka 4.3 does not know, is refused: guessing would lose
// metadata. Decoded records borrow the bytes they were read from.
// Kafka: MetadataRecordSerde, AbstractApiMessageSerde, MetadataRecordType.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/result.h"
#include "protocol/messages/abort_transaction_record.h"
#include "protocol/messages/access_control_entry_record.h"
#include "protocol/messages/begin_transaction_record.h"
#include "protocol/messages/broker_registration_change_record.h"
#include "protocol/messages/clear_elr_record.h"
#include "protocol/messages/client_quota_record.h"
#include "protocol/messages/config_record.h"
#include "protocol/messages/delegation_token_record.h"
#include "protocol/messages/end_transaction_record.h"
#include "protocol/messages/feature_level_record.h"
#include "protocol/messages/fence_broker_record.h"
#include "protocol/messages/no_op_record.h"
#include "protocol/messages/partition_change_record.h"
#include "protocol/messages/partition_record.h"
#include "protocol/messages/producer_ids_record.h"
#include "protocol/messages/register_broker_record.h"
#include "protocol/messages/register_controller_record.h"
#include "protocol/messages/remove_access_control_entry_record.h"
#include "protocol/messages/remove_delegation_token_record.h"
#include "protocol/messages/remove_topic_record.h"
#include "protocol/messages/remove_user_scram_credential_record.h"
#include "protocol/messages/topic_record.h"
#include "protocol/messages/unfence_broker_record.h"
#include "protocol/messages/unregister_broker_record.h"
#include "protocol/messages/user_scram_credential_record.h"
#include "protocol/messages/zk_migration_state_record.h"

namespace highwater::metadata {

using RecordValue =
    std::variant<messages::RegisterBrokerRecord, messages::UnregisterBrokerRecord, messages::TopicRecord,
                 messages::PartitionRecord, messages::ConfigRecord, messages::PartitionChangeRecord,
                 messages::FenceBrokerRecord, messages::UnfenceBrokerRecord, messages::RemoveTopicRecord,
                 messages::DelegationTokenRecord, messages::UserScramCredentialRecord, messages::FeatureLevelRecord,
                 messages::ClientQuotaRecord, messages::ProducerIdsRecord, messages::BrokerRegistrationChangeRecord,
                 messages::AccessControlEntryRecord, messages::RemoveAccessControlEntryRecord, messages::NoOpRecord,
                 messages::ZkMigrationStateRecord, messages::RemoveUserScramCredentialRecord,
                 messages::BeginTransactionRecord, messages::EndTransactionRecord, messages::AbortTransactionRecord,
                 messages::RemoveDelegationTokenRecord, messages::RegisterControllerRecord, messages::ClearElrRecord>;

struct MetadataRecord {
  RecordValue value;
  std::int16_t version = 0;

  bool operator==(const MetadataRecord&) const = default;
};

using Records = std::vector<MetadataRecord>;

Result<MetadataRecord> decode_record(ByteView frame);
std::vector<std::uint8_t> encode_record(const MetadataRecord& record);
// Kafka's name of the type, as in "TopicRecord".
std::string_view record_name(const MetadataRecord& record);

}  // namespace highwater::metadata
