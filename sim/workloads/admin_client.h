// What all administrating clients of a simulated cluster share: a connection, a stream of choices, the world's time for
// the checkers (their own clocks drift), and looking at topics. Owned by its program, on one reactor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checkers/rising.h"
#include "client/admin.h"
#include "client/cluster.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "workloads/workload.h"

namespace highwater::sim {

inline constexpr int final_attempts_max = 200;  // half a second apart, in a healed world

struct TopicSight {
  bool told = false;  // somebody answered
  Uuid id;            // zero: there is no such topic
  std::int32_t partitions = 0;

  bool exists() const { return told && !id.is_zero(); }
};

struct Made {
  client::Certainty certainty = client::Certainty::unknown;
  Uuid id;  // when it is certain
};

class AdminClient {
 public:
  AdminClient(io::sim::Process& process, Workload& workload, Random random);
  ~AdminClient();
  AdminClient(const AdminClient&) = delete;
  AdminClient& operator=(const AdminClient&) = delete;

  io::sim::SimReactor& reactor() { return *reactor_; }
  Workload& workload() { return *workload_; }
  Random& random() { return random_; }
  client::Cluster& cluster() { return cluster_; }
  io::TaskGroup& tasks() { return tasks_; }
  Instant now() const;
  bool writing() const { return workload_->writing; }
  // The run no longer waits for this client.
  void finished();

  io::Task<void> pause(std::int64_t ms_min, std::int64_t ms_max);
  io::Task<void> between_attempts();
  // Asks for the topic, and tells the registers and the leader epochs what was seen.
  io::Task<TopicSight> look_at(std::string topic);
  // Both tell the register of the topic.
  io::Task<Made> create(client::NewTopic topic);
  io::Task<client::Certainty> remove(std::string topic);

  // Nothing is no violation.
  void check(const std::optional<std::string>& wrong, Checker checker = Checker::metadata);
  // After a doubtful answer the connection is given up, as clients do: a late answer shall not be taken for another.
  void after(client::Certainty certainty);

 private:
  io::sim::Process* process_;
  io::sim::SimReactor* reactor_;
  Workload* workload_;
  Random random_;
  client::Cluster cluster_;
  Rising epochs_;  // of leaders, as this client saw them
  bool busy_ = true;
  io::TaskGroup tasks_;
};

inline std::string topic_key(const std::string& topic) { return "topic " + topic; }

}  // namespace highwater::sim
