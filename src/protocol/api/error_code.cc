#include "protocol/api/error_code.h"

#include <cstddef>
#include <iterator>

namespace highwater::api {
namespace {

struct Description {
  std::string_view name;
  std::string_view text;
};

// By code, from lowest_error_code on. Those that stand in answers are Kafka's own: tools print them.
constexpr Description descriptions[] = {
    {"UNKNOWN_SERVER_ERROR", "the server failed in a way it has no code for"},
    {"NONE", ""},
    {"OFFSET_OUT_OF_RANGE", "the offset is outside of what the log holds"},
    {"CORRUPT_MESSAGE", "a record fails its checksum or its rules"},
    {"UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."},
    {"INVALID_FETCH_SIZE", "the fetch size makes no sense"},
    {"LEADER_NOT_AVAILABLE", "the partition has no leader at the moment"},
    {"NOT_LEADER_OR_FOLLOWER",
     "For requests intended only for the leader, this error indicates that the broker is not the current leader. "
     "For requests intended for any replica, this error indicates that the broker is not a replica of the topic "
     "partition."},
    {"REQUEST_TIMED_OUT", "the time of the request ran out"},
    {"BROKER_NOT_AVAILABLE", "the broker is not there"},
    {"REPLICA_NOT_AVAILABLE", "the replica is not available"},
    {"MESSAGE_TOO_LARGE", "a record batch is larger than the topic allows"},
    {"STALE_CONTROLLER_EPOCH", "another controller has taken over"},
    {"OFFSET_METADATA_TOO_LARGE", "the metadata text of a committed offset is too long"},
    {"NETWORK_EXCEPTION", "the connection closed before the answer came"},
    {"COORDINATOR_LOAD_IN_PROGRESS", "the coordinator still loads its state"},
    {"COORDINATOR_NOT_AVAILABLE", "the coordinator is not available"},
    {"NOT_COORDINATOR", "this broker is not the coordinator"},
    {"INVALID_TOPIC_EXCEPTION", "the topic name or the operation on this topic is not allowed"},
    {"RECORD_LIST_TOO_LARGE", "the record batches are larger than a segment"},
    {"NOT_ENOUGH_REPLICAS", "too few replicas are in sync to accept records"},
    {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", "the records were written, but too few replicas are in sync"},
    {"INVALID_REQUIRED_ACKS", "acks must be 0, 1 or -1"},
    {"ILLEGAL_GENERATION", "the group is in another generation"},
    {"INCONSISTENT_GROUP_PROTOCOL", "the member shares no protocol with the group"},
    {"INVALID_GROUP_ID", "the group id is not allowed"},
    {"UNKNOWN_MEMBER_ID", "the group has no such member"},
    {"INVALID_SESSION_TIMEOUT", "the session timeout is outside of the broker's bounds"},
    {"REBALANCE_IN_PROGRESS", "the group is rebalancing, the member has to join again"},
    {"INVALID_COMMIT_OFFSET_SIZE", "the offsets to commit are too large"},
    {"TOPIC_AUTHORIZATION_FAILED", "Topic authorization failed."},
    {"GROUP_AUTHORIZATION_FAILED", "not allowed on this group"},
    {"CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed."},
    {"INVALID_TIMESTAMP", "a record's timestamp is outside of the allowed range"},
    {"UNSUPPORTED_SASL_MECHANISM", "the SASL mechanism is not enabled here"},
    {"ILLEGAL_SASL_STATE", "the request does not belong to this step of authentication"},
    {"UNSUPPORTED_VERSION", "the version of this API is not supported"},
    {"TOPIC_ALREADY_EXISTS", "a topic of this name exists"},
    {"INVALID_PARTITIONS", "the number of partitions is not allowed"},
    {"INVALID_REPLICATION_FACTOR", "the replication factor is below 1 or above the number of usable brokers"},
    {"INVALID_REPLICA_ASSIGNMENT", "the replica assignment is not allowed"},
    {"INVALID_CONFIG", "a configuration value is not allowed"},
    {"NOT_CONTROLLER", "this node is not the active controller"},
    {"INVALID_REQUEST",
     "This most likely occurs because of a request being malformed by the client library or the message was sent to an "
     "incompatible broker. See the broker logs for more details."},
    {"UNSUPPORTED_FOR_MESSAGE_FORMAT", "the stored record format cannot serve this request"},
    {"POLICY_VIOLATION", "a policy of the broker forbids it"},
    {"OUT_OF_ORDER_SEQUENCE_NUMBER", "a producer's batches leave a gap in their sequence"},
    {"DUPLICATE_SEQUENCE_NUMBER", "a producer's batch was written before"},
    {"INVALID_PRODUCER_EPOCH", "the producer's epoch is outdated"},
    {"INVALID_TXN_STATE", "the transaction is not in a state that allows it"},
    {"INVALID_PRODUCER_ID_MAPPING", "the producer id does not belong to this transactional id"},
    {"INVALID_TRANSACTION_TIMEOUT", "the transaction timeout is above the broker's maximum"},
    {"CONCURRENT_TRANSACTIONS", "another operation on this transaction is still under way"},
    {"TRANSACTION_COORDINATOR_FENCED", "a newer transaction coordinator has taken over"},
    {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "not allowed with this transactional id"},
    {"SECURITY_DISABLED", "no security is configured"},
    {"OPERATION_NOT_ATTEMPTED", "another operation of the request failed first, this one was not tried"},
    {"KAFKA_STORAGE_ERROR", "Disk error when trying to access log file on the disk."},
    {"LOG_DIR_NOT_FOUND", "the broker has no such log directory"},
    {"SASL_AUTHENTICATION_FAILED", "the credentials were refused"},
    {"UNKNOWN_PRODUCER_ID", "nothing is known of this producer id"},
    {"REASSIGNMENT_IN_PROGRESS", "the partition is being reassigned"},
    {"DELEGATION_TOKEN_AUTH_DISABLED", "delegation tokens are not enabled"},
    {"DELEGATION_TOKEN_NOT_FOUND", "no such delegation token"},
    {"DELEGATION_TOKEN_OWNER_MISMATCH", "the principal neither owns nor may renew this token"},
    {"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "token requests are not allowed on this kind of connection"},
    {"DELEGATION_TOKEN_AUTHORIZATION_FAILED", "not allowed on this delegation token"},
    {"DELEGATION_TOKEN_EXPIRED", "the delegation token has expired"},
    {"INVALID_PRINCIPAL_TYPE", "the principal type is not supported"},
    {"NON_EMPTY_GROUP", "the group still has members"},
    {"GROUP_ID_NOT_FOUND", "no such group"},
    {"FETCH_SESSION_ID_NOT_FOUND", "no such fetch session"},
    {"INVALID_FETCH_SESSION_EPOCH", "the fetch session is at another epoch"},
    {"LISTENER_NOT_FOUND", "the leader has no listener of the name on which the request came"},
    {"TOPIC_DELETION_DISABLED", "deleting topics is switched off"},
    {"FENCED_LEADER_EPOCH", "the request's leader epoch is older than the broker's"},
    {"UNKNOWN_LEADER_EPOCH", "the request's leader epoch is newer than the broker's"},
    {"UNSUPPORTED_COMPRESSION_TYPE", "the client's version cannot read the batch's compression"},
    {"STALE_BROKER_EPOCH", "the broker has registered anew since"},
    {"OFFSET_NOT_AVAILABLE", "the new leader does not know yet how far the log is committed"},
    {"MEMBER_ID_REQUIRED", "the member has to join again with the id it was given"},
    {"PREFERRED_LEADER_NOT_AVAILABLE", "the preferred leader is not available"},
    {"GROUP_MAX_SIZE_REACHED", "the group has as many members as it may"},
    {"FENCED_INSTANCE_ID", "another member took over this instance id"},
    {"ELIGIBLE_LEADERS_NOT_AVAILABLE", "no replica may become leader"},
    {"ELECTION_NOT_NEEDED", "the partition has the right leader already"},
    {"NO_REASSIGNMENT_IN_PROGRESS", "the partition is not being reassigned"},
    {"GROUP_SUBSCRIBED_TO_TOPIC", "the group is subscribed to the topic, its offsets stay"},
    {"INVALID_RECORD", "a record breaks a rule of the topic"},
    {"UNSTABLE_OFFSET_COMMIT", "an open transaction has offsets pending"},
    {"THROTTLING_QUOTA_EXCEEDED", "a quota is used up"},
    {"PRODUCER_FENCED", "a newer producer uses this transactional id"},
    {"RESOURCE_NOT_FOUND", "no such resource"},
    {"DUPLICATE_RESOURCE", "the request names a resource twice"},
    {"UNACCEPTABLE_CREDENTIAL", "the credential does not meet the requirements"},
    {"INCONSISTENT_VOTER_SET", "sender or receiver is not among the expected voters"},
    {"INVALID_UPDATE_VERSION", "the version of the update is not the expected one"},
    {"FEATURE_UPDATE_FAILED", "the features could not be changed"},
    {"PRINCIPAL_DESERIALIZATION_FAILURE", "the forwarded principal cannot be read"},
    {"SNAPSHOT_NOT_FOUND", "no such snapshot"},
    {"POSITION_OUT_OF_RANGE", "the position is outside of the snapshot"},
    {"UNKNOWN_TOPIC_ID", "no topic of this id on this broker"},
    {"DUPLICATE_BROKER_REGISTRATION", "a live broker has this id"},
    {"BROKER_ID_NOT_REGISTERED", "no broker of this id is registered"},
    {"INCONSISTENT_TOPIC_ID", "the log belongs to another topic id"},
    {"INCONSISTENT_CLUSTER_ID", "the request is meant for another cluster"},
    {"TRANSACTIONAL_ID_NOT_FOUND", "no such transactional id"},
    {"FETCH_SESSION_TOPIC_ID_ERROR", "the fetch session mixes topic ids and names"},
    {"INELIGIBLE_REPLICA", "a replica of the proposed in-sync set may not join it"},
    {"NEW_LEADER_ELECTED", "the change was made, and the partition has a new leader"},
    {"OFFSET_MOVED_TO_TIERED_STORAGE", "the offset is in remote storage only"},
    {"FENCED_MEMBER_EPOCH", "the coordinator fenced the member, it has to give up its partitions and join again"},
    {"UNRELEASED_INSTANCE_ID", "another member still holds this instance id"},
    {"UNSUPPORTED_ASSIGNOR", "the group does not support this assignor"},
    {"STALE_MEMBER_EPOCH", "the member has to learn its new epoch first"},
    {"MISMATCHED_ENDPOINT_TYPE", "the request came to the wrong kind of endpoint"},
    {"UNSUPPORTED_ENDPOINT_TYPE", "this kind of endpoint is not supported"},
    {"UNKNOWN_CONTROLLER_ID", "no controller of this id"},
    {"UNKNOWN_SUBSCRIPTION_ID", "the telemetry subscription is unknown or outdated"},
    {"TELEMETRY_TOO_LARGE", "the telemetry payload is larger than the broker accepts"},
    {"INVALID_REGISTRATION", "the controller refuses this registration"},
    {"TRANSACTION_ABORTABLE", "the transaction has to be aborted, the producer may go on afterwards"},
    {"INVALID_RECORD_STATE", "the record is not in a state that can be acknowledged"},
    {"SHARE_SESSION_NOT_FOUND", "no such share session"},
    {"INVALID_SHARE_SESSION_EPOCH", "the share session is at another epoch"},
    {"FENCED_STATE_EPOCH", "the share group's state is at another epoch"},
    {"INVALID_VOTER_KEY", "the voter key is not the receiver's"},
    {"DUPLICATE_VOTER", "the voter is in the set already"},
    {"VOTER_NOT_FOUND", "the voter is not in the set"},
    {"INVALID_REGULAR_EXPRESSION", "the regular expression cannot be read"},
    {"REBOOTSTRAP_REQUIRED", "the client's metadata is outdated, it has to start from its bootstrap servers"},
    {"STREAMS_INVALID_TOPOLOGY", "the streams topology is not allowed"},
    {"STREAMS_INVALID_TOPOLOGY_EPOCH", "the streams topology epoch is not allowed"},
    {"STREAMS_TOPOLOGY_FENCED", "the streams topology epoch is outdated"},
    {"SHARE_SESSION_LIMIT_REACHED", "the broker has as many share sessions as it may"},
};
static_assert(std::size(descriptions) == highest_error_code - lowest_error_code + 1);

const Description& describe(ErrorCode code) {
  return descriptions[static_cast<std::size_t>(wire_code(error_from_wire(wire_code(code))) - lowest_error_code)];
}

}  // namespace

ErrorCode error_from_wire(std::int16_t code) {
  if (code < lowest_error_code || code > highest_error_code) return ErrorCode::unknown_server_error;
  return static_cast<ErrorCode>(code);
}

std::string_view error_name(ErrorCode code) { return describe(code).name; }

std::string_view error_text(ErrorCode code) { return describe(code).text; }

}  // namespace highwater::api
