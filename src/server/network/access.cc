#include "server/network/access.h"

#include <initializer_list>

namespace highwater::server {
namespace {

constexpr std::int32_t bits(std::initializer_list<Operation> operations) {
  std::int32_t result = 0;
  for (const Operation operation : operations) result |= 1 << static_cast<int>(operation);
  return result;
}

}  // namespace

std::int32_t Access::operations(const Principal& principal, Resource resource, std::string_view name) const {
  static_cast<void>(principal);
  static_cast<void>(name);
  switch (resource) {
    case Resource::topic:
      return bits({Operation::read, Operation::write, Operation::create, Operation::describe, Operation::remove,
                   Operation::alter, Operation::describe_configs, Operation::alter_configs});
    case Resource::group:
      return bits({Operation::read, Operation::describe, Operation::remove, Operation::describe_configs,
                   Operation::alter_configs});
    case Resource::cluster:
      return bits({Operation::create, Operation::cluster_action, Operation::describe_configs, Operation::alter_configs,
                   Operation::idempotent_write, Operation::alter, Operation::describe});
    case Resource::transactional_id:
      return bits({Operation::describe, Operation::write, Operation::two_phase_commit});
    case Resource::token:
      return bits({Operation::describe});
    case Resource::user:
      return bits({Operation::create_tokens, Operation::describe_tokens});
  }
  return 0;
}

}  // namespace highwater::server
