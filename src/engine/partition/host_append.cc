// Appends of one core: each request is one call with a part for each partition; tickets lead from a partition's answer
// back to the part.
#include <utility>

#include "engine/partition/host_body.h"

namespace highwater::engine {

namespace {

replica::TicketId ticket_of(std::uint64_t call, std::size_t part) { return call << ticket_part_bits | part; }
std::uint64_t call_of(replica::TicketId ticket) { return ticket >> ticket_part_bits; }
std::size_t part_of(replica::TicketId ticket) { return ticket & (request_parts_max - 1); }

}  // namespace

void PartitionHost::Body::append(std::vector<AppendPart> parts, AppendOptions append_options,
                                 Reply<std::vector<AppendOutcome>> reply) {
  const std::uint64_t id = ++last_call;
  auto owned = std::make_unique<AppendCall>(AppendCall{{}, parts.size(), append_options.deadline, std::move(reply)});
  AppendCall& call = *owned;
  call.parts.resize(parts.size());
  // One more than there are parts, until all were handed over: a part may be answered on the spot.
  ++call.open_parts;
  appends.emplace(id, std::move(owned));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto entry = by_id.find(parts[i].partition);
    if (stopping || entry == by_id.end() || entry->second->removing || i >= request_parts_max) {
      call.parts[i].outcome.error =
          stopping ? ErrorCode::not_leader_or_follower : ErrorCode::unknown_topic_or_partition;
      close_part(call, id, i);
    } else if (entry->second->opening) {
      call.parts[i].outcome.error = ErrorCode::not_leader_or_follower;
      close_part(call, id, i);
    } else {
      call.parts[i].partition = entry->second->partition.get();
      entry->second->partition->append({std::move(parts[i].records), append_options, ticket_of(id, i)});
    }
  }
  if (call.open_parts > 1) deadlines.add(call.deadline, id);
  --call.open_parts;
  finish_if_done(call, id);
}

void PartitionHost::Body::close_part(AppendCall& call, std::uint64_t id, std::size_t part) {
  call.parts[part].open = false;
  --call.open_parts;
  finish_if_done(call, id);
}

void PartitionHost::Body::finish_if_done(AppendCall& call, std::uint64_t id) {
  if (call.open_parts != 0) return;
  std::vector<AppendOutcome> outcomes;
  outcomes.reserve(call.parts.size());
  for (AppendCall::Part& part : call.parts) outcomes.push_back(std::move(part.outcome));
  Reply<std::vector<AppendOutcome>> answer = std::move(call.reply);
  deadlines.remove(call.deadline, id);
  appends.erase(id);
  answer.complete(std::move(outcomes));
}

void PartitionHost::Body::on_placed(replica::TicketId ticket, AppendOutcome outcome) {
  const auto found = appends.find(call_of(ticket));
  if (found == appends.end()) return;
  AppendCall& call = *found->second;
  AppendCall::Part& part = call.parts[part_of(ticket)];
  if (!part.open) return;
  const bool refused = outcome.error != ErrorCode::none;
  part.outcome = std::move(outcome);
  if (refused) close_part(call, call_of(ticket), part_of(ticket));
}

void PartitionHost::Body::on_answered(replica::TicketId ticket, ErrorCode error) {
  const auto found = appends.find(call_of(ticket));
  if (found == appends.end()) return;
  AppendCall& call = *found->second;
  AppendCall::Part& part = call.parts[part_of(ticket)];
  if (!part.open) return;
  part.outcome.error = error;
  if (error != ErrorCode::none) part.outcome.base_offset = no_offset;
  close_part(call, call_of(ticket), part_of(ticket));
}

// As DelayedProduce.onExpiration: what is not acknowledged by now is REQUEST_TIMED_OUT, and may be in the log.
void PartitionHost::Body::expire_append(std::uint64_t id) {
  const auto found = appends.find(id);
  if (found == appends.end()) return;
  ++counters.timeouts;
  AppendCall& call = *found->second;
  for (std::size_t i = 0; i < call.parts.size(); ++i) {
    AppendCall::Part& part = call.parts[i];
    if (!part.open) continue;
    part.partition->forget(ticket_of(id, i));
    part.outcome.error = ErrorCode::request_timed_out;
    part.open = false;
    --call.open_parts;
  }
  finish_if_done(call, id);
}

}  // namespace highwater::engine
