// Inside this room: one resource of a request that alters configurations, on its way from the wish to the records.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machines/controller/controller.h"
#include "machines/controller/refusals.h"

namespace highwater::controller {

struct Controller::ConfigChange {
  struct Step {
    std::string key;
    std::optional<std::string> value;  // none: the key goes
  };

  metadata::ResourceType type = metadata::ResourceType::topic;
  std::string name;
  const configs::ConfigMap* before = nullptr;  // of the image
  configs::ConfigMap after;                    // complete
  std::vector<Step> steps;

  bool of_broker() const { return type == metadata::ResourceType::broker; }
  void set(std::string_view key, std::optional<std::string> value);
  void write(metadata::Records& records) const;
};

}  // namespace highwater::controller
