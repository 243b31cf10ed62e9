#include "machines/configs/waiting.h"

#include "machines/configs/dynamic_broker.h"
#include "machines/configs/values.h"

namespace highwater::configs {
namespace {

bool acts(Scope scope, std::string_view name, std::string_view value) {
  const ConfigKey* key = find_config(scope, name);
  if (key == nullptr) return false;
  if (is_default(*key, value)) return true;
  return scope == Scope::broker ? acts_while_running(*key) : key->support != Support::not_yet;
}

}  // namespace

bool is_default(const ConfigKey& key, std::string_view text) {
  const std::string_view by_default = key.default_text == nullptr ? "" : key.default_text;
  if (trim(text) == by_default) return true;
  if (key.type == ValueType::list) return parse_list(text) == parse_list(by_default);
  const auto number = parse_double(text);
  return number.has_value() && number == parse_double(by_default);
}

std::vector<std::string> waiting_settings(Scope scope, const ConfigMap& set) {
  std::vector<std::string> names;
  for (const auto& [name, value] : set)
    if (!acts(scope, name, value)) names.push_back(name);
  return names;
}

}  // namespace highwater::configs
