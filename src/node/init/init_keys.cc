#include "node/init/init_keys.h"

#include <fmt/format.h>

#include "machines/configs/config_table.h"
#include "machines/configs/waiting.h"
#include "node/config/load.h"

namespace highwater::node {
namespace {

KeyVerdict judge_unknown(const std::string& name, const std::string& value) {
  if (name.starts_with("zookeeper."))
    return {name, value, KeyFate::refused, "there is no ZooKeeper since Kafka 4.0: migrate the cluster to KRaft first"};
  if (is_plugin_key(name)) return {name, "[hidden]", KeyFate::ignored, "it is for a plug-in, and plug-ins are Java"};
  const std::string_view nearest = configs::nearest_config(configs::Scope::broker, name);
  return {name, value, KeyFate::ignored,
          nearest.empty() ? std::string("Kafka 4.3 does not know it")
                          : fmt::format("Kafka 4.3 does not know it; did you mean {}?", nearest)};
}

KeyVerdict judge(const std::string& name, const std::string& value) {
  const configs::ConfigKey* key = configs::find_config(configs::Scope::broker, name);
  if (key == nullptr) return judge_unknown(name, value);
  const std::string shown = key->sensitive() ? "[hidden]" : value;
  if (auto checked = configs::check_value(*key, value); !checked)
    return {name, shown, KeyFate::refused, key->sensitive() ? "not a value of this key" : checked.error().text};
  switch (key->support) {
    case configs::Support::built:
      return {name, shown, KeyFate::acts, ""};
    case configs::Support::not_yet:
      if (configs::is_default(*key, value))
        return {name, shown, KeyFate::waits, "the default, and this version does not act on it yet"};
      return {name, shown, KeyFate::waits, "accepted, but this version does not act on it yet"};
    case configs::Support::without_effect:
      return {name, shown, KeyFate::ignored, "for a part of Apache Kafka that Highwater does not need"};
  }
  return {name, shown, KeyFate::acts, ""};
}

}  // namespace

std::string_view fate_name(KeyFate fate) {
  switch (fate) {
    case KeyFate::acts:
      return "acts";
    case KeyFate::waits:
      return "waits";
    case KeyFate::ignored:
      return "ignored";
    case KeyFate::refused:
      return "refused";
  }
  return "?";
}

std::vector<KeyVerdict> judge_keys(const configs::ConfigMap& values) {
  std::vector<KeyVerdict> verdicts;
  for (const auto& [name, value] : values) verdicts.push_back(judge(name, value));
  return verdicts;
}

}  // namespace highwater::node
