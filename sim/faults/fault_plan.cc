#include "faults/fault_plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "io/sim/fabric.h"
#include "io/sim/process.h"

namespace highwater::sim {

namespace {

constexpr std::uint64_t all_space = 1ull << 40;

}  // namespace

FaultPlan::FaultPlan(io::sim::World& world, const Scenario& scenario, Targets targets)
    : world_(&world), targets_(std::move(targets)) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const std::uint64_t stream = 100 * static_cast<std::uint64_t>(scenario.faults[i].kind) + i;
    rules_.push_back(
        std::make_unique<Rule>(Rule{scenario.faults[i], world.stream(io::sim::Purpose::faults, stream), 1'000 * i}));
  }
}

void FaultPlan::start(Instant begin, Instant end) {
  end_ = end;
  for (auto& rule : rules_) {
    if (!rule->what.off) schedule(*rule, begin);
  }
}

void FaultPlan::schedule(Rule& rule, Instant from) {
  const Instant next = from + Duration::from_us(rule.what.every_us.draw(rule.random));
  if (next >= end_) return;
  world_->at(next, [this, &rule] {
    if (healed_) return;
    strike(rule);
    schedule(rule, world_->now());
  });
}

void FaultPlan::strike(Rule& rule) {
  const std::uint64_t strike_number = rule.next_strike++;
  if (only_.has_value() && !only_->contains(strike_number)) return;
  Random draws = rule.random.split(strike_number);
  const FaultRule& what = rule.what;
  const std::size_t number = draws.below(targets_.nodes.size());
  NodeHost& node = *targets_.nodes[number];
  const Duration lasts = Duration::from_us(what.for_us.draw(draws));
  strikes_.push_back(fmt::format("{} {:.3f} {} {}", strike_number, static_cast<double>(world_->now().nanoseconds) / 1e9,
                                 fault_name(what.kind), node.name()));
  switch (what.kind) {
    case FaultKind::kill:
      return node.kill(lasts);
    case FaultKind::kill_step:
      return node.kill_after_resumptions(static_cast<std::uint64_t>(what.amount.draw(draws)), lasts);
    case FaultKind::stop:
      return node.stop(lasts);
    case FaultKind::power:
      return node.power_cut(lasts);
    case FaultKind::reset:
      world_->fabric().reset_one(node.machine(), draws);
      return;
    case FaultKind::cut:
      return cut(node, what, draws);
    case FaultKind::slow_disk:
    case FaultKind::full_disk:
    case FaultKind::disk_error:
    case FaultKind::read_error:
    case FaultKind::dir_error:
      return disk(node, what, draws);
    case FaultKind::bit_rot:
      return rot(number, lasts, draws);
    case FaultKind::client_kill:
      return kill_client(what, lasts, draws);
    case FaultKind::clock:
      return node.machine().jump_wall_clock(what.amount.draw(draws));
    case FaultKind::pause:
      if (io::sim::Process* process = node.process()) process->pause_until(world_->now() + lasts);
      return;
  }
}

void FaultPlan::cut(NodeHost& node, const FaultRule& rule, Random& draws) {
  io::sim::Machine& client = *targets_.clients[draws.below(targets_.clients.size())];
  const std::uint64_t direction = draws.below(3);
  if (direction != 0) world_->fabric().cut(client, node.machine());
  if (direction != 1) world_->fabric().cut(node.machine(), client);
  const Duration lasts = Duration::from_us(rule.for_us.draw(draws));
  world_->at(world_->now() + lasts, [this, &node, &client] {
    world_->fabric().heal(client, node.machine());
    world_->fabric().heal(node.machine(), client);
  });
}

void FaultPlan::disk(NodeHost& node, const FaultRule& rule, Random& draws) {
  const Duration lasts = Duration::from_us(rule.for_us.draw(draws));
  const auto amount = static_cast<std::uint64_t>(rule.amount.draw(draws));
  io::sim::Disk& disk = node.machine().disk();
  if (rule.kind == FaultKind::slow_disk) {
    disk.conditions().slowness = static_cast<std::uint32_t>(std::max<std::uint64_t>(amount, 1));
    return world_->at(world_->now() + lasts, [&disk] { disk.conditions().slowness = 1; });
  }
  if (rule.kind == FaultKind::full_disk) {
    disk.conditions().capacity = disk.used() + amount;
    return world_->at(world_->now() + lasts, [&disk] { disk.conditions().capacity = all_space; });
  }
  disk.conditions().errors_under.clear();
  if (rule.kind == FaultKind::dir_error) {
    const std::vector<std::string>& roots = node.settings().log_dirs;
    if (roots.size() == 1) return;
    disk.conditions().errors_under = roots[1 + draws.below(roots.size() - 1)];
  }
  if (rule.kind == FaultKind::read_error) {
    disk.conditions().read_error_ppm = static_cast<std::uint32_t>(amount);
  } else {
    disk.conditions().sync_error_ppm = static_cast<std::uint32_t>(amount);
    disk.conditions().write_error_ppm = static_cast<std::uint32_t>(amount / 10);
  }
  world_->at(world_->now() + lasts, [this, &disk, &node] {
    disk.conditions().read_error_ppm = 0;
    disk.conditions().sync_error_ppm = 0;
    disk.conditions().write_error_ppm = 0;
    // Doubt fences a log for the life of its process (W11): only a new one serves it again.
    if (!healed_) node.kill(Duration::from_ms(200));
  });
}

void FaultPlan::rot(std::size_t node, Duration lasts, Random& draws) {
  const std::optional<RottenBit> bit = choose_bit(*targets_.nodes[node], draws);
  if (!bit.has_value()) return;
  bit->flip();
  targets_.workloads[node]->rotten.insert({bit->topic, bit->partition});
  rotten_.push_back(bit);
  world_->at(world_->now() + lasts, [this, number = rotten_.size() - 1] { repair(number); });
}

// A log that was refused is opened again by a new process only.
void FaultPlan::repair(std::size_t number) {
  if (!rotten_[number].has_value()) return;
  rotten_[number]->flip();
  rotten_[number]->node->kill(Duration::from_ms(200));
  rotten_[number].reset();
}

void FaultPlan::kill_client(const FaultRule& rule, Duration lasts, Random& draws) {
  if (targets_.mortals.empty()) return;
  MortalClient& client = *targets_.mortals[draws.below(targets_.mortals.size())];
  client.kill_after_resumptions(static_cast<std::uint64_t>(rule.amount.draw(draws)), lasts);
}

void FaultPlan::heal() {
  for (std::size_t i = 0; i < rotten_.size(); ++i) repair(i);
  healed_ = true;
  for (MortalClient* client : targets_.mortals) client->no_more_lives();
  world_->fabric().heal_all();
  for (NodeHost* node : targets_.nodes) {
    io::sim::DiskConditions& conditions = node->machine().disk().conditions();
    const bool doubt = conditions.sync_error_ppm > 0 || conditions.read_error_ppm > 0;
    conditions.slowness = 1;
    conditions.capacity = all_space;
    conditions.read_error_ppm = 0;
    conditions.sync_error_ppm = 0;
    conditions.write_error_ppm = 0;
    conditions.errors_under.clear();
    if (io::sim::Process* process = node->process()) {
      process->pause_until(world_->now());
      process->let_live();
    }
    if (doubt) node->kill(Duration::from_ms(1));
    node->ensure_up();
  }
}

}  // namespace highwater::sim
