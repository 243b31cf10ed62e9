#include "io/sim/process.h"

#include "io/sim/reactor.h"

namespace highwater::io::sim {

Process::Process(Machine& machine, std::uint64_t id, std::string name, std::uint32_t cores)
    : machine_(&machine),
      id_(id),
      name_(std::move(name)),
      random_(machine.world().stream(Purpose::process, machine.index()).split(id)) {
  for (std::uint32_t core = 0; core < cores; ++core) reactors_.push_back(std::make_unique<SimReactor>(*this, core));
}

Process::~Process() = default;

void Process::run(Machine::Factory factory) {
  program_ = factory(*this);
  for (auto& reactor : reactors_) reactor->kick();
}

void Process::exit(int status) {
  machine_->world().after_event([this, status, life = life_] {
    if (!life->alive) return;
    auto on_exit = std::move(on_exit_);
    machine_->kill(*this);
    if (on_exit) on_exit(status);
  });
}

void Process::die() {
  owned_life_->alive = false;
  if (machine_->powered()) {
    Random random = random_.split(next_in_flight_);
    for (auto& [id, abandon] : in_flight_) abandon(random);
  }
  in_flight_.clear();
  program_.reset();
  reactors_.clear();
}

bool Process::count_resumption() {
  ++resumptions_;
  if (!kill_in_.has_value() || --*kill_in_ > 0) return true;
  exit(137);  // as a shell reports SIGKILL
  return false;
}

std::uint64_t Process::add_in_flight(Abandon abandon) {
  const std::uint64_t id = next_in_flight_++;
  in_flight_.emplace(id, std::move(abandon));
  return id;
}

}  // namespace highwater::io::sim
