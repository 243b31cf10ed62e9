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
  // `operation`: of configs::AlterOp. UNKNOWN_SERVER_ERROR where Kafka fails over a wish that it cannot read, and with
  // it over the whole request.
  std::optional<Refusal> alter(std::string_view key, std::int8_t operation, std::optional<std::string_view> value);
  void write(metadata::Records& records) const;
};

}  // namespace highwater::controller
