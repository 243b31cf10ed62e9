#include "machines/log/producers.h"

#include <algorithm>

#include "foundation/base/check.h"

namespace highwater::log {
namespace {

// KAFKA-890: markers of transaction version 2 come with a bumped epoch.
constexpr std::int16_t epoch_bumping_version = 2;

bool follows(std::int32_t last, std::int32_t next) {
  return next == static_cast<std::int64_t>(last) + 1 || (next == 0 && last == INT32_MAX);
}

std::optional<AppendReject> check_marker(const BatchFacts& batch, const ProducerEntry& entry, const WriteTerms& terms) {
  if (!batch.marker) return std::nullopt;
  const bool bumping = terms.transaction_version >= epoch_bumping_version;
  const bool stale = bumping ? batch.producer_epoch <= entry.epoch : batch.producer_epoch < entry.epoch;
  // A marker that comes again after its transaction ended is written again (KAFKA-19999).
  const bool repeated = bumping && batch.producer_epoch == entry.epoch &&
                        (!entry.has_open_transaction() || batch.producer_epoch == INT16_MAX);
  if (stale && !repeated) return AppendReject::stale_producer_epoch;
  if (entry.coordinator_epoch > batch.marker->coordinator_epoch) return AppendReject::stale_coordinator_epoch;
  return std::nullopt;
}

}  // namespace

std::optional<CachedBatch> ProducerTable::find_duplicate(const BatchFacts& batch) const {
  const ProducerEntry* const entry = find(batch.producer_id);
  if (entry == nullptr || entry->epoch != batch.producer_epoch) return std::nullopt;
  return entry->find(batch.base_sequence, batch.last_sequence);
}

std::optional<AppendReject> ProducerTable::check(const BatchFacts& batch, const WriteTerms& terms) const {
  HW_CHECK(batch.has_producer_id());
  static const ProducerEntry unknown;
  const ProducerEntry* const found = find(batch.producer_id);
  if (found == nullptr && producers_.size() >= producers_max) return AppendReject::too_many_producers;
  const ProducerEntry& entry = found == nullptr ? unknown : *found;
  if (terms.origin != AppendOrigin::raft_leader) {
    if (const auto reject = check_verified(batch, terms)) return reject;
  }
  if (batch.kind == BatchKind::control) return check_marker(batch, entry, terms);

  if (batch.producer_epoch < entry.epoch) return AppendReject::stale_producer_epoch;
  if (terms.origin == AppendOrigin::client) {
    if (const auto reject = check_sequence(batch, entry)) return reject;
  }
  if (entry.has_open_transaction() && batch.scope == BatchScope::plain) return AppendReject::invalid_transaction_state;
  return std::nullopt;
}

// A transactional batch may only follow others of an open transaction, or come with the guard of a verification.
std::optional<AppendReject> ProducerTable::check_verified(const BatchFacts& batch, const WriteTerms& terms) const {
  if (batch.scope == BatchScope::plain || has_open_transaction(batch.producer_id, batch.producer_epoch)) {
    return std::nullopt;
  }
  const ProducerEntry* const entry = find(batch.producer_id);
  if (entry != nullptr && batch.producer_epoch < entry->epoch) return AppendReject::stale_producer_epoch;
  if (terms.verification == Verification::disabled || batch.kind == BatchKind::control) return std::nullopt;
  const auto pending = verifications_.find(batch.producer_id);
  const bool verified =
      terms.guard != no_guard && pending != verifications_.end() && pending->second.guard == terms.guard;
  return verified ? std::nullopt : std::optional(AppendReject::invalid_transaction_state);
}

std::optional<AppendReject> ProducerTable::check_sequence(const BatchFacts& batch, const ProducerEntry& entry) const {
  const std::int32_t first = batch.base_sequence;
  if (const auto pending = verifications_.find(batch.producer_id); pending != verifications_.end()) {
    // With epoch bumps a producer without state begins a transaction and must begin at 0; and a later batch must not
    // overtake an earlier one that is still being verified.
    const bool stateless = !entry.has_batches();
    if (pending->second.bump == EpochBump::supported && first != 0 && stateless) {
      return AppendReject::out_of_order_sequence;
    }
    if (first > pending->second.lowest_sequence) return AppendReject::out_of_order_sequence;
  }
  // State that was lost to retention or DeleteRecords: any sequence may begin it anew.
  if (entry.epoch == records::no_producer_epoch) return std::nullopt;
  const bool in_order = batch.producer_epoch == entry.epoch ? follows(entry.last_sequence(), first) : first == 0;
  return in_order ? std::nullopt : std::optional(AppendReject::out_of_order_sequence);
}

std::optional<CompletedTxn> ProducerTable::apply(const BatchFacts& batch) {
  end_offset_ = batch.last_offset + 1;
  if (!batch.has_producer_id()) return std::nullopt;
  if (batch.scope == BatchScope::transactional) end_verification(batch);
  if (batch.kind == BatchKind::control) {
    // A control batch that compaction emptied says nothing any more.
    return batch.marker ? apply_marker(batch, entry_of(batch.producer_id)) : std::nullopt;
  }
  ProducerEntry& entry = entry_of(batch.producer_id);
  entry.enter_epoch(batch.producer_epoch);
  entry.remember({.last_sequence = batch.last_sequence,
                  .offset_delta = static_cast<std::int32_t>(batch.last_offset - batch.base_offset),
                  .last_offset = batch.last_offset,
                  .timestamp = batch.max_timestamp});
  entry.last_timestamp = batch.max_timestamp;
  if (batch.scope == BatchScope::transactional && !entry.has_open_transaction()) {
    entry.txn_first_offset = batch.base_offset;
    open_.emplace(batch.base_offset, batch.producer_id);
  }
  return std::nullopt;
}

ProducerEntry& ProducerTable::entry_of(ProducerId producer) {
  keep_for_walk(producer);
  const auto [at, fresh] = producers_.try_emplace(producer);
  if (fresh) ids_.insert(producer);
  return at->second;
}

std::optional<CompletedTxn> ProducerTable::apply_marker(const BatchFacts& batch, ProducerEntry& entry) {
  std::optional<CompletedTxn> completed;
  if (entry.has_open_transaction()) {
    const Offset first = entry.txn_first_offset;
    open_.erase(first);
    const auto next_open = open_.begin();
    completed = CompletedTxn{.producer_id = batch.producer_id,
                             .first_offset = first,
                             .last_offset = batch.base_offset,
                             .outcome = batch.marker->outcome,
                             .last_stable_offset = next_open == open_.end() ? batch.base_offset + 1 : next_open->first};
    unreplicated_[first] = {.last_offset = batch.base_offset};
  }
  entry.enter_epoch(batch.producer_epoch);
  entry.coordinator_epoch = batch.marker->coordinator_epoch;
  entry.txn_first_offset = no_offset;
  entry.last_timestamp = batch.marker->timestamp;
  return completed;
}

// The guard has done its work, except when the marker of one transaction meets the verification of the next, which the
// producer began in the same bumped epoch.
void ProducerTable::end_verification(const BatchFacts& batch) {
  const auto pending = verifications_.find(batch.producer_id);
  if (pending == verifications_.end()) return;
  const bool of_next_transaction = pending->second.bump == EpochBump::supported && batch.kind == BatchKind::control &&
                                   batch.producer_epoch == pending->second.epoch;
  if (!of_next_transaction) verifications_.erase(pending);
}

std::optional<Offset> ProducerTable::first_unstable_offset() const {
  if (open_.empty() && unreplicated_.empty()) return std::nullopt;
  const Offset open = open_.empty() ? INT64_MAX : open_.begin()->first;
  const Offset unreplicated = unreplicated_.empty() ? INT64_MAX : unreplicated_.begin()->first;
  return std::min(open, unreplicated);
}

std::optional<Offset> ProducerTable::first_undecided_offset() const {
  return open_.empty() ? std::nullopt : std::optional(open_.begin()->first);
}

void ProducerTable::on_high_watermark(Offset high_watermark) { drop_decided_below(high_watermark); }

void ProducerTable::on_log_start(Offset log_start) {
  drop_decided_below(log_start);
  end_offset_ = std::max(end_offset_, log_start);
}

void ProducerTable::drop_decided_below(Offset offset) {
  std::erase_if(unreplicated_, [offset](const auto& txn) { return txn.second.last_offset < offset; });
}

std::size_t ProducerTable::remove_expired(std::span<const ProducerId> ids, WallTime now, std::int64_t expiration_ms) {
  std::size_t removed = 0;
  for (const ProducerId id : ids) {
    const auto found = producers_.find(id);
    if (found == producers_.end() || !found->second.expires(now, expiration_ms)) continue;
    keep_for_walk(id);
    producers_.erase(found);
    ids_.erase(id);
    ++removed;
  }
  return removed;
}

void ProducerTable::remove_expired_verifications(WallTime now, std::int64_t expiration_ms) {
  absl::erase_if(verifications_,
                 [&](const auto& pending) { return now.ms - pending.second.started_ms >= expiration_ms; });
}

VerificationGuard ProducerTable::start_verification(const BatchFacts& batch, EpochBump bump, WallTime now) {
  const auto known = verifications_.find(batch.producer_id);
  if (known == verifications_.end()) {
    if (verifications_.size() >= verifications_max) return no_guard;
    verifications_[batch.producer_id] = {.guard = ++last_guard_,
                                         .started_ms = now.ms,
                                         .lowest_sequence = batch.base_sequence,
                                         .epoch = batch.producer_epoch,
                                         .bump = bump};
    return last_guard_;
  }
  PendingVerification& pending = known->second;
  if (batch.producer_epoch > pending.epoch) {
    pending.epoch = batch.producer_epoch;
    pending.lowest_sequence = batch.base_sequence;
  } else if (batch.producer_epoch == pending.epoch) {
    pending.lowest_sequence = std::min(pending.lowest_sequence, batch.base_sequence);
  }
  return pending.guard;
}

bool ProducerTable::has_open_transaction(ProducerId producer, std::int16_t epoch) const {
  const ProducerEntry* const entry = find(producer);
  return entry != nullptr && entry->has_open_transaction() && entry->epoch == epoch;
}

const ProducerEntry* ProducerTable::find(ProducerId producer) const {
  const auto found = producers_.find(producer);
  return found == producers_.end() ? nullptr : &found->second;
}

std::vector<std::pair<ProducerId, ProducerEntry>> ProducerTable::sorted() const {
  std::vector<std::pair<ProducerId, ProducerEntry>> all;
  all.reserve(ids_.size());
  for (const ProducerId id : ids_) all.emplace_back(id, producers_.at(id));
  return all;
}

std::vector<ProducerId> ProducerTable::ids_after(ProducerId after, std::size_t count_max) const {
  std::vector<ProducerId> some;
  for (auto at = ids_.upper_bound(after); at != ids_.end() && some.size() < count_max; ++at) some.push_back(*at);
  return some;
}

void ProducerTable::begin_walk() {
  HW_CHECK(!walk_.has_value());
  walk_.emplace();
}

void ProducerTable::end_walk() { walk_.reset(); }

void ProducerTable::keep_for_walk(ProducerId producer) {
  if (!walk_.has_value() || (walk_->last.has_value() && producer <= *walk_->last)) return;
  const auto [at, is_first] = walk_->kept.try_emplace(producer);
  if (!is_first) return;
  if (const ProducerEntry* const entry = find(producer); entry != nullptr) at->second = *entry;
}

std::vector<std::pair<ProducerId, ProducerEntry>> ProducerTable::take_walked(std::size_t count_max) {
  std::vector<std::pair<ProducerId, ProducerEntry>> some;
  if (!walk_.has_value()) return some;
  auto id = walk_->last.has_value() ? ids_.upper_bound(*walk_->last) : ids_.begin();
  auto kept = walk_->kept.begin();
  while (some.size() < count_max && (id != ids_.end() || kept != walk_->kept.end())) {
    const bool from_kept = kept != walk_->kept.end() && (id == ids_.end() || kept->first <= *id);
    const ProducerId next = from_kept ? kept->first : *id;
    if (!from_kept) some.emplace_back(next, producers_.at(next));
    if (from_kept && kept->second.has_value()) some.emplace_back(next, *kept->second);
    if (id != ids_.end() && *id == next) ++id;
    if (from_kept) ++kept;
    walk_->last = next;
  }
  walk_->kept.erase(walk_->kept.begin(), kept);
  if (some.empty()) walk_.reset();
  return some;
}

std::optional<std::int64_t> ProducerTable::oldest_open_txn_timestamp() const {
  if (open_.empty()) return std::nullopt;
  const ProducerEntry* const entry = find(open_.begin()->second);
  return entry == nullptr ? std::nullopt : std::optional(entry->last_timestamp);
}

void ProducerTable::reset(Offset end_offset) {
  producers_.clear();
  ids_.clear();
  walk_.reset();
  open_.clear();
  unreplicated_.clear();
  end_offset_ = end_offset;
}

void ProducerTable::load(ProducerId producer, const ProducerEntry& entry) {
  entry_of(producer) = entry;
  if (entry.has_open_transaction()) open_[entry.txn_first_offset] = producer;
}

}  // namespace highwater::log
