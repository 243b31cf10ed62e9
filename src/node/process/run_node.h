// `highwater dev` and `highwater server`: one process that is one node, from the configuration to the exit status.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node/exit_status.h"
#include "node/process/log_writer.h"

namespace highwater::node {

struct DevOptions {
  std::string data = "highwater-data";
  std::uint16_t port = 9092;  // 0: the system chooses, and the real one is printed
  std::vector<std::string> overrides;
  LogOptions log;
};

// What a clean stop after SIGTERM or SIGINT is to the caller: our 0, or what a Java program ends with.
enum class AfterSignal : std::uint8_t { status_clean, status_of_java };

struct ServerOptions {
  std::string config;
  std::vector<std::string> overrides;
  LogOptions log;
  AfterSignal after_signal = AfterSignal::status_clean;
};

// A node that is a cluster by itself; formats its directory when that is empty.
ExitStatus run_dev(const DevOptions& options);
ExitStatus run_server(const ServerOptions& options);

}  // namespace highwater::node
