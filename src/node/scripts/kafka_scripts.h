// The program under the names of Apache Kafka's scripts, with or without `.sh`: kafka-server-start, kafka-server-stop,
// kafka-storage. Flags, messages and exit statuses are the scripts'. Kafka: bin/*.sh, kafka.Kafka.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace highwater::node {

enum class Script : std::uint8_t { none, server_start, server_stop, storage };

// By the last part of argv[0].
Script script_called(std::string_view program);

// `program` is argv[0], `arguments` what comes after it. The result is the exit status.
int run_server_start(const std::string& program, std::vector<std::string> arguments);
int run_server_stop(const std::vector<std::string>& arguments);

}  // namespace highwater::node
