#include "engine/quorum/quorum_state_file.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace highwater::engine {

namespace {

using Json = nlohmann::ordered_json;

template <class Number>
std::optional<Number> number_at(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<Number>();
}

}  // namespace

std::string print_quorum_state(const raft::ElectionState& state, std::int16_t kraft_version,
                               const std::vector<NodeId>& voters) {
  Json json;
  const NodeId voted = state.voted.has_value() ? state.voted->id : no_node;
  if (kraft_version > 0) {
    const Uuid directory = state.voted.has_value() ? state.voted->directory : Uuid{};
    json["leaderId"] = state.leader;
    json["leaderEpoch"] = state.epoch;
    json["votedId"] = voted;
    json["votedDirectoryId"] = directory.to_text();
    json["data_version"] = 1;
    return json.dump();
  }
  json["clusterId"] = "";
  json["leaderId"] = state.leader;
  json["leaderEpoch"] = state.epoch;
  json["votedId"] = voted;
  json["appliedOffset"] = 0;
  json["currentVoters"] = Json::array();
  for (const NodeId id : voters) json["currentVoters"].push_back(Json{{"voterId", id}});
  json["data_version"] = 0;
  return json.dump();
}

Result<raft::ElectionState> parse_quorum_state(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return failure("it is not JSON");
  const auto version = number_at<std::int64_t>(json, "data_version");
  if (version != 0 && version != 1) return failure("its data_version is neither 0 nor 1");
  const auto leader = number_at<NodeId>(json, "leaderId");
  const auto epoch = number_at<Epoch>(json, "leaderEpoch");
  const auto voted = number_at<NodeId>(json, "votedId");
  if (!leader.has_value() || !epoch.has_value() || !voted.has_value() || *epoch < 0) {
    return failure("leaderId, leaderEpoch or votedId is missing");
  }
  raft::ElectionState state{*epoch, *leader, std::nullopt};
  if (*voted < 0) return state;
  raft::ReplicaKey key{*voted, {}};
  const auto directory = json.find("votedDirectoryId");
  if (directory != json.end() && directory->is_string()) {
    const auto id = Uuid::from_text(directory->get<std::string>());
    if (!id.has_value()) return failure("votedDirectoryId is no id");
    key.directory = *id;
  }
  state.voted = key;
  return state;
}

}  // namespace highwater::engine
