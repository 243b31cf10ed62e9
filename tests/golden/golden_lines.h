// One line of golden/: a message of Apache Kafka in one version and variant, as bytes.
// Format and values: docs/formats/golden.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace highwater::golden {

enum class Variant : std::uint8_t { filled, empty, null };

struct Line {
  std::string name;  // Kafka's, as in "ProduceRequest"
  std::int16_t version = 0;
  Variant variant = Variant::empty;
  std::vector<std::uint8_t> bytes;
};

// All lines of all *.txt files of the folder, in order of file name. `malformed` counts lines that could not be read.
struct Lines {
  std::vector<Line> lines;
  int malformed = 0;
};
Lines read_golden_folder(const std::string& folder);

}  // namespace highwater::golden
