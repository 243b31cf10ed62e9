// Levels of this node's loggers (KIP-412): they change at once and are forgotten when the process ends. Kafka:
// RuntimeLoggerManager.
#pragma once

#include <optional>

#include "server/handlers/config_changes.h"

namespace highwater::server {

// All of the changes, or none and why.
ChangeVerdict change_loggers(const AskedChange& change, ChangeMode mode, const RequestContext& context);

}  // namespace highwater::server
