#include "machines/log/epochs.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "foundation/base/check.h"
#include "machines/log/limits.h"

namespace highwater::log {
namespace {

// Takes the number and the one character behind it off the text.
std::optional<std::int64_t> take_number(std::string_view& text, char separator) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  // Java's reader takes a last line without its end.
  if (text.empty()) return separator == '\n' ? std::optional(value) : std::nullopt;
  if (text.front() != separator) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

}  // namespace

bool EpochCache::assign(Epoch epoch, Offset start_offset) {
  HW_CHECK(epoch >= 0 && start_offset >= 0);
  if (!entries_.empty() && entries_.back().epoch == epoch && start_offset >= entries_.back().start_offset) return false;
  while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start_offset >= start_offset)) {
    entries_.pop_back();
  }
  entries_.push_back({epoch, start_offset});
  return true;
}

EpochEnd EpochCache::end_offset_for(Epoch requested, Offset log_end) const {
  if (requested == no_epoch || entries_.empty()) return {};
  if (entries_.back().epoch == requested) return {requested, log_end};
  const auto higher = std::upper_bound(entries_.begin(), entries_.end(), requested,
                                       [](Epoch epoch, const EpochEntry& entry) { return epoch < entry.epoch; });
  if (higher == entries_.end()) return {};
  // What was before the first known epoch is gone; a follower may copy from where that one begins.
  if (higher == entries_.begin()) return {requested, higher->start_offset};
  return {(higher - 1)->epoch, higher->start_offset};
}

bool EpochCache::truncate_from_end(Offset end_offset) {
  const std::size_t before = entries_.size();
  while (!entries_.empty() && end_offset >= 0 && entries_.back().start_offset >= end_offset) entries_.pop_back();
  return entries_.size() != before;
}

bool EpochCache::truncate_from_start(Offset start_offset) {
  const auto first_kept = std::find_if(entries_.begin(), entries_.end(), [start_offset](const EpochEntry& entry) {
    return entry.start_offset > start_offset;
  });
  if (first_kept == entries_.begin()) return false;
  const EpochEntry covering = {(first_kept - 1)->epoch, start_offset};
  const bool changed = first_kept - entries_.begin() > 1 || !(entries_.front() == covering);
  entries_.erase(entries_.begin(), first_kept - 1);
  entries_.front() = covering;
  return changed;
}

std::optional<EpochEntry> EpochCache::latest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.back());
}

std::optional<EpochEntry> EpochCache::earliest() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.front());
}

std::optional<Epoch> EpochCache::epoch_at(Offset offset) const {
  const auto later = std::upper_bound(entries_.begin(), entries_.end(), offset,
                                      [](Offset at, const EpochEntry& entry) { return at < entry.start_offset; });
  return later == entries_.begin() ? std::nullopt : std::optional((later - 1)->epoch);
}

std::optional<EpochEntry> EpochCache::before(Epoch epoch) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), epoch,
                                   [](const EpochEntry& entry, Epoch wanted) { return entry.epoch < wanted; });
  return at == entries_.begin() ? std::nullopt : std::optional(*(at - 1));
}

std::string EpochCache::checkpoint_text() const {
  std::string text = fmt::format("0\n{}\n", entries_.size());
  for (const EpochEntry& entry : entries_) text += fmt::format("{} {}\n", entry.epoch, entry.start_offset);
  return text;
}

Result<EpochCache> EpochCache::from_checkpoint_text(std::string_view text) {
  const auto version = take_number(text, '\n');
  if (!version || *version != 0) return failure("leader epoch checkpoint: the first line must be the version, 0");
  const auto count = take_number(text, '\n');
  if (!count || *count < 0 || *count > static_cast<std::int64_t>(epochs_max)) {
    return failure("leader epoch checkpoint: the second line must be the number of entries");
  }
  EpochCache cache;
  for (std::int64_t i = 0; i < *count; ++i) {
    const auto epoch = take_number(text, ' ');
    const auto start = epoch ? take_number(text, '\n') : std::nullopt;
    if (!start || *epoch < 0 || *epoch > INT32_MAX || *start < 0) {
      return failure(
          fmt::format("leader epoch checkpoint: entry {} of {} is not an epoch and an offset", i + 1, *count));
    }
    cache.assign(static_cast<Epoch>(*epoch), *start);
  }
  if (!text.empty()) return failure("leader epoch checkpoint: there is more than the number of entries says");
  return cache;
}

}  // namespace highwater::log
