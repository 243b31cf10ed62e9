// Numbers that only grow (a topic's partitions, a log's start, a leader epoch): between what was certain when a reading
// began and the most that anybody had asked for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace highwater::sim {

class Rising {
 public:
  void asked(const std::string& key, std::int64_t value);
  void certain(const std::string& key, std::int64_t value);
  // To be taken when a reading begins.
  std::int64_t floor(const std::string& key) const;
  std::int64_t ceiling(const std::string& key) const;
  // What a reading found is certain from now on; a sentence when it went back, or further than was asked.
  std::optional<std::string> read(const std::string& key, std::int64_t value, std::int64_t floor_then);
  // The same for numbers that nobody asks for: there is no ceiling.
  std::optional<std::string> watch(const std::string& key, std::int64_t value, std::int64_t floor_then);

 private:
  struct Bounds {
    std::int64_t floor = 0;
    std::int64_t ceiling = 0;
  };
  std::map<std::string, Bounds> bounds_;
};

}  // namespace highwater::sim
