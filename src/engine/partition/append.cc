// The way of an append through this room, in the order in which it is gone: the door cuts a request by owning core; on
// each core it is one call with a part for each partition; a partition validates its part, admits it and hands it to
// the log. Tickets lead from a partition's answer back to the part.
#include <fmt/format.h>

#include <utility>

#include "engine/partition/host_body.h"
#include "engine/partition/partition.h"
#include "engine/partition/partitions.h"
#include "engine/partition/shares.h"
#include "foundation/base/check.h"
#include "protocol/records/batch_patch.h"

namespace highwater::engine {

// -- the door ---------------------------------------------------------------------------------------------------------

io::Future<std::vector<AppendOutcome>> Partitions::append(std::vector<AppendPart> parts, AppendOptions options) {
  std::vector<Share> shares = split(parts);
  if (shares.empty()) return io::Future<std::vector<AppendOutcome>>::ready({});
  if (shares.size() == 1) return append_on(shares.front().core, std::move(parts), options);
  auto [promise, future] = cores_.reactor(self_).make_future<std::vector<AppendOutcome>>();
  tasks_.spawn(gather_appends(std::move(shares), std::move(parts), options, std::move(promise)));
  return std::move(future);
}

io::Task<void> Partitions::gather_appends(std::vector<Share> shares, std::vector<AppendPart> parts,
                                          AppendOptions options, io::Promise<std::vector<AppendOutcome>> promise) {
  std::vector<AppendOutcome> outcomes(parts.size());
  std::vector<io::Future<std::vector<AppendOutcome>>> calls;
  for (const Share& share : shares) calls.push_back(append_on(share.core, pick(parts, share.parts), options));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    auto done = co_await std::move(calls[i]);
    put_back(outcomes, std::move(done), shares[i].parts);
  }
  promise.complete(std::move(outcomes));
}

io::Future<std::vector<AppendOutcome>> Partitions::append_on(CoreIndex core, std::vector<AppendPart> parts,
                                                             AppendOptions options) {
  using Outcomes = std::vector<AppendOutcome>;
  return cores_.call<Outcomes>(self_, core,
                               [host = hosts_[core], parts = std::move(parts), options](Reply<Outcomes> reply) mutable {
                                 host->append(std::move(parts), options, std::move(reply));
                               });
}

// -- one core ---------------------------------------------------------------------------------------------------------

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

// -- one partition ----------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t queue_max = 10'000;
// Of one log, until appends that ask for no acknowledgement wait for the disk too.
constexpr std::uint64_t unwritten_max = std::uint64_t{4} << 20;

records::Codec codec_of(configs::CompressionChoice choice) {
  switch (choice) {
    case configs::CompressionChoice::producer:
    case configs::CompressionChoice::uncompressed:
      return records::Codec::none;
    case configs::CompressionChoice::gzip:
      return records::Codec::gzip;
    case configs::CompressionChoice::snappy:
      return records::Codec::snappy;
    case configs::CompressionChoice::lz4:
      return records::Codec::lz4;
    case configs::CompressionChoice::zstd:
      return records::Codec::zstd;
  }
  return records::Codec::none;
}

}  // namespace

records::TopicRules Partition::rules() const {
  const configs::TopicSettings& settings = store_.settings();
  records::TopicRules rules;
  rules.batch_bytes_max = settings.max_message_bytes;
  rules.output_bytes_max = inflated_max_;
  rules.compacted = settings.cleanup_compact;
  rules.timestamp_type = settings.message_timestamp_type == configs::TimestampType::log_append_time
                             ? records::TimestampType::log_append_time
                             : records::TimestampType::create_time;
  rules.timestamp_before_max_ms = settings.message_timestamp_before_max_ms;
  rules.timestamp_after_max_ms = settings.message_timestamp_after_max_ms;
  if (settings.compression_type != configs::CompressionChoice::producer)
    rules.compression = codec_of(settings.compression_type);
  rules.levels.gzip = settings.compression_gzip_level;
  rules.levels.lz4 = settings.compression_lz4_level;
  rules.levels.zstd = settings.compression_zstd_level;
  return rules;
}

ErrorCode Partition::check_append(const AppendJob& job) const {
  if (resigned_) return ErrorCode::not_leader_or_follower;
  if (!online_ || !store_.ready()) return ErrorCode::kafka_storage_error;
  if (!leader_.has_value()) return ErrorCode::not_leader_or_follower;
  if (job.options.acks == Acks::all && !leader_->enough_in_sync()) return ErrorCode::not_enough_replicas;
  return ErrorCode::none;
}

void Partition::append(AppendJob job) {
  const ErrorCode error = check_append(job);
  if (error != ErrorCode::none) {
    refuse(job, error);
    return;
  }
  if (queue_.size() >= queue_max) {
    refuse(job, ErrorCode::request_timed_out, "Too many appends wait for this partition.");
    return;
  }
  ++counters_.appends;
  queue_.push_back(std::move(job));
  pump();
}

void Partition::pump() {
  while (!validating_ && !queue_.empty()) {
    AppendJob job = std::move(queue_.front());
    queue_.pop_front();
    const records::TopicRules topic_rules = rules();
    records::ProduceTerms terms;
    terms.zstd_allowed = job.options.zstd_allowed;
    terms.now = reactor_.wall_now();
    terms.partition = name_;
    terms.shelf = &shelf_;
    if (!records::steps_are_large(job.records.view())) {
      records::BatchValidation quick(job.records.view(), topic_rules, terms);
      if (quick.step(records::validation_slice_bytes) == records::Progress::done) {
        const bool rewrite = !quick.verdict().reject && quick.verdict().keeping == records::Keeping::rewrite;
        if (!rewrite) {
          const ByteView batch = quick.verdict().reject ? ByteView{} : quick.batch().bytes();
          finish(std::move(job), batch, quick.take_verdict());
          continue;
        }
      }
    }
    // It begins again: what was done so far is one slice.
    ++counters_.validations_sliced;
    validating_ = true;
    validating_ticket_ = job.ticket;
    start_slowly(std::move(job), topic_rules, terms);
  }
}

void Partition::finish(AppendJob job, ByteView batch, records::Verdict verdict) {
  if (verdict.reject.has_value()) {
    AppendOutcome outcome;
    outcome.error = records::kafka_error(*verdict.reject);
    outcome.message =
        verdict.message.empty() ? std::string(records::explain(*verdict.reject)) : std::move(verdict.message);
    for (records::RecordIssue& issue : verdict.record_issues)
      outcome.record_errors.push_back({issue.batch_index, std::move(issue.message)});
    outcome.log_start_offset = records::is_refused_before_log(*verdict.reject) ? no_offset : store_.start();
    ++counters_.appends_refused;
    events_.on_placed(job.ticket, std::move(outcome));
    return;
  }
  // These bytes belong to this request alone: the frame was received for it and goes nowhere else.
  const auto at = static_cast<std::size_t>(batch.data() - job.records.data());
  const MutableBytes own = job.records.writable().subspan(at, batch.size());
  admit(std::move(job), own, verdict);
}

void Partition::admit(AppendJob job, MutableBytes batch, const records::Verdict& verdict) {
  // A validation may have taken several turns.
  const ErrorCode error = check_append(job);
  if (error != ErrorCode::none) {
    refuse(job, error);
    return;
  }
  records::BatchScanner scanner(batch);
  const auto raw = scanner.next();
  HW_CHECK(raw.has_value());
  const log::BatchFacts facts = log::facts_of(*raw);
  log::LeaderWrite write;
  write.leader_epoch = leader_epoch_;
  write.segment_bytes_max = store_.settings().segment_bytes;
  // Until transactions are built, nothing transactional comes this far.
  write.terms.verification = log::Verification::disabled;
  const log::LeaderDecision decision = store_.admission().admit(facts, write);
  AppendOutcome outcome;
  outcome.log_start_offset = store_.start();
  switch (decision.answer) {
    case log::LeaderAnswer::reject:
      outcome.error = log::kafka_error(decision.reject);
      outcome.message = log::explain(decision.reject);
      ++counters_.appends_refused;
      events_.on_placed(job.ticket, std::move(outcome));
      return;
    case log::LeaderAnswer::duplicate:
      ++counters_.duplicates;
      outcome.log_append_time_ms = decision.timestamp;
      break;
    case log::LeaderAnswer::append: {
      records::Stamp stamp;
      stamp.base_offset = decision.base_offset;
      stamp.leader_epoch = leader_epoch_;
      stamp.timestamp_type = rules().timestamp_type;
      stamp.max_timestamp = verdict.max_timestamp;
      records::stamp(batch, stamp);
      if (stamp.timestamp_type == records::TimestampType::log_append_time)
        outcome.log_append_time_ms = verdict.max_timestamp;
      log::BatchFacts placed = facts.placed_at(decision.base_offset, leader_epoch_);
      placed.max_timestamp = verdict.max_timestamp;
      store_.append(batch, placed);
      appended_bytes_ += batch.size();
      above_watermark_.push_back({decision.last_offset + 1, appended_bytes_});
      break;
    }
  }
  outcome.base_offset = decision.base_offset;
  const replica::TicketId ticket = job.ticket;
  events_.on_placed(ticket, std::move(outcome));
  switch (job.options.acks) {
    case Acks::none:
      if (store_.unwritten_bytes() <= unwritten_max) {
        events_.on_answered(ticket, ErrorCode::none);
        break;
      }
      [[fallthrough]];  // the disk is behind: without this, memory would hold what it cannot take
    case Acks::leader:
      leader_->wait(ticket, decision.last_offset + 1, replica::Need::local);
      settle();
      break;
    case Acks::all:
      leader_->wait(ticket, decision.last_offset + 1, replica::Need::in_sync);
      settle();
      break;
  }
}

void Partition::refuse(const AppendJob& job, ErrorCode error, std::string message) {
  AppendOutcome outcome;
  outcome.error = error;
  outcome.message = std::move(message);
  outcome.current_leader_epoch = leader_epoch_;
  outcome.log_start_offset = store_.start();
  ++counters_.appends_refused;
  events_.on_placed(job.ticket, std::move(outcome));
}

}  // namespace highwater::engine
