// Calls that change or describe topics, each tried once: the caller decides what an error means for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client/cluster.h"

namespace highwater::client {

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;  // -1: the broker's default
  std::int16_t replication_factor = -1;
  std::vector<std::pair<std::string, std::string>> configs;
};

// The outcome for one topic; the id is zero when the broker did not say it.
struct TopicOutcome {
  api::ErrorCode code = api::ErrorCode::none;
  Uuid id;
};

io::Task<ClientResult<TopicOutcome>> create_topic(Cluster& cluster, NewTopic topic, std::int32_t timeout_ms);
io::Task<ClientResult<TopicOutcome>> delete_topic(Cluster& cluster, std::string name, std::int32_t timeout_ms);

// The topic shall have `total` partitions.
io::Task<ClientResult<api::ErrorCode>> create_partitions(Cluster& cluster, std::string name, std::int32_t total);

// Everything of one partition below `offset` goes (KIP-107).
struct RecordsToDelete {
  std::string topic;
  std::int32_t partition = 0;
  Offset offset = 0;
};
struct DeletedRecords {
  api::ErrorCode code = api::ErrorCode::none;
  Offset log_start = no_offset;
};
io::Task<ClientResult<DeletedRecords>> delete_records(Cluster& cluster, RecordsToDelete records);

// What an answer to a change of the cluster's metadata says about it: written, certainly not, or nobody knows.
Certainty certainty_of_change(const ClientResult<api::ErrorCode>& answer);
Certainty certainty_of_change(const ClientResult<TopicOutcome>& answer);

}  // namespace highwater::client
