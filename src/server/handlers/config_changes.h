// What this node itself says to a change of configurations, before the controller is asked: resources and keys that
// stand twice, values that are missing, brokers that are not this one, what a running broker may not change, and
// loggers, which live here and nowhere else. Kafka: ConfigAdminManager.preprocess; on a listener of controllers what
// ControllerApis does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/task.h"
#include "machines/configs/topic_settings.h"
#include "machines/metadata/image.h"
#include "protocol/api/error_code.h"
#include "server/handlers/pace.h"
#include "server/network/request_context.h"

namespace highwater::server {

// One resource of either request, as both have it.
struct AskedChange {
  struct Key {
    std::string_view name;
    std::int8_t operation = 0;  // of configs::AlterOp
    std::optional<std::string_view> value;
  };

  std::int8_t type = 0;
  std::string_view name;
  std::vector<Key> keys;
};

enum class ChangeKind : std::uint8_t { incremental, whole };  // IncrementalAlterConfigs or AlterConfigs
enum class ChangeMode : std::uint8_t { apply, validate_only };

struct ChangeVerdict {
  api::ErrorCode error = api::ErrorCode::none;
  std::optional<std::string> message;
  bool unsaid = false;  // the answer to another resource of the request speaks for this one too
};

// A request on its way through here. As large as the request makes it: what was long is given back off the loop.
struct Screening {
  std::vector<AskedChange> changes;
  // One per resource, in their order; none for those that the controller has to decide.
  std::vector<std::optional<ChangeVerdict>> verdicts;
  std::map<std::pair<std::int8_t, std::string_view>, std::size_t> places;  // of each resource the first
};

// Gives the verdicts. Levels of loggers are changed on the way. All that is handed in outlives the task.
io::Task<void> preprocess_changes(Screening& screening, ChangeKind kind, ChangeMode mode, const RequestContext& context,
                                  Pace& pace);

}  // namespace highwater::server
