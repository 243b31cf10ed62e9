// What is set and does nothing here yet: settings that this version stores and shows and whose work comes later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/config_table.h"
#include "machines/configs/topic_settings.h"

namespace highwater::configs {

// Whether `text` says no more than the key's default.
bool is_default(const ConfigKey& key, std::string_view text);

// The names of those, in name order. Of brokers: as far as a change of a running broker goes; names that nobody knows
// are among them.
std::vector<std::string> waiting_settings(Scope scope, const ConfigMap& set);

}  // namespace highwater::configs
