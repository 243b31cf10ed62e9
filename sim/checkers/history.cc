#include "checkers/history.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "foundation/base/random.h"

namespace highwater::sim {

namespace {

constexpr std::size_t violations_kept = 20;

std::string text_of(const Place& place) { return fmt::format("{}-{}", place.topic, place.partition); }
std::string text_of(ValueId id) { return fmt::format("w{}:{}", id.writer, id.number); }

// Eight letters a..p out of eight nibbles, the lowest first: each nibble is spread to a byte.
std::uint64_t letters_of(std::uint64_t nibbles) {
  nibbles = (nibbles | nibbles << 16) & 0x0000'FFFF'0000'FFFF;
  nibbles = (nibbles | nibbles << 8) & 0x00FF'00FF'00FF'00FF;
  nibbles = (nibbles | nibbles << 4) & 0x0F0F'0F0F'0F0F'0F0F;
  return nibbles + 0x6161'6161'6161'6161;  // 'a' in each byte
}

bool take_number(std::string_view& text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data() + text.size()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

std::string make_value(ValueId id, const Place& place, std::size_t size) {
  std::string value = fmt::format("{}:{}:{}:{}:{}:", id.writer, id.number, size, place.partition, place.topic);
  Random filler(static_cast<std::uint64_t>(id.writer) << 32 | id.number);
  if (size <= value.size()) return value;
  std::size_t at = value.size();
  value.resize(size + sizeof(std::uint64_t));
  while (at < size) {
    const std::uint64_t bits = filler.next();
    for (const std::uint64_t half : {bits & 0xFFFF'FFFF, bits >> 32}) {
      if (at >= size) break;
      const std::uint64_t letters = letters_of(half);
      std::memcpy(value.data() + at, &letters, sizeof(letters));
      at += sizeof(letters);
    }
  }
  value.resize(size);
  return value;
}

bool recognise_value(std::string_view value, const Place& place, ValueId& id) {
  std::string_view rest = value;
  std::uint32_t size = 0;
  if (!take_number(rest, id.writer) || !take_number(rest, id.number) || !take_number(rest, size)) return false;
  return size <= value.size() + 100 && value == make_value(id, place, size);
}

std::uint32_t History::add_writer(WriterTraits traits) {
  writers_.push_back({traits, {}});
  return static_cast<std::uint32_t>(writers_.size() - 1);
}

ValueId History::next_value(std::uint32_t writer) {
  return {writer, static_cast<std::uint32_t>(writers_[writer].values.size())};
}

void History::sent(ValueId id, const Place& place) {
  writers_[id.writer].values.push_back({.place = place});
  known_.try_emplace(place);
  ++unreported_;
}

void History::reported(ValueId id, const client::DeliveryReport& report) {
  Fate& fate = writers_[id.writer].values[id.number];
  --unreported_;
  fate.reported = true;
  fate.certainty = report.certainty;
  fate.offset = report.offset;
  if (report.certainty != client::Certainty::written) return;
  ++acknowledged_;
  if (report.offset != no_offset) occupy(fate.place, report.offset, id);
}

void History::occupy(const Place& place, Offset offset, ValueId id) {
  if (!scenario_->checks(Checker::acked)) return;
  const auto [entry, fresh] = known_[place].emplace(offset, id);
  if (fresh || entry->second == id) return;
  violation(Checker::acked, fmt::format("{} offset {} was {} and is now {}", text_of(place), offset,
                                        text_of(entry->second), text_of(id)));
}

bool History::read(const Place& place, Offset offset, std::string_view value) {
  ValueId id;
  if (!recognise_value(value, place, id) || id.writer >= writers_.size() ||
      id.number >= writers_[id.writer].values.size()) {
    violation(Checker::acked, fmt::format("{} offset {} holds bytes that nobody wrote there: {}", text_of(place),
                                          offset, value.substr(0, 60)));
    return false;
  }
  const std::size_t before = violations_.size();
  occupy(place, offset, id);
  const Fate& fate = writers_[id.writer].values[id.number];
  if (fate.reported && fate.certainty == client::Certainty::not_written) {
    violation(Checker::refused,
              fmt::format("{} offset {} holds {}, which was refused", text_of(place), offset, text_of(id)));
  }
  return violations_.size() == before;
}

void History::continues(const Place& place, Offset& next, Offset offset) {
  if (next != no_offset && offset != next) {
    violation(Checker::dense,
              fmt::format("{}: a reader expected offset {} and was given {}", text_of(place), next, offset));
  }
  next = offset + 1;
}

void History::watermark(const Place& place, Offset& highest, Offset seen) {
  if (seen < highest) {
    violation(Checker::acked,
              fmt::format("{}: the high watermark went back from {} to {}", text_of(place), highest, seen));
  }
  highest = std::max(highest, seen);
}

bool History::some_record(Random& random, Place& place, Offset& offset) const {
  if (known_.empty()) return false;
  auto chosen = known_.begin();
  std::advance(chosen, random.below(known_.size()));
  if (chosen->second.empty()) return false;
  const Offset last = chosen->second.rbegin()->first;
  const auto entry =
      chosen->second.lower_bound(static_cast<Offset>(random.below(static_cast<std::uint64_t>(last) + 1)));
  place = chosen->first;
  offset = entry->first;
  return true;
}

void History::topic_created(const std::string& topic, Uuid id) {
  fates_of_topics_[topic].id = id;
  ++acknowledged_;
}

void History::topic_listed(const std::string& topic, Uuid id) {
  const TopicFate& fate = fates_of_topics_[topic];
  if (fate.deleted) violation(Checker::metadata, fmt::format("topic {} was deleted and is there again", topic));
  if (!fate.id.is_zero() && fate.id != id) {
    violation(Checker::metadata, fmt::format("topic {} changed its id", topic));
  }
}

void History::topic_missing(const std::string& topic) {
  const TopicFate& fate = fates_of_topics_[topic];
  if (!fate.deleted && !fate.maybe_deleted) {
    violation(Checker::metadata, fmt::format("topic {} was acknowledged and is gone", topic));
  }
}

std::vector<std::string> History::topics_to_check() const {
  std::vector<std::string> topics;
  for (const auto& [topic, fate] : fates_of_topics_) topics.push_back(topic);
  return topics;
}

std::vector<Place> History::places() const {
  std::vector<Place> places;
  for (const auto& [place, offsets] : known_) places.push_back(place);
  return places;
}

void History::check_final(const Place& place, const std::vector<FinalRecord>& records) {
  std::map<Offset, ValueId> found;
  std::map<std::uint32_t, std::uint32_t> last_of_writer;
  std::set<ValueId> seen;
  for (const FinalRecord& record : records) {
    found[record.offset] = record.id;
    const Writer& writer = writers_[record.id.writer];
    if (!seen.insert(record.id).second && writer.traits.idempotent) {
      violation(Checker::duplicates, fmt::format("{} holds {} twice", text_of(place), text_of(record.id)));
    }
    const auto [last, fresh] = last_of_writer.emplace(record.id.writer, record.id.number);
    if (!fresh && writer.traits.ordered && record.id.number < last->second) {
      violation(Checker::order, fmt::format("{} offset {} holds {} after number {}", text_of(place), record.offset,
                                            text_of(record.id), last->second));
    }
    last->second = std::max(last->second, record.id.number);
  }
  for (const auto& [offset, id] : known_[place]) {
    if (found.contains(offset)) continue;
    violation(Checker::acked, fmt::format("{} offset {} held {} and is gone", text_of(place), offset, text_of(id)));
  }
  for (std::uint32_t index = 0; index < writers_.size(); ++index) {
    for (std::uint32_t number = 0; number < writers_[index].values.size(); ++number) {
      const Fate& fate = writers_[index].values[number];
      if (fate.place != place || !fate.reported || fate.certainty != client::Certainty::written) continue;
      if (seen.contains({index, number})) continue;
      violation(Checker::acked,
                fmt::format("{} lost w{}:{}, acknowledged at offset {}", text_of(place), index, number, fate.offset));
    }
  }
}

void History::violation(Checker checker, std::string what) {
  if (!scenario_->checks(checker)) return;
  if (violations_.size() < violations_kept) {
    violations_.push_back(fmt::format("{} {}: {}", name_, checker_name(checker), what));
  }
}

}  // namespace highwater::sim
