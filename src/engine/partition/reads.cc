#include "engine/partition/reads.h"

#include <algorithm>
#include <utility>

#include "foundation/base/planted.h"

namespace highwater::engine {

namespace {

std::size_t readable_in(const std::vector<ReadOutcome>& outcomes) {
  std::size_t sum = 0;
  for (const ReadOutcome& outcome : outcomes) sum += outcome.readable;
  return sum;
}

// A limit or the end of a segment stopped the read: there is at least what the limit allows.
std::size_t readable_of(const LogRead& found, const ReadLimits& limits) {
  return found.next_offset < limits.upper ? std::max(found.bytes, limits.max_bytes) : found.bytes;
}

// Kafka's limits: the first partition that has data gives its first batch whole, later ones fit what is left (KIP-74).
class Budget {
 public:
  explicit Budget(const ReadOptions& options) : left_(options.max_bytes), may_stay_in_file_(options.may_stay_in_file) {}

  ReadLimits limits(const ReadPart& part, Offset upper) const {
    ReadLimits limits;
    limits.from = part.offset;
    limits.upper = upper;
    limits.max_bytes = std::min(part.max_bytes, left_);
    limits.may_stay_in_file = may_stay_in_file_;
    limits.first = used_ ? ReadLimits::FirstBatch::within_limit : ReadLimits::FirstBatch::whole;
    return limits;
  }
  void took(std::size_t bytes) {
    used_ = used_ || bytes != 0;
    left_ -= std::min(left_, bytes);
  }

 private:
  std::size_t left_;
  bool may_stay_in_file_;
  bool used_ = false;
};

}  // namespace

Reads::Reads(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {}

void Reads::read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
                 Reply<std::vector<ReadOutcome>> reply) {
  ++host_.counters.reads;
  const std::uint64_t id = ++last_;
  auto call = std::make_unique<Call>(*this, id, std::move(parts), options, std::move(reply));
  call->watch = watch;
  calls_.emplace(id, std::move(call));
  serve(id, When::enough);
}

void Reads::cancel(std::uint64_t watch) {
  const auto found = std::ranges::find_if(calls_, [watch](const auto& entry) { return entry.second->watch == watch; });
  if (found == calls_.end()) return;
  found->second->cancelled = true;
  if (found->second->reading) return;
  unpark(found->first, *found->second);
  conclude(found->first, std::vector<ReadOutcome>(found->second->parts.size()), When::at_once);
}

void Reads::release(Partition& partition) {
  for (const std::uint64_t call : std::vector<std::uint64_t>(partition.parked))
    if (const auto read = calls_.find(call); read != calls_.end() && !read->second->reading) serve(call, When::at_once);
  partition.parked.clear();
}

void Reads::end_all() {
  std::vector<std::uint64_t> waiting;
  for (const auto& [id, call] : calls_)
    if (!call->reading) waiting.push_back(id);
  for (const std::uint64_t id : waiting) {
    std::vector<ReadOutcome> outcomes(calls_.at(id)->parts.size());
    for (ReadOutcome& outcome : outcomes) outcome.error = ErrorCode::not_leader_or_follower;
    unpark(id, *calls_.at(id));
    conclude(id, std::move(outcomes), When::at_once);
  }
}

void Reads::serve(std::uint64_t id, When when) {
  Call& call = *calls_.at(id);
  // A call that reads files is not parked: its partitions may go meanwhile.
  unpark(id, call);
  note_seen(call);
  std::vector<ReadOutcome> outcomes;
  if (read_from_memory(call, outcomes)) {
    conclude(id, std::move(outcomes), when);
    return;
  }
  call.reading = true;
  tasks_.spawn(read_from_files(id, when));
}

bool Reads::read_from_memory(const Call& call, std::vector<ReadOutcome>& outcomes) {
  Budget budget(call.options);
  outcomes.resize(call.parts.size());
  for (std::size_t i = 0; i < call.parts.size(); ++i) {
    const ReadPart& part = call.parts[i];
    const auto serving = host_.hosted.serving(part.partition);
    if (!serving.has_value()) {
      outcomes[i].error = serving.error();
      continue;
    }
    Partition& partition = *(*serving)->partition;
    const Partition::ReadBounds bounds = partition.prepare_read(part, call.options, outcomes[i]);
    if (!bounds.readable) continue;
    const ReadLimits limits = budget.limits(part, bounds.upper);
    auto found = partition.store().try_read(limits);
    if (!found.has_value()) return false;
    budget.took(found->bytes);
    outcomes[i].readable = readable_of(*found, limits);
    outcomes[i].records = std::move(found->slices);
    if (call.options.isolation == Isolation::read_committed)
      partition.add_aborted(part.offset, found->next_offset, outcomes[i]);
  }
  return true;
}

io::Task<std::vector<ReadOutcome>> Reads::read_parts(std::vector<ReadPart> parts, ReadOptions options) {
  Budget budget(options);
  std::vector<ReadOutcome> outcomes(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ReadPart& part = parts[i];
    ReadOutcome& outcome = outcomes[i];
    const auto serving = host_.hosted.serving(part.partition);
    if (!serving.has_value()) {
      outcome.error = serving.error();
      continue;
    }
    HostedPartition& hosted = **serving;
    Partition& partition = *hosted.partition;
    const Partition::ReadBounds bounds = partition.prepare_read(part, options, outcome);
    if (!bounds.readable) continue;
    hosted.users.begin();
    const ReadLimits limits = budget.limits(part, bounds.upper);
    auto found = co_await partition.store().read(limits);
    hosted.users.end();
    if (!found.has_value()) {
      outcome = {};
      outcome.error =
          found.error() == StoreError::out_of_range ? ErrorCode::offset_out_of_range : ErrorCode::kafka_storage_error;
      continue;
    }
    budget.took(found->bytes);
    outcome.readable = readable_of(*found, limits);
    outcome.records = std::move(found->slices);
    outcome.file = std::move(found->file);
    if (options.isolation == Isolation::read_committed) partition.add_aborted(part.offset, found->next_offset, outcome);
  }
  co_return outcomes;
}

io::Task<void> Reads::read_from_files(std::uint64_t id, When when) {
  Call& call = *calls_.at(id);
  auto outcomes = co_await read_parts(call.parts, call.options);
  call.reading = false;
  conclude(id, std::move(outcomes), when);
}

void Reads::conclude(std::uint64_t id, std::vector<ReadOutcome> outcomes, When when) {
  Call& call = *calls_.at(id);
  const std::size_t bytes = readable_in(outcomes);
  const bool enough = call.parts.empty() || bytes >= call.options.min_bytes;
  const bool waits = when == When::enough && !host_.hosted.is_stopping() && !call.cancelled && !enough &&
                     call.options.deadline > host_.reactor.now() &&
                     std::ranges::none_of(outcomes, &ReadOutcome::must_tell);
  if (waits) {
    park(id, call, bytes);
    return;
  }
  Reply<std::vector<ReadOutcome>> reply = std::move(call.reply);
  calls_.erase(id);
  reply.complete(std::move(outcomes));
}

// Before it is read: what comes while files are read must count as news when it parks.
void Reads::note_seen(Call& call) {
  call.seen.clear();
  for (const ReadPart& part : call.parts) {
    const auto serving = host_.hosted.serving(part.partition);
    if (!serving.has_value() || !(*serving)->partition->online()) continue;
    Partition& partition = *(*serving)->partition;
    call.seen.push_back({part.partition, &partition, partition.leader_epoch(), partition.last_stable_offset(),
                         partition.store().segment_base_of(partition.store().end()),
                         partition.visible_bytes(call.options.replica),
                         partition.last_stable_offset() < partition.high_watermark()});
  }
}

void Reads::park(std::uint64_t id, Call& call, std::size_t bytes) {
  ++host_.counters.reads_parked;
  call.bytes_found = bytes;
  // A partition that was not there when the call looked, and has been read since, would never wake it.
  const bool some_came = call.seen.size() < call.parts.size();
  if (some_came || any_gone(call) || is_worth_reading(call)) {
    serve(id, When::enough);
    return;
  }
  call.parked = true;
  for (const Call::Seen& at : call.seen) at.partition->parked.push_back(id);
  host_.deadlines.set(call.options.deadline, call);
}

bool Reads::any_gone(const Call& call) const {
  return std::ranges::any_of(call.seen, [this](const Call::Seen& at) {
    const auto serving = host_.hosted.serving(at.id);
    return !serving.has_value() || (*serving)->partition.get() != at.partition;
  });
}

void Reads::unpark(std::uint64_t id, Call& call) {
  if (!std::exchange(call.parked, false)) return;
  call.withdraw();
  for (const Call::Seen& at : call.seen) std::erase(at.partition->parked, id);
}

// DelayedFetch.tryComplete: enough bytes came, the leader changed, a segment was rolled, or the log went away.
bool Reads::is_worth_reading(const Call& call) {
  std::uint64_t bytes = call.bytes_found;
  for (std::size_t i = 0; i < call.seen.size(); ++i) {
    const Call::Seen& at = call.seen[i];
    const Partition& partition = *at.partition;
    if (partition.check_leader(no_epoch) != ErrorCode::none || partition.leader_epoch() != at.leader_epoch) return true;
    if (partition.store().segment_base_of(partition.store().end()) != at.segment) return true;
    const std::uint64_t more = partition.visible_bytes(call.options.replica) - at.visible;
    const bool stands_still =
        call.options.isolation == Isolation::read_committed && partition.last_stable_offset() == at.stable;
    // How many bytes became stable by the end of a transaction is not counted: it is read again.
    const bool was_decided = call.options.isolation == Isolation::read_committed && !stands_still && at.holds_undecided;
    if (was_decided) return true;
    if (!stands_still) bytes += more;
  }
  return bytes != call.bytes_found && bytes >= call.options.min_bytes;
}

void Reads::on_news(Partition& partition) {
  if (partition.news_noted || partition.parked.empty()) return;
  if (HW_PLANTED("forgotten_wake_up")) return;
  partition.news_noted = true;
  news_.push_back(partition.identity().id);
  host_.reactor.request_turn_end(*this);
}

void Reads::at_turn_end() {
  for (const TopicPartition& id : std::exchange(news_, {})) {
    HostedPartition* hosted = host_.hosted.find(id);
    if (hosted == nullptr || hosted->partition == nullptr) continue;
    Partition& partition = *hosted->partition;
    partition.news_noted = false;
    const std::vector<std::uint64_t> waiting = partition.parked;
    for (const std::uint64_t call : waiting) {
      const auto found = calls_.find(call);
      if (found == calls_.end() || found->second->reading) continue;
      if (!is_worth_reading(*found->second)) continue;
      serve(call, When::enough);
    }
  }
}

void Reads::Call::on_deadline() {
  if (!reading) reads.serve(id, When::at_once);
}

}  // namespace highwater::engine
