#include "node/format/voter_arguments.h"

#include <fmt/core.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "machines/configs/values.h"

namespace highwater::node {
namespace {

// The text up to `end`, which is taken away together with it.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

std::optional<std::int32_t> parse_int(std::string_view text) {
  const auto value = configs::parse_integer(text);
  if (!value || *value < INT32_MIN || *value > INT32_MAX || configs::trim(text) != text) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

Result<NodeId> take_id(std::string_view& text) {
  const auto id = take_until(text, '@');
  if (!id) return failure("No @ found in dynamic voter string.");
  if (id->empty()) return failure("Invalid @ at beginning of dynamic voter string.");
  const auto number = parse_int(*id);
  if (!number) return failure("Failed to parse node id in dynamic voter string.");
  if (*number < 0) return failure(fmt::format("Invalid negative node id {} in dynamic voter string.", *number));
  return *number;
}

// "host:" or "[host]:".
Result<std::string> take_host(std::string_view& text) {
  if (text.empty()) return failure("No hostname found after node id.");
  if (!text.starts_with('[')) {
    const auto host = take_until(text, ':');
    if (!host) return failure("No colon following hostname could be found.");
    return std::string(*host);
  }
  text.remove_prefix(1);
  const auto host = take_until(text, ']');
  if (!host) return failure("Hostname began with left bracket, but no right bracket was found.");
  if (!text.starts_with(':')) return failure("Port section must start with a colon.");
  text.remove_prefix(1);
  return std::string(*host);
}

Result<std::uint16_t> take_port(std::string_view& text) {
  const auto port = take_until(text, ':');
  if (!port) return failure("No colon following port could be found.");
  const auto number = parse_int(*port);
  if (!number) return failure("Failed to parse port in dynamic voter string.");
  if (*number < 0 || *number > UINT16_MAX)
    return failure(fmt::format("Invalid port {} in dynamic voter string.", *number));
  return static_cast<std::uint16_t>(*number);
}

Result<raft::Voter> parse_voter(std::string_view text, std::string_view listener) {
  text = configs::trim(text);
  const auto id = take_id(text);
  if (!id) return std::unexpected(id.error());
  auto host = take_host(text);
  if (!host) return std::unexpected(host.error());
  const auto port = take_port(text);
  if (!port) return std::unexpected(port.error());
  const auto directory = Uuid::from_text(text);
  if (!directory) return failure("Failed to parse directory ID in dynamic voter string.");
  raft::Voter voter;
  voter.key = {*id, *directory};
  voter.endpoints = {{std::string(listener), std::move(*host), *port}};
  return voter;
}

}  // namespace

Result<raft::Voters> parse_initial_controllers(std::string_view text, std::string_view listener) {
  text = configs::trim(text);
  std::map<NodeId, raft::Voter> by_id;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    if (one.empty()) continue;
    auto voter = parse_voter(one, listener);
    if (!voter) return std::unexpected(voter.error());
    const NodeId id = voter->key.id;
    if (!by_id.emplace(id, std::move(*voter)).second)
      return failure(fmt::format("Node id {} was specified more than once.", id));
  }
  if (by_id.empty()) return failure("No voters given.");
  raft::Voters voters;
  for (auto& [id, voter] : by_id) voters.push_back(std::move(voter));
  return voters;
}

}  // namespace highwater::node
