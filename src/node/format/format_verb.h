// `highwater format` and the verbs of kafka-storage that look at directories: same words, same exit statuses.
#pragma once

#include <string>
#include <vector>

#include "foundation/base/random.h"
#include "machines/configs/broker_settings.h"
#include "node/exit_status.h"

namespace highwater::engine {
struct FormatOptions;
}

namespace highwater::node {

struct FormatArguments {
  std::string cluster_id;
  std::string config;
  std::vector<std::string> features;  // "name=level"
  std::string release_version;        // "" when not given
  std::string initial_controllers;
  std::vector<std::string> credentials;  // --add-scram
  bool standalone = false;
  bool no_initial_controllers = false;
  bool ignore_formatted = false;
  // kafka-storage answers 1 to a bad configuration, our own verb 78.
  ExitStatus bad_configuration = ExitStatus::bad_configuration;
};

ExitStatus run_format(const FormatArguments& arguments);
ExitStatus run_info(const std::string& config);

// Everything in log.dirs and metadata.log.dir, each once, in name order.
std::vector<std::string> all_directories(const configs::BrokerSettings& settings);

// What the settings say about formatting; features and release as by default.
engine::FormatOptions standalone_format(const configs::BrokerSettings& settings, std::string cluster_id);

// A version 4 UUID as Kafka's Uuid.randomUuid makes them: never one that begins with a dash.
std::string random_uuid(Random& random);
// One from the kernel's randomness.
std::string random_uuid();

}  // namespace highwater::node
