#include "engine/storage/file_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace highwater::engine {

namespace {

constexpr std::size_t offset_digits = 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view future_suffix = "-future";

std::string_view retired_suffix(Retired as) {
  switch (as) {
    case Retired::deleted:
      return "-delete";
    case Retired::stray:
      return "-stray";
  }
  return "";
}

}  // namespace

std::string offset_file_name(Offset offset, std::string_view suffix) { return fmt::format("{:020}{}", offset, suffix); }

std::optional<OffsetFileName> parse_offset_file_name(std::string_view name) {
  if (name.size() <= offset_digits || name[offset_digits] != '.') return std::nullopt;
  const std::string_view digits = name.substr(0, offset_digits);
  if (!std::ranges::all_of(digits, is_digit)) return std::nullopt;
  OffsetFileName parsed;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.offset);
  if (end.ec != std::errc{}) return std::nullopt;  // twenty digits may exceed an offset
  parsed.suffix = name.substr(offset_digits);
  return parsed;
}

std::string join_path(std::string_view directory, std::string_view name) {
  std::string path;
  path.reserve(directory.size() + 1 + name.size());
  path.append(directory).append("/").append(name);
  return path;
}

std::optional<PartitionDirectoryName> parse_partition_directory(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = name.substr(dash + 1);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  PartitionDirectoryName parsed;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.index);
  if (end.ec != std::errc{}) return std::nullopt;
  parsed.topic = name.substr(0, dash);
  return parsed;
}

std::string partition_directory_name(std::string_view topic, std::int32_t index) {
  return fmt::format("{}-{}", topic, index);
}

std::string retired_directory_name(std::string_view topic, std::int32_t index, const Uuid& unique, Retired as) {
  std::string tail = fmt::format("-{}.", index);
  for (const std::uint8_t byte : unique.bytes) tail += fmt::format("{:02x}", byte);
  tail += retired_suffix(as);
  return std::string(topic.substr(0, directory_name_max - std::min(directory_name_max, tail.size()))) + tail;
}

std::string future_directory_name(std::string_view topic, std::int32_t index, const Uuid& unique) {
  std::string name = fmt::format("{}-{}.", topic, index);
  for (const std::uint8_t byte : unique.bytes) name += fmt::format("{:02x}", byte);
  return name + std::string(future_suffix);
}

bool is_future_directory(std::string_view name) { return name.ends_with(future_suffix); }

std::optional<std::string_view> set_aside_name(std::string_view name) {
  for (const std::string_view end : {retired_suffix(Retired::deleted), retired_suffix(Retired::stray), future_suffix})
    if (name.ends_with(end)) return name.substr(0, name.rfind('.'));
  return std::nullopt;
}

bool is_deleted_directory(std::string_view name) { return name.ends_with(retired_suffix(Retired::deleted)); }

}  // namespace highwater::engine
