#include "tests/golden/golden_lines.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace highwater::golden {
namespace {

std::optional<Variant> variant_of(const std::string& word) {
  if (word == "filled") return Variant::filled;
  if (word == "empty") return Variant::empty;
  if (word == "null") return Variant::null;
  return std::nullopt;
}

bool read_hex(const std::string& hex, std::vector<std::uint8_t>& bytes) {
  if (hex == "-") return true;
  if (hex.size() % 2 != 0) return false;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    std::uint8_t byte = 0;
    const char* end = hex.data() + at + 2;
    if (std::from_chars(hex.data() + at, end, byte, 16).ptr != end) return false;
    bytes.push_back(byte);
  }
  return true;
}

std::optional<Line> parse(const std::string& text) {
  std::istringstream words(text);
  Line line;
  std::string variant;
  std::string hex;
  words >> line.name >> line.version >> variant >> hex;
  const auto known = variant_of(variant);
  if (words.fail() || !known || !read_hex(hex, line.bytes)) return std::nullopt;
  line.variant = *known;
  return line;
}

}  // namespace

Lines read_golden_folder(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  Lines all;
  for (const auto& file : files) {
    std::ifstream stream(file);
    std::string text;
    while (std::getline(stream, text)) {
      if (auto line = parse(text)) {
        all.lines.push_back(std::move(*line));
      } else {
        ++all.malformed;
      }
    }
  }
  return all;
}

}  // namespace highwater::golden
