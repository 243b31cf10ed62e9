// One node: broker, controller or both, built from settings in one order and stopped in the reverse one. It opens
// nothing by itself outside io, and nothing of it is global: the program runs one on io/linux, the simulator many on
// io/sim.
//
// Lives on reactors[0]; that core constructs, starts, stops and destroys it. What belongs to the other cores is made
// and destroyed on them. Destroying a node that was not stopped is a crash (rule L4): memory only, files stay as they
// are, and no other core may be running then.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "foundation/base/log.h"
#include "foundation/base/result.h"
#include "io/socket.h"
#include "io/task.h"
#include "machines/configs/broker_settings.h"

namespace highwater::io {
class Reactor;
}

namespace highwater::node {

struct NodeDeps {
  std::vector<io::Reactor*> reactors;  // one per core; they outlive the node and turn by themselves
  LogSink& log;
  std::size_t log_files_per_core = 4096;     // open at a time
  std::int32_t connections_max = INT32_MAX;  // for which there are descriptors
};

struct BoundListener {
  std::string name;
  io::Address address;     // what is listened on, with the real port
  io::Address advertised;  // where clients connect
  configs::SecurityProtocol protocol = configs::SecurityProtocol::plaintext;
};

class Node {
 public:
  Node(configs::BrokerSettings settings, NodeDeps deps);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Takes the directories, loads the metadata log, registers, recovers partitions, opens listeners; returns when
  // clients are served. The directories must be formatted (engine/quorum/format.h). The failure is one sentence that
  // names the file, key or address and the way out; call stop() after it all the same.
  io::Task<Result<void>> start();
  // Controlled shutdown: stops accepting, answers what is under way, writes everything out and marks the directories
  // clean when all of that was possible. Once only.
  io::Task<Result<void>> stop();

  // Every listener, after start().
  const std::vector<BoundListener>& listeners() const;
  // Ready with a sentence when the node can no longer go on (a failed write of the metadata log); stop() it then. One
  // waiter; call it once, after start().
  io::Future<std::string> failed();

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace highwater::node
