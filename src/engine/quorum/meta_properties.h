// `meta.properties`, the identity card in the root of every log directory: cluster id, node id, the directory's own id.
// Java properties text; version 1 (KRaft) is written, versions 0 and 1 are read, unknown keys are kept.
// Kafka: org.apache.kafka.metadata.properties.MetaProperties.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/ids.h"
#include "foundation/base/properties.h"
#include "foundation/base/random.h"
#include "foundation/base/result.h"
#include "foundation/base/uuid.h"
#include "io/file.h"
#include "io/task.h"

namespace highwater::io {
class Reactor;
}

namespace highwater::engine {

// A random id that stands for a directory: not reserved, and no tool takes its text for an option.
Uuid new_directory_id(Random& random);

struct MetaProperties {
  int version = 1;
  std::optional<std::string> cluster_id;
  std::optional<NodeId> node_id;
  std::optional<Uuid> directory_id;
  Properties others;

  // Version 0 is ZooKeeper's: broker.id instead of node.id, and anything may be missing.
  bool version_is_current() const { return version != 0; }
  bool operator==(const MetaProperties&) const = default;
};

Result<MetaProperties> parse_meta_properties(std::string_view text);
std::string print_meta_properties(const MetaProperties& properties);

enum class DirectoryState : std::uint8_t { formatted, empty, unreadable };

struct LogDirectory {
  std::string path;
  DirectoryState state = DirectoryState::empty;
  MetaProperties properties;  // of a formatted one
  bool holds_metadata_log = false;
  std::string problem;  // of an unreadable one: a sentence that names the file and the way out
};

// One entry per path, in the order given. Opens nothing but meta.properties and looks for the metadata log.
io::Task<std::vector<LogDirectory>> read_log_directories(io::FileSystem& files, std::vector<std::string> paths);

struct NodeIdentity {
  std::string cluster_id;
  NodeId node_id = no_node;
};

// Directories from before Kafka 3.7 have no directory.id: they get one, in the file and in `directories`.
io::Task<Result<void>> give_directory_ids(io::Reactor& reactor, std::vector<LogDirectory>& directories);

// What a start needs: every directory formatted, one cluster id, the configured node id, directory ids apart; and no
// broker of a ZooKeeper cluster: version 0 alone is well, Kafka's own migration leaves it beside a metadata log.
// The failure is one sentence that names the file and the way out; nothing is written.
Result<NodeIdentity> check_identity(const std::vector<LogDirectory>& directories, NodeId configured_node);

}  // namespace highwater::engine
