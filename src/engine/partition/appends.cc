#include "engine/partition/appends.h"

#include <utility>

namespace highwater::engine {

namespace {

// A request whose answer goes to another core, or into a future of this one. It owns itself: it ends with that answer,
// or with the partitions.
class RepliedAppend final : private AppendWaiter {
 public:
  using Outcomes = std::vector<AppendOutcome>;
  RepliedAppend(std::vector<AppendPart> what, AppendOptions how, Reply<Outcomes> caller) : reply_(std::move(caller)) {
    call.options = how;
    call.parts.reserve(what.size());
    for (AppendPart& part : what) call.parts.push_back({.id = part.partition, .records = std::move(part.records)});
  }

  AppendCall call{*this};

 private:
  ~RepliedAppend() = default;

  void on_appended() override {
    Outcomes outcomes;
    outcomes.reserve(call.parts.size());
    for (AppendCall::Part& part : call.parts) outcomes.push_back(std::move(part.outcome));
    Reply<Outcomes> reply = std::move(reply_);
    delete this;
    reply.complete(std::move(outcomes));
  }
  void on_given_up() override { delete this; }

  Reply<Outcomes> reply_;
};

}  // namespace

Appends::Appends(HostShared& host) : host_(host) {}

void Appends::append(std::vector<AppendPart> parts, AppendOptions options, Reply<std::vector<AppendOutcome>> reply) {
  AppendCall& call = (new RepliedAppend(std::move(parts), options, std::move(reply)))->call;
  for (std::size_t i = 0; i < call.parts.size(); ++i) {
    AppendCall::Part& part = call.parts[i];
    HostedPartition* const hosted = i < request_parts_max ? host_.hosted.find_serving(part.id) : nullptr;
    if (hosted != nullptr) {
      part.partition = hosted->partition.get();
    } else {
      part.outcome.error = host_.hosted.why_not(part.id);
      part.open = false;
    }
  }
  start(call);
}

bool Appends::append_here(AppendCall& call) {
  if (call.parts.size() > request_parts_max) return false;
  for (AppendCall::Part& part : call.parts) {
    HostedPartition* const hosted = host_.hosted.find_serving(part.id);
    if (hosted == nullptr) return false;
    part.partition = hosted->partition.get();
  }
  start(call);
  return true;
}

void Appends::start(AppendCall& call) {
  if (calls_.full()) {
    for (AppendCall::Part& part : call.parts) part.outcome.error = ErrorCode::request_timed_out;
    return call.waiter().on_appended();
  }
  calls_.add(call);
  // One more than there are parts, until all were handed over: a part may be answered on the spot.
  call.open_parts = 1;
  for (const AppendCall::Part& part : call.parts) call.open_parts += part.open ? 1 : 0;
  for (std::size_t i = 0; i < call.parts.size(); ++i) {
    AppendCall::Part& part = call.parts[i];
    if (part.open) part.partition->append({std::move(part.records), call.options, call.ticket(i)});
  }
  if (call.open_parts > 1) host_.deadlines.set(call.options.deadline, call);
  --call.open_parts;
  finish_if_done(call);
}

void Appends::close_part(AppendCall& call, std::size_t part) {
  call.parts[part].open = false;
  --call.open_parts;
  finish_if_done(call);
}

void Appends::finish_if_done(AppendCall& call) {
  if (call.open_parts != 0) return;
  calls_.remove(call);
  call.waiter().on_appended();
}

void Appends::on_admitted(replica::TicketId ticket, AppendOutcome&& outcome) {
  AppendCall* const call = calls_.find(ticket);
  if (call == nullptr || !call->parts[part_of(ticket)].open) return;
  const bool refused = outcome.error != ErrorCode::none;
  call->parts[part_of(ticket)].outcome = std::move(outcome);
  if (refused) close_part(*call, part_of(ticket));
}

void Appends::on_answered(replica::TicketId ticket, ErrorCode error) {
  AppendCall* const call = calls_.find(ticket);
  if (call == nullptr || !call->parts[part_of(ticket)].open) return;
  AppendOutcome& outcome = call->parts[part_of(ticket)].outcome;
  outcome.error = error;
  if (error != ErrorCode::none) outcome.base_offset = no_offset;
  close_part(*call, part_of(ticket));
}

// As DelayedProduce.onExpiration: what is not acknowledged by now is REQUEST_TIMED_OUT, and may be in the log.
void Appends::on_append_expired(AppendCall& call) {
  ++host_.counters.timeouts;
  for (std::size_t i = 0; i < call.parts.size(); ++i) {
    AppendCall::Part& part = call.parts[i];
    if (!part.open) continue;
    part.partition->forget(call.ticket(i));
    part.outcome.error = ErrorCode::request_timed_out;
    part.open = false;
    --call.open_parts;
  }
  finish_if_done(call);
}

}  // namespace highwater::engine
