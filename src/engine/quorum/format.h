// Makes log directories ready for their first start, as Apache Kafka 4.3's `kafka-storage format` does: in each of them
// bootstrap.checkpoint and meta.properties, in the metadata directory of a dynamic quorum also the voters' snapshot
// 0-0. Everything is fsynced, files and directories, and meta.properties comes last: after a power cut a directory is
// either formatted or not. Kafka: org.apache.kafka.metadata.storage.Formatter.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/result.h"
#include "foundation/base/uuid.h"
#include "io/task.h"
#include "machines/metadata/records.h"
#include "machines/raft/voters.h"

namespace highwater::io {
class Reactor;
}

namespace highwater::engine {

enum class AlreadyFormatted : std::uint8_t { refuse, leave };  // leave: --ignore-formatted

struct VoterEndpoint {
  std::string listener;
  std::string host;
  std::uint16_t port = 0;
};

struct FormatOptions {
  std::string cluster_id;
  NodeId node_id = no_node;
  std::vector<std::string> directories;
  std::string metadata_directory;                      // one of `directories`, or empty
  std::optional<std::string> release_version;          // --release-version, as "4.3" or "4.3-IV0"
  std::map<std::string, std::int16_t> feature_levels;  // --feature
  // --standalone: this node is the first voter, reachable there. Absent: controller.quorum.voters names the voters.
  std::optional<VoterEndpoint> standalone_voter;
  // --initial-controllers, with the directory ids they are to have; empty with standalone_voter.
  raft::Voters initial_voters;
  bool dynamic_quorum = false;    // controller.quorum.voters is not set
  metadata::Records credentials;  // --add-scram
  AlreadyFormatted already_formatted = AlreadyFormatted::refuse;
};

// Lines for the operator, in Apache's words where tools read them. The failure is one sentence.
io::Task<Result<std::vector<std::string>>> format_directories(io::Reactor& reactor, FormatOptions options);

}  // namespace highwater::engine
