// Who may do what. Everything is allowed until an authorizer is built; most handlers ask here already and hide what is
// denied as Kafka does (AuthHelper, KafkaApis). Those that create, grow and delete topics (19, 20, 37) do not ask yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace highwater::server {

struct Principal {
  std::string type = "User";
  std::string name = "ANONYMOUS";
};

// Numbers of org.apache.kafka.common.acl.AclOperation.
enum class Operation : std::int8_t {
  read = 3,
  write = 4,
  create = 5,
  remove = 6,
  alter = 7,
  describe = 8,
  cluster_action = 9,
  describe_configs = 10,
  alter_configs = 11,
  idempotent_write = 12,
  create_tokens = 13,
  describe_tokens = 14,
  two_phase_commit = 15,
};

// Numbers of org.apache.kafka.common.resource.ResourceType.
enum class Resource : std::int8_t { topic = 2, group = 3, cluster = 4, transactional_id = 5, token = 6, user = 7 };

inline constexpr std::string_view cluster_resource = "kafka-cluster";

class Access {
 public:
  bool allows(const Principal& principal, Operation operation, Resource resource, std::string_view name) const {
    static_cast<void>(principal);
    static_cast<void>(operation);
    static_cast<void>(resource);
    static_cast<void>(name);
    return true;
  }
  // The operations a principal may do on a resource, one bit each, as Metadata and DescribeCluster report them
  // (AclEntry.supportedOperations).
  std::int32_t operations(const Principal& principal, Resource resource, std::string_view name) const;
};

}  // namespace highwater::server
