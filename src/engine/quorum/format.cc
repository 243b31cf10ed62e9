#include "engine/quorum/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/quorum/meta_properties.h"
#include "engine/quorum/snapshot_file.h"
#include "io/reactor.h"
#include "machines/metadata/features.h"

namespace highwater::engine {

namespace {

using Lines = std::vector<std::string>;

struct Plan {
  FormatOptions options;
  metadata::ChosenLevels levels;
  std::vector<std::string> fresh;  // directories to format
  raft::Voters voters;             // for the snapshot 0-0; empty: none is written
  metadata::Records bootstrap;     // of bootstrap.checkpoint
};

// metadata.version first, then the others that are on, by name; kraft.version is no metadata record.
metadata::Records bootstrap_records(const metadata::ChosenLevels& chosen) {
  metadata::Records records;
  const auto add = [&](std::string_view name, std::int16_t level) {
    messages::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    records.push_back({std::move(record), 0});
  };
  add(metadata::metadata_version_feature, chosen.release.level);
  for (const auto& [name, level] : chosen.levels) {
    const bool apart = name == metadata::metadata_version_feature || name == metadata::kraft_version_feature;
    if (!apart && level > 0) add(name, level);
  }
  return records;
}

// As Java prints them: numbers with a sign.
std::string text_of(const wire::Blob& blob) {
  std::string list;
  for (const std::uint8_t byte : blob.view()) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ", static_cast<std::int8_t>(byte));
  }
  return fmt::format("[{}]", list);
}

std::string text_of(const metadata::MetadataRecord& record) {
  if (const auto* credential = std::get_if<messages::UserScramCredentialRecord>(&record.value)) {
    return fmt::format(
        "UserScramCredentialRecord(name='{}', mechanism={}, salt={}, storedKey={}, serverKey={}, iterations={})",
        credential->name.view(), credential->mechanism, text_of(credential->salt), text_of(credential->stored_key),
        text_of(credential->server_key), credential->iterations);
  }
  const auto& feature = std::get<messages::FeatureLevelRecord>(record.value);
  return fmt::format("FeatureLevelRecord(name='{}', featureLevel={})", feature.name.view(), feature.feature_level);
}

std::string bootstrap_line(const metadata::Records& records, std::int16_t release) {
  std::string list;
  for (const auto& record : records) {
    list += fmt::format("{}ApiMessageAndVersion({} at version {})", list.empty() ? "" : ", ", text_of(record),
                        record.version);
  }
  return fmt::format(
      "Bootstrap metadata: BootstrapMetadata(records=[{}], metadataVersionLevel={}, source=format command)", list,
      release);
}

bool votes(const raft::Voters& voters, NodeId node) {
  return std::ranges::any_of(voters, [&](const raft::Voter& voter) { return voter.key.id == node; });
}

std::string kind_of(const Plan& plan, const std::string& directory) {
  if (directory != plan.options.metadata_directory) return "data directory";
  if (plan.voters.empty()) return "metadata directory";
  return votes(plan.voters, plan.options.node_id) ? "dynamic metadata voter directory" : "dynamic metadata directory";
}

Result<void> check_options(const FormatOptions& options) {
  if (options.node_id < 0) return failure("You must specify a valid non-negative node ID.");
  if (options.cluster_id.empty()) return failure("You must specify the cluster id.");
  if (options.directories.empty()) return failure("You must specify at least one directory to format");
  const bool listed = std::ranges::find(options.directories, options.metadata_directory) != options.directories.end();
  if (!options.metadata_directory.empty() && !listed) {
    return failure(fmt::format("The specified metadata log directory, {} was not one of the given directories: [{}]",
                               options.metadata_directory, fmt::join(options.directories, ", ")));
  }
  return {};
}

// What is there already must belong to the same cluster and node.
Result<Lines> choose_fresh(Plan& plan, const std::vector<LogDirectory>& directories) {
  Lines lines;
  bool any_formatted = false;
  for (const LogDirectory& directory : directories) {
    switch (directory.state) {
      case DirectoryState::empty:
        plan.fresh.push_back(directory.path);
        continue;
      case DirectoryState::unreadable:
        return failure(directory.problem);
      case DirectoryState::formatted:
        break;
    }
    any_formatted = true;
    const auto& found = directory.properties;
    if (found.cluster_id.has_value() && *found.cluster_id != plan.options.cluster_id) {
      return failure(fmt::format("Invalid cluster.id in: {}/meta.properties. Expected {}, but read {}", directory.path,
                                 plan.options.cluster_id, *found.cluster_id));
    }
    if (found.node_id.has_value() && *found.node_id != plan.options.node_id) {
      return failure(
          fmt::format("Stored node id {} doesn't match previous node id {} in {}/meta.properties. If you "
                      "moved your data, make sure your configured node id matches. If you intend to create "
                      "a new node, you should remove all data in your data directories.",
                      *found.node_id, plan.options.node_id, directory.path));
    }
    if (plan.options.already_formatted == AlreadyFormatted::refuse) {
      return failure(
          fmt::format("Log directory {} is already formatted. Use --ignore-formatted to ignore this "
                      "directory and format the others.",
                      directory.path));
    }
  }
  if (plan.fresh.empty() && any_formatted) lines.push_back("All of the log directories are already formatted.");
  return lines;
}

// New folders are only there after a power cut when the folders above them know them.
io::Task<void> sync_ancestors(io::FileSystem& files, std::string path) {
  while (true) {
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos || path.size() <= 1) break;
    path = slash == 0 ? "/" : path.substr(0, slash);
    // A folder above that may not be opened existed before us.
    auto synced = co_await files.sync_directory(path);
    if (!synced.has_value()) break;
  }
}

Failure cannot_write(const std::string& path, io::IoError error) {
  return Failure{fmt::format("{} cannot be written ({}); check the path, its permissions and the disk", path,
                             io::io_error_text(error))};
}

io::Task<Result<void>> write_voters(io::Reactor& reactor, const Plan& plan, std::string directory) {
  io::FileSystem& files = reactor.files();
  const std::string folder = directory + "/__cluster_metadata-0";
  auto made = co_await files.make_directories(folder);
  if (!made.has_value()) co_return std::unexpected(cannot_write(folder, made.error()));
  SnapshotContent content;
  content.last_contained_ms = reactor.wall_now().ms;
  content.voters = {plan.levels.levels.at(std::string(metadata::kraft_version_feature)), plan.voters};
  const std::string file = fmt::format("{}/{}", folder, snapshot_file_name(bootstrap_snapshot));
  auto written = co_await files.replace_file(file, print_snapshot(bootstrap_snapshot, content, reactor.wall_now().ms));
  if (!written.has_value()) co_return std::unexpected(cannot_write(file, written.error()));
  co_return Result<void>{};
}

// A voter's metadata directory has the id that the voters' snapshot gives it.
Uuid directory_id_of(io::Reactor& reactor, const Plan& plan, const std::string& directory) {
  if (directory == plan.options.metadata_directory) {
    for (const raft::Voter& voter : plan.voters) {
      if (voter.key.id == plan.options.node_id) return voter.key.directory;
    }
  }
  return new_directory_id(reactor.random());
}

raft::Voters first_voters(io::Reactor& reactor, const FormatOptions& options) {
  if (!options.standalone_voter.has_value()) return options.initial_voters;
  const VoterEndpoint& endpoint = *options.standalone_voter;
  raft::Voter voter;
  voter.key = {options.node_id, new_directory_id(reactor.random())};
  voter.endpoints = {{endpoint.listener, endpoint.host, endpoint.port}};
  return {voter};
}

io::Task<Result<void>> format_one(io::Reactor& reactor, const Plan& plan, std::string directory) {
  io::FileSystem& files = reactor.files();
  auto made = co_await files.make_directories(directory);
  if (!made.has_value()) co_return std::unexpected(cannot_write(directory, made.error()));
  SnapshotContent bootstrap;
  bootstrap.records = plan.bootstrap;
  std::string file = directory + "/bootstrap.checkpoint";
  auto written =
      co_await files.replace_file(file, print_snapshot(bootstrap_snapshot, bootstrap, reactor.wall_now().ms));
  if (!written.has_value()) co_return std::unexpected(cannot_write(file, written.error()));
  if (!plan.voters.empty() && directory == plan.options.metadata_directory) {
    auto voters = co_await write_voters(reactor, plan, directory);
    if (!voters.has_value()) co_return voters;
  }
  co_await sync_ancestors(files, directory + "/.");
  // Last: this file is what makes the directory a formatted one.
  MetaProperties properties;
  properties.cluster_id = plan.options.cluster_id;
  properties.node_id = plan.options.node_id;
  properties.directory_id = directory_id_of(reactor, plan, directory);
  file = directory + "/meta.properties";
  written = co_await files.replace_file(file, Slice::copy_of(as_bytes(print_meta_properties(properties))));
  if (!written.has_value()) co_return std::unexpected(cannot_write(file, written.error()));
  co_return Result<void>{};
}

}  // namespace

io::Task<Result<std::vector<std::string>>> format_directories(io::Reactor& reactor, FormatOptions options) {
  auto valid = check_options(options);
  if (!valid.has_value()) co_return std::unexpected(valid.error());
  metadata::LevelRequest request;
  request.release = options.release_version;
  request.levels = options.feature_levels;
  request.dynamic_quorum =
      options.dynamic_quorum || options.standalone_voter.has_value() || !options.initial_voters.empty();
  auto levels = metadata::choose_levels(request);
  if (!levels.has_value()) co_return std::unexpected(levels.error());

  if (!options.credentials.empty() && !metadata::has_scram(levels->release.level)) {
    co_return failure("SCRAM is only supported in metadata.version 3.5-IV2 or later.");
  }
  metadata::Records bootstrap = bootstrap_records(*levels);
  std::ranges::copy(options.credentials, std::back_inserter(bootstrap));
  raft::Voters voters = first_voters(reactor, options);
  Plan plan{std::move(options), std::move(*levels), {}, std::move(voters), std::move(bootstrap)};
  auto directories = co_await read_log_directories(reactor.files(), plan.options.directories);
  auto lines = choose_fresh(plan, directories);
  if (!lines.has_value() || plan.fresh.empty()) co_return lines;
  lines->push_back(bootstrap_line(plan.bootstrap, plan.levels.release.level));
  for (const std::string& directory : plan.fresh) {
    lines->push_back(fmt::format("Formatting {} {} with metadata.version {}.", kind_of(plan, directory), directory,
                                 plan.levels.release.text()));
    auto formatted = co_await format_one(reactor, plan, directory);
    if (!formatted.has_value()) co_return std::unexpected(formatted.error());
  }
  co_return lines;
}

}  // namespace highwater::engine
