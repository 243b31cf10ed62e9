#include "engine/quorum/meta_properties.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "foundation/base/whole_number.h"
#include "io/reactor.h"

namespace highwater::engine {

namespace {

constexpr std::size_t file_bytes_max = 64 << 10;
constexpr std::string_view file_name = "meta.properties";

const char* node_key(const MetaProperties& properties) {
  const bool from_zookeeper = !properties.version_is_current();
  return from_zookeeper ? "broker.id" : "node.id";
}

std::optional<std::string> take(Properties& entries, const char* key) {
  const auto found = entries.find(key);
  if (found == entries.end()) return std::nullopt;
  std::string value = std::move(found->second);
  entries.erase(found);
  return value;
}

io::Task<LogDirectory> read_one(io::FileSystem& files, std::string path) {
  LogDirectory directory;
  const std::string file = fmt::format("{}/{}", path, file_name);
  directory.path = std::move(path);
  auto content = co_await files.read_file(file, file_bytes_max);
  if (!content.has_value()) {
    if (content.error() == io::IoError::not_found) co_return directory;
    directory.state = DirectoryState::unreadable;
    directory.problem = fmt::format("{} cannot be read ({}); check its permissions and the disk", file,
                                    io::io_error_text(content.error()));
    co_return directory;
  }
  auto parsed = parse_meta_properties(as_text(content->view()));
  if (parsed.has_value()) {
    directory.state = DirectoryState::formatted;
    directory.properties = std::move(*parsed);
    auto log = co_await files.list(directory.path + "/__cluster_metadata-0");
    directory.holds_metadata_log = log.has_value();
  } else {
    directory.state = DirectoryState::unreadable;
    directory.problem = fmt::format(
        "{} is damaged: {}; restore the file, or remove this directory's data and format "
        "it anew",
        file, parsed.error().text);
  }
  co_return directory;
}

Result<void> refuse_zookeeper(const std::vector<LogDirectory>& directories) {
  const auto old = std::ranges::find_if(directories, [](const LogDirectory& directory) {
    return directory.state == DirectoryState::formatted && !directory.properties.version_is_current();
  });
  if (old == directories.end()) return {};
  if (std::ranges::any_of(directories, &LogDirectory::holds_metadata_log)) return {};
  return failure(
      fmt::format("{}/{} has version 0 and there is no __cluster_metadata-0: this is the directory of a broker in "
                  "ZooKeeper mode; migrate its cluster to KRaft with Apache Kafka 3.9 first",
                  old->path, file_name));
}

bool is_reserved(const Uuid& id) { return id < Uuid::from_halves(0, 100); }

}  // namespace

Result<MetaProperties> parse_meta_properties(std::string_view text) {
  auto parsed = parse_properties(text);
  if (!parsed.has_value()) return std::unexpected(parsed.error());
  Properties& entries = *parsed;
  if (entries.empty()) return failure("it is empty");
  MetaProperties properties;
  const std::string version = take(entries, "version").value_or("0");
  if (version != "0" && version != "1") return failure(fmt::format("it has version {}, not 0 or 1", version));
  properties.version = version == "1" ? 1 : 0;
  properties.cluster_id = take(entries, "cluster.id");
  const auto node = take(entries, node_key(properties));
  if (node.has_value()) {
    properties.node_id = whole_number<NodeId>(*node);
    if (!properties.node_id.has_value() || *properties.node_id < 0) return failure("its node id is no number");
  }
  const auto directory = take(entries, "directory.id");
  if (directory.has_value()) {
    properties.directory_id = Uuid::from_text(*directory);
    if (!properties.directory_id.has_value()) return failure("its directory.id is no id");
  }
  const bool complete = properties.version_is_current();
  if (complete && !properties.cluster_id.has_value()) return failure("cluster.id is missing");
  if (complete && !properties.node_id.has_value()) return failure("node.id is missing");
  if (!properties.cluster_id.has_value() && !properties.node_id.has_value() && !properties.directory_id.has_value()) {
    return failure("it names neither cluster, node nor directory");
  }
  properties.others = std::move(entries);
  return properties;
}

std::string print_meta_properties(const MetaProperties& properties) {
  std::string text;
  const auto add = [&](std::string_view key, std::string_view value) { text += property_line(key, value); };
  if (properties.cluster_id.has_value()) add("cluster.id", *properties.cluster_id);
  if (properties.directory_id.has_value()) add("directory.id", properties.directory_id->to_text());
  if (properties.node_id.has_value()) {
    add(node_key(properties), std::to_string(*properties.node_id));
  }
  add("version", std::to_string(properties.version));
  for (const auto& [key, value] : properties.others) add(key, value);
  return text;
}

Uuid new_directory_id(Random& random) {
  while (true) {
    const std::uint64_t high = (random.next() & ~0xF000ull) | 0x4000ull;
    const std::uint64_t low = (random.next() & ~(3ull << 62)) | (2ull << 62);
    const Uuid id = Uuid::from_halves(high, low);
    if (!id.to_text().starts_with('-')) return id;
  }
}

io::Task<Result<void>> give_directory_ids(io::Reactor& reactor, std::vector<LogDirectory>& directories) {
  for (LogDirectory& directory : directories) {
    if (directory.state != DirectoryState::formatted || directory.properties.directory_id.has_value()) continue;
    directory.properties.directory_id = new_directory_id(reactor.random());
    const std::string file = fmt::format("{}/{}", directory.path, file_name);
    const std::string text = print_meta_properties(directory.properties);
    auto written = co_await reactor.files().replace_file(file, Slice::copy_of(as_bytes(text)));
    if (written.has_value()) continue;
    co_return failure(fmt::format("{} cannot be written ({}); check its permissions and the disk", file,
                                  io::io_error_text(written.error())));
  }
  co_return Result<void>{};
}

io::Task<std::vector<LogDirectory>> read_log_directories(io::FileSystem& files, std::vector<std::string> paths) {
  std::vector<LogDirectory> directories;
  for (const std::string& path : paths) {
    auto directory = co_await read_one(files, path);
    directories.push_back(std::move(directory));
  }
  co_return directories;
}

Result<NodeIdentity> check_identity(const std::vector<LogDirectory>& directories, NodeId configured_node) {
  std::optional<std::string> cluster;
  std::string cluster_file;
  std::map<Uuid, std::string> owners;
  auto kraft = refuse_zookeeper(directories);
  if (!kraft.has_value()) return std::unexpected(kraft.error());
  for (const LogDirectory& directory : directories) {
    const std::string file = fmt::format("{}/{}", directory.path, file_name);
    if (directory.state == DirectoryState::unreadable) return failure(directory.problem);
    if (directory.state == DirectoryState::empty) {
      return failure(
          fmt::format("{} is missing: the directory is not formatted; run `highwater format -t CLUSTER_ID "
                      "-c CONFIG` first (with --ignore-formatted when only some directories are new)",
                      file));
    }
    const MetaProperties& properties = directory.properties;
    if (properties.node_id.has_value() && *properties.node_id != configured_node) {
      return failure(
          fmt::format("Stored node id {} doesn't match previous node id {} in {}. If you moved your data, "
                      "make sure your configured node id matches. If you intend to create a new node, you "
                      "should remove all data in your data directories.",
                      *properties.node_id, configured_node, file));
    }
    if (properties.cluster_id.has_value()) {
      if (!cluster.has_value()) {
        cluster = properties.cluster_id;
        cluster_file = file;
      } else if (*cluster != *properties.cluster_id) {
        return failure(
            fmt::format("Invalid cluster.id in: {}. Expected {} as in {}, but read {}; one of the "
                        "directories belongs to another cluster",
                        file, *cluster, cluster_file, *properties.cluster_id));
      }
    }
    if (!properties.directory_id.has_value()) continue;
    if (is_reserved(*properties.directory_id)) {
      return failure(fmt::format("{} has the reserved directory.id {}; remove that line, a new id will be made", file,
                                 properties.directory_id->to_text()));
    }
    const auto [owner, fresh] = owners.emplace(*properties.directory_id, file);
    if (!fresh) {
      return failure(
          fmt::format("{} has the same directory.id {} as {}: one is a copy of the other; remove the line "
                      "from the copy",
                      file, properties.directory_id->to_text(), owner->second));
    }
  }
  if (!cluster.has_value()) return failure("no meta.properties names a cluster.id; format the directories anew");
  return NodeIdentity{*cluster, configured_node};
}

}  // namespace highwater::engine
