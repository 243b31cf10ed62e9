#include "engine/quorum/producer_ids.h"

#include <deque>
#include <utility>

#include "engine/quorum/controller_door.h"
#include "io/reactor.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/allocate_producer_ids_request.h"
#include "protocol/messages/allocate_producer_ids_response.h"

namespace highwater::engine {

namespace {

using IdResult = Result<ProducerId, api::ErrorCode>;

// The next block is asked for when this part of the current one is left (Kafka: 10 %).
constexpr ProducerId prefetch_below = 100;

}  // namespace

struct ProducerIds::State {
  State(io::Reactor& reactor, ControllerDoor& controller_door)
      : own(reactor), door(controller_door), tasks(reactor.ready()) {}

  ProducerId left() const { return after - next + next_after - next_next; }

  IdResult take() {
    if (next == after) {
      next = std::exchange(next_next, 0);
      after = std::exchange(next_after, 0);
    }
    return next++;
  }

  void fetch() {
    if (fetching || next_next != next_after) return;
    fetching = true;
    tasks.spawn(fetch_block());
  }

  io::Task<void> fetch_block() {
    messages::AllocateProducerIdsRequest request;
    request.broker_id = owner.broker;
    request.broker_epoch = owner.epoch;
    auto response = co_await door.ask<messages::AllocateProducerIdsResponse>(request, ControllerCaller());
    fetching = false;
    if (response.error_code == 0) {
      next_next = response.producer_id_start;
      next_after = next_next + response.producer_id_len;
    }
    while (!waiting.empty() && left() > 0) {
      waiting.front().complete(take());
      waiting.pop_front();
    }
    // Clients try again on this one, whatever kept the block away.
    if (response.error_code != 0) {
      for (auto& each : std::exchange(waiting, {})) {
        each.complete(std::unexpected(api::ErrorCode::coordinator_load_in_progress));
      }
    } else if (!waiting.empty()) {
      fetch();
    }
  }

  io::Reactor& own;
  ControllerDoor& door;
  ProducerIdOwner owner;
  ProducerId next = 0;
  ProducerId after = 0;
  ProducerId next_next = 0;
  ProducerId next_after = 0;
  bool fetching = false;
  std::deque<io::Promise<IdResult>> waiting;
  io::TaskGroup tasks;
};

ProducerIds::ProducerIds(io::Reactor& own, ControllerDoor& door) : state_(std::make_unique<State>(own, door)) {}
ProducerIds::~ProducerIds() = default;

void ProducerIds::set_owner(ProducerIdOwner owner) { state_->owner = owner; }

io::Future<Result<ProducerId, api::ErrorCode>> ProducerIds::next() {
  State& state = *state_;
  if (state.owner.epoch < 0) {
    return io::Future<IdResult>::ready(std::unexpected(api::ErrorCode::coordinator_load_in_progress));
  }
  if (state.left() > 0 && state.waiting.empty()) {
    IdResult taken = state.take();
    if (state.left() < prefetch_below) state.fetch();
    return io::Future<IdResult>::ready(taken);
  }
  auto [promise, future] = state.own.make_future<IdResult>();
  state.waiting.push_back(std::move(promise));
  state.fetch();
  return std::move(future);
}

}  // namespace highwater::engine
