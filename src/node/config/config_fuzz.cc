// The configuration. Input: one byte of choice, then text of a server.properties file or of single values. What is
// read is UTF-8 and can be written and read again; whatever the values are, the settings are made or refused with a
// sentence, and never both.
#include <fmt/core.h>

#include <algorithm>

#include "foundation/base/check.h"
#include "foundation/base/properties.h"
#include "foundation/base/utf8.h"
#include "machines/configs/broker_settings.h"
#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"
#include "machines/configs/values.h"
#include "node/config/load.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using configs::ConfigMap;

std::string written(const ConfigMap& values) {
  std::string text;
  for (const auto& [key, value] : values) text += property_line(key, value);
  return text;
}

void check_properties(std::string_view text) {
  const auto values = parse_properties(text);
  if (!values) {
    HW_CHECK(!values.error().text.empty());
    return;
  }
  for (const auto& [key, value] : *values) HW_CHECK(is_utf8(key) && is_utf8(value));
  const auto again = parse_properties(written(*values));
  HW_CHECK(again && *again == *values);
  for (const std::string& warning : node::config_warnings(*values)) HW_CHECK(!warning.empty());
}

// On top of settings that are complete, so that the values are really looked at.
void check_settings(std::string_view text) {
  const auto values = parse_properties(text);
  if (!values) return;
  ConfigMap all = node::dev_preset("data", 9092);
  for (const auto& [key, value] : *values) all.insert_or_assign(key, value);
  const auto settings = configs::resolve_broker_settings(std::move(all));
  if (!settings) HW_CHECK(!settings.error().text.empty());
}

void check_topic(std::string_view text) {
  const auto values = parse_properties(text);
  if (!values) return;
  const auto defaults = configs::topic_defaults({});
  HW_CHECK(defaults.has_value());
  const bool valid = configs::validate_topic_configs(*defaults, *values).has_value();
  if (valid) HW_CHECK(configs::resolve_topic_settings(*defaults, *values).has_value());
}

// The first byte chooses the key, the rest is its value.
void check_one_value(configs::Scope scope, ByteView input) {
  const auto keys = configs::config_keys(scope);
  if (input.size() < 2) return;
  const std::size_t choice = input[0] | static_cast<std::size_t>(input[1]) << 8;
  const configs::ConfigKey& key = keys[choice % keys.size()];
  const std::string_view value = as_text(input.subspan(2));
  const auto checked = configs::check_value(key, value);
  if (!checked) HW_CHECK(!checked.error().text.empty());
  HW_CHECK(configs::find_config(scope, key.name) == &key);
  static_cast<void>(configs::nearest_config(scope, value.substr(0, 64)));
}

}  // namespace

void run(ByteView input) {
  if (input.empty()) return;
  const std::string_view text = as_text(input.subspan(1));
  switch (input[0] % 5) {
    case 0:
      return check_properties(text);
    case 1:
      return check_settings(text);
    case 2:
      return check_topic(text);
    case 3:
      return check_one_value(configs::Scope::broker, input.subspan(1));
    default:
      return check_one_value(configs::Scope::topic, input.subspan(1));
  }
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  const auto add = [&](std::uint8_t choice, std::string_view text) {
    Input input{choice};
    input.insert(input.end(), text.begin(), text.end());
    all.push_back(std::move(input));
  };
  add(0, "a=b\n# comment\nlong : one \\\n  two\nkey\\ with\\=signs = \\u00e4\\t\n!x\n");
  add(0, "rack=\xE9\xE8\\ud83d\\ude00\\ud800\n");
  for (const configs::Scope scope : {configs::Scope::broker, configs::Scope::topic}) {
    const std::uint8_t choice = scope == configs::Scope::broker ? 1 : 2;
    for (const configs::ConfigKey& key : configs::config_keys(scope)) add(choice, fmt::format("{}=1\n", key.name));
    for (const char* value :
         {"1", "-1", "true", "a,b", "compact,delete", "0.5", "9223372036854775807", "PLAINTEXT://h:1"}) {
      for (char key = 0; key < 40; key += 3) add(choice + 2, std::string(1, key) + '\0' + value);
    }
  }
  add(1, written(node::dev_preset("data", 9092)));
  add(1, "listeners=A://:1,B://[::1]:2\nlistener.security.protocol.map=A:PLAINTEXT,B:SSL\n");
  add(1, "controller.quorum.voters=1@a:1,2@b:2\nlog.retention.hours=7\nlog.roll.ms=5\n");
  add(2, "cleanup.policy=compact,delete\nretention.ms=-1\nlocal.retention.ms=-2\n");
  return all;
}

}  // namespace highwater::fuzz
