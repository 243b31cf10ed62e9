#include "server/handlers/logger_changes.h"

#include <fmt/format.h>

#include "foundation/base/log_levels.h"
#include "machines/configs/alter_op.h"
#include "machines/configs/broker_settings.h"
#include "server/handlers/broker_names.h"

namespace highwater::server {
namespace {

using api::ErrorCode;
using configs::AlterOp;

ChangeVerdict refused(ErrorCode error, std::string why) { return {error, std::move(why)}; }

std::optional<ChangeVerdict> check_level(const AskedChange::Key& key, const LogLevels& levels) {
  if (!levels.knows(key.name))
    return refused(ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", key.name));
  if (!key.value) return ChangeVerdict{ErrorCode::unknown_server_error, std::nullopt};
  if (log_level(*key.value)) return std::nullopt;
  return refused(ErrorCode::invalid_config,
                 fmt::format("Cannot set the log level of {} to {} as it is not a supported log level. Valid log "
                             "levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN",
                             key.name, *key.value));
}

std::optional<ChangeVerdict> check(const AskedChange::Key& key, const LogLevels& levels) {
  const auto op = configs::alter_op(key.operation);
  if (!op) return ChangeVerdict{ErrorCode::unknown_server_error, std::nullopt};
  switch (*op) {
    case AlterOp::set:
      return check_level(key, levels);
    case AlterOp::remove:
      if (!levels.knows(key.name))
        return refused(ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", key.name));
      if (key.name == LogLevels::root)
        return refused(ErrorCode::invalid_request, "Removing the log level of the root logger is not allowed");
      return std::nullopt;
    case AlterOp::append:
    case AlterOp::subtract:
      return refused(
          ErrorCode::invalid_request,
          fmt::format("{} operation is not allowed for the BROKER_LOGGER resource", configs::alter_op_name(*op)));
  }
  return std::nullopt;
}

}  // namespace

ChangeVerdict change_loggers(const AskedChange& change, ChangeMode mode, const RequestContext& context) {
  const auto operation =
      context.peer.listener->kind == ListenerKind::controller ? Operation::cluster_action : Operation::alter_configs;
  if (!context.allows(operation, Resource::cluster, cluster_resource))
    return {ErrorCode::cluster_authorization_failed, std::nullopt};
  const NodeId node = context.doors.settings->node_id;
  const auto id = broker_number(change.name);
  if (!id)
    return refused(ErrorCode::invalid_request, fmt::format("Node id must be an integer, but it is: {}", change.name));
  if (*id != node)
    return refused(ErrorCode::invalid_request,
                   fmt::format("Unexpected node id. Expected {}, but received {}", node, *id));
  LogLevels& levels = *context.doors.log_levels;
  for (const AskedChange::Key& key : change.keys)
    if (auto refusal = check(key, levels)) return std::move(*refusal);
  if (mode == ChangeMode::validate_only) return {};
  for (const AskedChange::Key& key : change.keys) {
    if (configs::alter_op(key.operation) == AlterOp::set) {
      levels.set(key.name, *log_level(*key.value));
    } else {
      levels.reset(key.name);
    }
  }
  return {};
}

}  // namespace highwater::server
