#include "engine/storage/checkpoint_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "foundation/base/whole_number.h"

namespace highwater::engine {

namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string offset_checkpoint_text(const OffsetsByName& offsets) {
  std::string text = fmt::format("0\n{}\n", offsets.size());
  for (const auto& [partition, offset] : offsets)
    text += fmt::format("{} {} {}\n", partition.first, partition.second, offset);
  return text;
}

Result<OffsetsByName> parse_offset_checkpoint(std::string_view text) {
  const auto version = whole_number<std::int32_t>(take_line(text));
  if (version != 0) return failure("its first line is not the version 0");
  const auto count = whole_number<std::int64_t>(take_line(text));
  if (!count.has_value() || *count < 0) return failure("its second line is not a number of entries");
  OffsetsByName offsets;
  std::int64_t lines = 0;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t last = line.rfind(' ');
    const std::size_t middle =
        last == std::string_view::npos || last == 0 ? std::string_view::npos : line.rfind(' ', last - 1);
    if (middle == std::string_view::npos || middle == 0) return failure(fmt::format("malformed line '{}'", line));
    const auto index = whole_number<std::int32_t>(line.substr(middle + 1, last - middle - 1));
    const auto offset = whole_number<Offset>(line.substr(last + 1));
    if (!index.has_value() || !offset.has_value()) return failure(fmt::format("malformed line '{}'", line));
    offsets[{std::string(line.substr(0, middle)), *index}] = *offset;
    ++lines;
  }
  if (lines != *count) return failure(fmt::format("it announces {} entries and holds {}", *count, lines));
  return offsets;
}

std::string partition_metadata_text(const Uuid& topic_id) {
  return fmt::format("version: 0\ntopic_id: {}", topic_id.to_text());
}

Result<Uuid> parse_partition_metadata(std::string_view text) {
  std::optional<Uuid> id;
  bool version_seen = false;
  while (!text.empty()) {
    const std::string_view line = trim(take_line(text));
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return failure(fmt::format("malformed line '{}'", line));
    const std::string_view key = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (key == "version") {
      // Newer ones keep these two keys, as Kafka reads them.
      if (!whole_number<std::uint32_t>(value).has_value()) return failure(fmt::format("'{}' is no version", value));
      version_seen = true;
    } else if (key == "topic_id") {
      id = Uuid::from_text(value);
      if (!id.has_value() || id->is_zero()) return failure(fmt::format("'{}' is no topic id", value));
    }
  }
  if (!version_seen || !id.has_value()) return failure("version or topic_id is missing");
  return *id;
}

std::string clean_shutdown_text(BrokerEpoch epoch) {
  return fmt::format("{{\"version\":0,\"brokerEpoch\":{}}}", epoch);
}

std::optional<BrokerEpoch> parse_clean_shutdown(std::string_view text) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto epoch = json.find("brokerEpoch");
  if (epoch == json.end() || !epoch->is_number_integer()) return std::nullopt;
  return epoch->get<BrokerEpoch>();
}

}  // namespace highwater::engine
