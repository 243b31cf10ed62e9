#include "io/sim/fabric.h"

#include <vector>

#include "io/sim/reactor.h"

namespace highwater::io::sim {

bool Fabric::reaches(const Machine& from, const Machine& to) const {
  return !cut_.contains({from.index(), to.index()}) || from.index() == to.index();
}

bool Fabric::reset_one(const Machine& machine, Random& random) {
  std::vector<std::shared_ptr<Connection>> candidates;
  for (auto& [id, connection] : connections_) {
    if (connection->touches(machine)) candidates.push_back(connection);
  }
  if (candidates.empty()) return false;
  candidates[random.below(candidates.size())]->reset();
  return true;
}

void Fabric::power_lost(const Machine& machine) {
  for (auto& [id, connection] : connections_) connection->vanish(machine);
}

Duration Fabric::draw_delay(Machine& sender) {
  Random& random = sender.net_random();
  const Duration longest = random.chance_ppm(conditions_.slow_ppm) ? conditions_.slow_max : conditions_.delay_max;
  return {random.between(conditions_.delay_min.nanoseconds, longest.nanoseconds)};
}

std::shared_ptr<Connection> Fabric::connect(Connection::Opening dialler, Connection::Opening acceptor) {
  const std::uint64_t id = next_connection_++;
  auto connection = std::make_shared<Connection>(*world_, id, std::move(dialler), std::move(acceptor));
  connections_.emplace(id, connection);
  return connection;
}

}  // namespace highwater::io::sim
