#include "engine/quorum/broker_lifecycle.h"

#include <fmt/core.h>

#include <utility>

#include "engine/quorum/controller_door.h"
#include "engine/quorum/quorum.h"
#include "io/reactor.h"
#include "machines/metadata/features.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/broker_heartbeat_request.h"
#include "protocol/messages/broker_heartbeat_response.h"
#include "protocol/messages/broker_registration_request.h"
#include "protocol/messages/broker_registration_response.h"

namespace highwater::engine {

namespace {

using api::ErrorCode;

// Between two tries while something is expected to happen soon (a registration refused, an unfencing under way).
constexpr Duration impatience = Duration::from_ms(10);

bool may_pass(ErrorCode error) {
  return error == ErrorCode::duplicate_broker_registration || error == ErrorCode::not_controller ||
         error == ErrorCode::request_timed_out;
}

}  // namespace

struct BrokerLifecycle::State {
  enum class Wish : std::uint8_t { stay_fenced, serve, leave };

  State(Deps deps, BrokerIdentity who, BrokerTimes when)
      : reactor(deps.reactor),
        door(deps.door),
        quorum(deps.quorum),
        log(std::move(deps.log)),
        identity(std::move(who)),
        times(when),
        tasks(deps.reactor.ready()) {}

  messages::BrokerRegistrationRequest registration() const;
  io::Task<void> beat();
  io::Task<void> heartbeats();

  io::Reactor& reactor;
  ControllerDoor& door;
  Quorum& quorum;
  Logger log;
  BrokerIdentity identity;
  BrokerTimes times;
  BrokerEpoch epoch = -1;
  Wish wish = Wish::stay_fenced;
  bool fenced = true;
  std::vector<Uuid> offline;  // log directories
  bool released = false;      // the controller lets this broker go
  bool caught_up = false;
  ErrorCode last_error = ErrorCode::none;
  Instant last_beat;
  io::TaskGroup tasks;
};

messages::BrokerRegistrationRequest BrokerLifecycle::State::registration() const {
  messages::BrokerRegistrationRequest request;
  request.broker_id = identity.id;
  request.cluster_id = identity.cluster_id;
  request.incarnation_id = identity.incarnation;
  for (const auto& listener : identity.listeners) {
    request.listeners.push_back({listener.name, listener.host, listener.port, listener.security_protocol});
  }
  for (const auto& [name, range] : metadata::supported_ranges()) {
    request.features.push_back({name, range.lowest, range.highest});
  }
  request.rack = std::nullopt;
  if (identity.rack.has_value()) request.rack = *identity.rack;
  request.log_dirs = identity.directories;
  request.previous_broker_epoch = identity.previous_epoch;
  return request;
}

io::Task<void> BrokerLifecycle::State::beat() {
  messages::BrokerHeartbeatRequest request;
  request.broker_id = identity.id;
  request.broker_epoch = epoch;
  request.current_metadata_offset = quorum.applied();
  request.want_fence = wish == Wish::stay_fenced;
  request.want_shut_down = wish == Wish::leave;
  // Known only from the moment on when this broker sees the cluster as the controller does.
  if (caught_up) request.cordoned_log_dirs.emplace();
  request.offline_log_dirs = offline;
  last_beat = reactor.now();
  auto response = co_await door.ask<messages::BrokerHeartbeatResponse>(request, ControllerCaller());
  last_error = api::error_from_wire(response.error_code);
  if (last_error != ErrorCode::none) co_return;
  caught_up = response.is_caught_up;
  fenced = response.is_fenced;
  released = response.should_shut_down;
}

io::Task<void> BrokerLifecycle::State::heartbeats() {
  while (!released) {
    const Instant due = last_beat + times.heartbeat_interval;
    if (reactor.now() < due) {
      co_await reactor.sleep_until(due);
      continue;
    }
    co_await beat();
    if (last_error != ErrorCode::none) {
      log.warn("A heartbeat was refused: {}", api::error_name(last_error));
    }
  }
}

BrokerLifecycle::BrokerLifecycle(Deps deps, BrokerIdentity identity, BrokerTimes times)
    : state_(std::make_unique<State>(std::move(deps), std::move(identity), times)) {}
BrokerLifecycle::~BrokerLifecycle() = default;

io::Task<Result<BrokerEpoch>> BrokerLifecycle::start() {
  State& state = *state_;
  const Instant patience = state.reactor.now() + state.times.registration_timeout;
  while (true) {
    auto response =
        co_await state.door.ask<messages::BrokerRegistrationResponse>(state.registration(), ControllerCaller());
    const ErrorCode error = api::error_from_wire(response.error_code);
    if (error == ErrorCode::none) {
      state.epoch = response.broker_epoch;
      break;
    }
    if (!may_pass(error) || state.reactor.now() >= patience) {
      co_return failure(fmt::format("broker {} could not register with the controller: {} ({})", state.identity.id,
                                    api::error_name(error), api::error_text(error)));
    }
    co_await state.reactor.sleep_until(state.reactor.now() + impatience);
  }
  state.log.info("Successfully registered broker {} with broker epoch {}", state.identity.id, state.epoch);
  co_await state.beat();
  state.tasks.spawn(state.heartbeats());
  co_return state.epoch;
}

io::Task<Result<void>> BrokerLifecycle::unfence() {
  State& state = *state_;
  state.wish = State::Wish::serve;
  const Instant patience = state.reactor.now() + state.times.registration_timeout;
  while (state.fenced) {
    co_await state.beat();
    if (!state.fenced) break;
    if (state.last_error != ErrorCode::none && !may_pass(state.last_error)) {
      co_return failure(
          fmt::format("broker {} was not unfenced: {}", state.identity.id, api::error_name(state.last_error)));
    }
    if (state.reactor.now() >= patience) {
      co_return failure(fmt::format("broker {} was not unfenced within {} ms", state.identity.id,
                                    state.times.registration_timeout.ms()));
    }
    co_await state.reactor.sleep_until(state.reactor.now() + impatience);
  }
  state.log.info("The broker has been unfenced. Transitioning from RECOVERY to RUNNING.");
  co_return Result<void>{};
}

io::Task<BrokerEpoch> BrokerLifecycle::stop() {
  State& state = *state_;
  if (state.epoch < 0) co_return state.epoch;
  state.wish = State::Wish::leave;
  const Instant patience = state.reactor.now() + state.times.shutdown_timeout;
  while (!state.released && state.reactor.now() < patience) {
    co_await state.beat();
    if (state.last_error != ErrorCode::none && !may_pass(state.last_error)) break;
    if (state.last_error == ErrorCode::not_controller && !state.quorum.fenced().empty()) break;
    if (state.released) break;
    co_await state.reactor.sleep_until(state.reactor.now() + impatience);
  }
  state.released = true;
  co_return state.epoch;
}

void BrokerLifecycle::set_offline(std::vector<Uuid> directories) { state_->offline = std::move(directories); }
BrokerEpoch BrokerLifecycle::epoch() const { return state_->epoch; }
bool BrokerLifecycle::fenced() const { return state_->fenced; }

}  // namespace highwater::engine
