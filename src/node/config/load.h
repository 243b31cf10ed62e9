// From a server.properties file and --override arguments to typed settings and the warnings that belong in the log.
// Files and environment are read here and nowhere later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/broker_settings.h"

namespace highwater::node {

struct ConfigSources {
  configs::ConfigMap preset;           // of `highwater dev`; never warned about
  std::string file;                    // empty: none
  std::vector<std::string> overrides;  // "key=value", the last one wins
};

struct LoadedConfig {
  configs::BrokerSettings settings;
  std::vector<std::string> warnings;  // one line each: unknown keys, and what has no effect (yet)
};

// The failure is one sentence that names the file or key and the way out (exit status 78).
Result<LoadedConfig> load_config(const ConfigSources& sources);

// For a server alone; whoever only reads its file asks nothing of this machine. Log directories get the names that Java
// has for them (their text stays as it was written); hosts of max.connections.per.ip.overrides must have an address.
Result<void> fit_to_machine(configs::BrokerSettings& settings);

// The text of a file with its references resolved, before anybody looks at what the keys mean.
Result<configs::ConfigMap> read_config_file(const std::string& path);

// Whether a key is for a plug-in, to which Apache Kafka passes it on.
bool is_plugin_key(std::string_view name);

// A sentence per key that is unknown (with the nearest known name), not acted upon yet, or names classes of Java.
std::vector<std::string> config_warnings(const configs::ConfigMap& values);

// The configuration of `highwater dev`: one node that is a whole cluster, with its logs in `data`. Port 0 lets the
// system choose.
configs::ConfigMap dev_preset(const std::string& data, std::uint16_t port);

}  // namespace highwater::node
