#include "world/mortal_client.h"

#include "io/sim/world.h"

namespace highwater::sim {

MortalClient::MortalClient(io::sim::Machine& machine, Workload& workload, Random random, Make make)
    : machine_(&machine), workload_(&workload), random_(random), make_(make) {
  start();
}

void MortalClient::start() {
  const Random random = random_.split(++lives_);
  io::sim::Process& process = machine_->start({.name = "client"}, [&](io::sim::Process& own) {
    process_id_ = own.id();
    return make_(own, *workload_, random);
  });
  process.set_on_exit([this](int /*status*/) {
    io::sim::World& world = machine_->world();
    world.at(world.now() + pause_, [this] {
      if (!over_) start();
    });
  });
}

void MortalClient::kill_after_resumptions(std::uint64_t count, Duration pause) {
  for (const auto& process : machine_->processes()) {
    if (process->id() != process_id_) continue;
    pause_ = pause;
    process->kill_after_resumptions(count);
  }
}

}  // namespace highwater::sim
