// The way of an append on the core of its partitions. First the request: its parts are handed over and their answers
// gathered. Then each partition: validated, admitted, stamped, handed to the log, and answered when the offsets that it
// got are as far as it asks.
#include <utility>

#include "engine/partition/appends.h"
#include "engine/partition/partition.h"
#include "protocol/records/batch_patch.h"

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
    const auto serving = host_.hosted.serving(part.id);
    if (serving.has_value() && i < request_parts_max) {
      part.partition = (*serving)->partition.get();
    } else {
      part.outcome.error = serving.has_value() ? ErrorCode::unknown_topic_or_partition : serving.error();
      part.open = false;
    }
  }
  start(call);
}

bool Appends::append_here(AppendCall& call) {
  if (call.parts.size() > request_parts_max) return false;
  for (AppendCall::Part& part : call.parts) {
    const auto serving = host_.hosted.serving(part.id);
    if (!serving.has_value()) return false;
    part.partition = (*serving)->partition.get();
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

namespace {

constexpr std::size_t queue_max = 10'000;
// Of one log, until appends that ask for no acknowledgement wait for the disk too.
constexpr std::uint64_t unwritten_max = std::uint64_t{4} << 20;
// Up to this size records that wait are copied: they may be a small part of memory that many requests share.
constexpr std::size_t shared_records_max = std::size_t{16} << 10;

Slice lasting(const Slice& records) {
  return records.size() <= shared_records_max ? Slice::copy_of(records.view()) : records;
}

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

records::TopicRules rules_of(const configs::TopicSettings& settings, std::uint64_t inflated_max) {
  records::TopicRules rules;
  rules.batch_bytes_max = settings.max_message_bytes;
  rules.output_bytes_max = inflated_max;
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
  if (validating_) {
    job.records = lasting(job.records);
    queue_.push_back(std::move(job));
  } else {
    begin(job);
  }
}

void Partition::pump() {
  while (!validating_ && !queue_.empty()) {
    AppendJob job = std::move(queue_.front());
    queue_.pop_front();
    begin(job);
  }
}

// Validates a small append on the spot.
void Partition::begin(AppendJob& job) {
  const records::ProduceTerms terms{
      .zstd_allowed = job.options.zstd_allowed, .now = reactor_.wall_now(), .partition = name_, .shelf = &shelf_};
  if (!records::steps_are_large(job.records.view())) {
    records::BatchValidation quick(job.records.view(), rules_, terms);
    if (quick.step(records::validation_slice_bytes) == records::Progress::done) {
      const records::Verdict& verdict = quick.verdict();
      if (verdict.reject || verdict.keeping == records::Keeping::as_is) {
        return finish(job, verdict.reject ? ByteView{} : quick.batch().bytes(), verdict);
      }
    }
  }
  // It begins again: what was done so far is one slice.
  ++counters_.validations_sliced;
  validating_ = true;
  validating_ticket_ = job.ticket;
  job.records = lasting(job.records);
  start_slowly(std::move(job), rules_, terms);
}

void Partition::finish(AppendJob& job, ByteView batch, const records::Verdict& verdict) {
  if (verdict.reject.has_value()) {
    AppendOutcome outcome;
    outcome.error = records::kafka_error(*verdict.reject);
    outcome.message = verdict.message.empty() ? std::string(records::explain(*verdict.reject)) : verdict.message;
    for (const records::RecordIssue& issue : verdict.record_issues)
      outcome.record_errors.push_back({issue.batch_index, issue.message});
    outcome.log_start_offset = records::is_refused_before_log(*verdict.reject) ? no_offset : store_.start();
    ++counters_.appends_refused;
    appends_.on_admitted(job.ticket, std::move(outcome));
    return;
  }
  // These bytes belong to this request alone: the frame was received for it and goes nowhere else.
  const auto at = static_cast<std::size_t>(batch.data() - job.records.data());
  const MutableBytes own = job.records.writable().subspan(at, batch.size());
  admit(job, own, verdict);
}

void Partition::admit(const AppendJob& job, MutableBytes batch, const records::Verdict& verdict) {
  // A validation may have taken several turns.
  const ErrorCode error = check_append(job);
  if (error != ErrorCode::none) {
    refuse(job, error);
    return;
  }
  const log::BatchFacts facts = log::facts_of({.bytes = batch, .position = 0, .magic = records::current_magic});
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
      appends_.on_admitted(job.ticket, std::move(outcome));
      return;
    case log::LeaderAnswer::duplicate:
      ++counters_.duplicates;
      outcome.log_append_time_ms = decision.timestamp;
      break;
    case log::LeaderAnswer::append: {
      records::Stamp stamp;
      stamp.base_offset = decision.base_offset;
      stamp.leader_epoch = leader_epoch_;
      stamp.timestamp_type = rules_.timestamp_type;
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
  appends_.on_admitted(ticket, std::move(outcome));
  switch (job.options.acks) {
    case Acks::none:
      if (store_.unwritten_bytes() <= unwritten_max) {
        appends_.on_answered(ticket, ErrorCode::none);
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
  outcome.log_start_offset = store_.start();
  ++counters_.appends_refused;
  appends_.on_admitted(job.ticket, std::move(outcome));
}

}  // namespace highwater::engine
