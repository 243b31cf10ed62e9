// Text to typed values, as Kafka's ConfigDef.parseType reads them: outer white space is dropped, booleans in any case,
// lists split at commas. ConfigReader answers from what was set and else from the table's default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

std::string_view trim(std::string_view text);
std::optional<bool> parse_boolean(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
std::optional<double> parse_double(std::string_view text);
std::vector<std::string> parse_list(std::string_view text);

// A value that check_value has passed as Kafka shows it: "+7" as 7, "TRUE" as true, "a, b,a" as "a,b".
std::string canonical_text(const ConfigKey& key, std::string_view text);

// Reads values that check_value has passed; a key that the table does not know, or one without a value where a value is
// asked for, is a bug of the caller. `set` must outlive the reader.
class ConfigReader {
 public:
  ConfigReader(Scope scope, const ConfigMap& set) : scope_(scope), set_(&set) {}

  bool is_set(std::string_view name) const { return set_->contains(name); }
  std::optional<std::string_view> find(std::string_view name) const;  // set, or default, or nothing
  std::string text(std::string_view name) const;                      // "" when there is nothing
  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::int32_t int32(std::string_view name) const { return static_cast<std::int32_t>(integer(name)); }
  std::vector<std::string> list(std::string_view name) const;

 private:
  Scope scope_;
  const ConfigMap* set_;
};

}  // namespace highwater::configs
