// What the version of a request means, where a handler must know it. Handlers ask these and never compare numbers.
#pragma once

#include <cstdint>

#include "protocol/api/api_key.h"

namespace highwater::api {

// Headers. A request header is version 2 for flexible versions, else 1; a response header 1 or 0. ApiVersions always
// answers with response header 0, because the client cannot know yet what the server speaks (KIP-511).
std::int16_t request_header_version(ApiKey key, std::int16_t version);
std::int16_t response_header_version(ApiKey key, std::int16_t version);

// The lowest version that ApiVersions tells of. For Produce it is 0 although only 3 and above are spoken: older
// librdkafka would else switch compression off (KAFKA-18659).
std::int16_t advertised_lowest(ApiKey key);

// KIP-516: topics by id instead of by name.
constexpr bool produce_uses_topic_ids(std::int16_t version) { return version >= 13; }
constexpr bool fetch_uses_topic_ids(std::int16_t version) { return version >= 13; }
// Versions 10 and 11 have the field, but a request by id is INVALID_REQUEST in them.
constexpr bool metadata_accepts_topic_ids(std::int16_t version) { return version >= 12; }
constexpr bool delete_topics_uses_topic_states(std::int16_t version) { return version >= 6; }
// KIP-322: TOPIC_DELETION_DISABLED; before it INVALID_REQUEST said so.
constexpr bool delete_topics_knows_disabled(std::int16_t version) { return version >= 3; }
// KIP-1022: later versions answer for the request as a whole.
constexpr bool update_features_answers_each(std::int16_t version) { return version <= 1; }

// KIP-1142: every type of resource is listed, not the subscriptions of client metrics alone.
constexpr bool list_config_resources_has_types(std::int16_t version) { return version >= 1; }

// KIP-951: the answer may name the new leader and its endpoint.
constexpr bool produce_carries_leader_hint(std::int16_t version) { return version >= 10; }
constexpr bool fetch_carries_leader_hint(std::int16_t version) { return version >= 16; }
// KIP-110: older clients cannot read zstd.
constexpr bool produce_allows_zstd(std::int16_t version) { return version >= 7; }

// KIP-227: incremental fetch sessions; the answer has an error of its own.
constexpr bool fetch_has_sessions(std::int16_t version) { return version >= 7; }
// KIP-903: the replica tells its broker epoch in a struct of its own.
constexpr bool fetch_has_replica_state(std::int16_t version) { return version >= 15; }
// Older clients take KAFKA_STORAGE_ERROR for fatal.
constexpr bool fetch_knows_storage_error(std::int16_t version) { return version >= 6; }

// Metadata version 0 asks for all topics by an empty list, later ones by null.
constexpr bool metadata_empty_list_means_all(std::int16_t version) { return version == 0; }
// Before version 4 a client could not forbid the creation of topics.
constexpr bool metadata_always_creates_topics(std::int16_t version) { return version < 4; }
// Version 0 leaves dead replicas out and reports an error when one is missing; later versions list all of them.
constexpr bool metadata_hides_dead_replicas(std::int16_t version) { return version == 0; }
constexpr bool metadata_knows_listener_not_found(std::int16_t version) { return version >= 6; }
// KIP-430, moved to DescribeCluster by KIP-700.
constexpr bool metadata_has_cluster_operations(std::int16_t version) { return version >= 8 && version <= 10; }
constexpr bool metadata_has_topic_operations(std::int16_t version) { return version >= 8; }

// KIP-734, 405, 1005, 1023: special timestamps and the versions that may ask for them.
constexpr bool list_offsets_knows_max_timestamp(std::int16_t version) { return version >= 7; }
constexpr bool list_offsets_knows_local_log(std::int16_t version) { return version >= 8; }
constexpr bool list_offsets_knows_tiered(std::int16_t version) { return version >= 9; }
constexpr bool list_offsets_knows_pending_upload(std::int16_t version) { return version >= 11; }
// KIP-207; older clients get LEADER_NOT_AVAILABLE.
constexpr bool list_offsets_knows_not_available(std::int16_t version) { return version >= 5; }
constexpr bool list_offsets_has_leader_epoch(std::int16_t version) { return version >= 4; }

// KIP-919; older clients do not know the codes for a wrong one either.
constexpr bool describe_cluster_knows_endpoint_types(std::int16_t version) { return version >= 1; }

// ApiVersions up to version 3 must not list supported features whose minimum is 0 (KAFKA-17492).
constexpr bool api_versions_lists_zero_minimum(std::int16_t version) { return version >= 4; }
// KIP-511: the client tells its software's name and version, which must look like one.
constexpr bool api_versions_names_software(std::int16_t version) { return version >= 3; }

}  // namespace highwater::api
