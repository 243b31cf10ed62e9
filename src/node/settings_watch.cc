#include "node/settings_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "machines/configs/waiting.h"

namespace highwater::node {
namespace {

using metadata::ResourceType;

// The waiting settings with their values, so that another value is news and another key is not.
configs::ConfigMap waiting(configs::Scope scope, const configs::ConfigMap& set) {
  configs::ConfigMap result;
  for (const std::string& name : configs::waiting_settings(scope, set)) result.emplace(name, set.at(name));
  return result;
}

}  // namespace

SettingsWatch::SettingsWatch(engine::MetadataPublisher& publisher, NodeId node, Logger log)
    : publisher_(publisher), node_(std::to_string(node)), log_(std::move(log)) {}

SettingsWatch::~SettingsWatch() {
  if (following_) publisher_.unsubscribe(*this);
}

void SettingsWatch::start() {
  for (const auto& [resource, values] : publisher_.image()->all_configs()) tell(resource, {}, values);
  publisher_.subscribe(*this);
  following_ = true;
}

void SettingsWatch::on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) {
  for (const metadata::ConfigResource& resource : delta.configs())
    tell(resource, delta.base()->configs(resource.type, resource.name), image->configs(resource.type, resource.name));
}

void SettingsWatch::tell(const metadata::ConfigResource& resource, const configs::ConfigMap& before,
                         const configs::ConfigMap& now) {
  const bool topic = resource.type == ResourceType::topic;
  const bool broker = resource.type == ResourceType::broker && (resource.name.empty() || resource.name == node_);
  if (!topic && !broker) return;
  const auto scope = topic ? configs::Scope::topic : configs::Scope::broker;
  const configs::ConfigMap names = waiting(scope, now);
  if (names.empty() || names == waiting(scope, before)) return;
  std::string list;
  for (const auto& [name, value] : names) list += (list.empty() ? "" : ", ") + name;
  const std::string who = topic                   ? fmt::format("Topic {}", resource.name)
                          : resource.name.empty() ? std::string("The default of all brokers")
                                                  : fmt::format("Broker {}", resource.name);
  log_.warn("{} is configured with settings that are kept and change nothing yet: {}", who, list);
}

}  // namespace highwater::node
