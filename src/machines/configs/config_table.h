// The one table of every configuration key that Kafka 4.3 knows, and of ours: what it is called, what it may be, who
// may change it when, and whether Highwater acts on it yet. Defaults and bounds are facts of Kafka's ConfigDefs; the
// words are ours. DescribeConfigs, the start-up warnings and docs/configuration.md are made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/result.h"

namespace highwater::configs {

// Numbers as in DescribeConfigsResponse.ConfigType (ConfigEntry.ConfigType).
enum class ValueType : std::uint8_t {
  boolean = 1,
  string = 2,
  int32 = 3,
  int16 = 4,
  int64 = 5,
  float64 = 6,
  list = 7,
  class_name = 8,
  password = 9
};

enum class Importance : std::uint8_t { high, medium, low };

// Who may change a broker key while the node runs (KIP-226).
enum class DynamicMode : std::uint8_t { read_only, per_broker, cluster_wide };

enum class Scope : std::uint8_t { broker, topic, group, client_metrics };

enum class Visibility : std::uint8_t { visible, internal };

// Whether setting the key changes anything here. `without_effect`: knobs of the JVM and of thread pools that Highwater
// does not have; they are accepted in silence.
enum class Support : std::uint8_t { built, not_yet, without_effect };

struct ConfigKey {
  std::string_view name;
  ValueType type = ValueType::string;
  const char* default_text = nullptr;  // null: no value, or `required`
  std::string_view allowed;            // "1..", "0..1", "1..9|-1", "a|b|c", "" for anything of the type, "#rule"
  Importance importance = Importance::low;
  DynamicMode dynamic = DynamicMode::read_only;
  Support support = Support::not_yet;
  std::string_view doc;
  Visibility visibility = Visibility::visible;
  bool required = false;

  bool sensitive() const { return type == ValueType::password; }
};

// All keys of a scope in name order.
std::span<const ConfigKey> config_keys(Scope scope);

// Null when unknown. Broker keys may carry a `listener.name.<listener>.` prefix where Kafka allows it; the plain key
// answers then.
const ConfigKey* find_config(Scope scope, std::string_view name);

// Whether this broker key is one of the rates that are set while a broker runs and never in a file.
bool is_broker_rate(std::string_view name);

// The known name that is nearest in spelling, or "" when none is near.
std::string_view nearest_config(Scope scope, std::string_view name);

// Success when `text` is a value of the key's type within its bounds; else the sentence that Kafka's users know:
// "Invalid value x for configuration k: Value must be at least 1".
Result<void> check_value(const ConfigKey& key, std::string_view text);

// The broker keys that stand behind a topic or group key, first the one that wins; empty when there are none.
struct Synonym {
  std::string_view broker_key;
  std::int64_t factor = 1;  // broker value times factor is the topic value (hours to milliseconds)
};
std::span<const Synonym> broker_synonyms(std::string_view topic_key);

}  // namespace highwater::configs
