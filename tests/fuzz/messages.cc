#include "tests/fuzz/messages.h"

#include <algorithm>

#include "foundation/base/check.h"
#include "tests/fuzz/peak_memory.h"
#include "tests/golden/golden_lines.h"
#include "tests/golden/subject.h"

namespace highwater::fuzz {
namespace {

using golden::Entry;
using golden::Subject;

std::vector<Entry> entries_of(Kinds kinds) {
  std::vector<Entry> entries;
  for (const Entry& entry : golden::all_entries()) {
    if (std::ranges::find(kinds, entry.kind) != kinds.end()) entries.push_back(entry);
  }
  HW_CHECK(!entries.empty() && entries.size() <= 256);
  return entries;
}

std::vector<std::uint8_t> encoded(const Subject& subject, std::int16_t version) {
  wire::Writer writer;
  subject.encode_to(writer, version);
  return writer.flatten();
}

void check_decoded(const Entry& entry, const Subject& subject, std::int16_t version) {
  const auto bytes = encoded(subject, version);
  HW_CHECK(subject.size_in(version) == bytes.size());
  wire::Reader reader(bytes);
  const auto again = entry.fresh();
  HW_CHECK(again->decode_from(reader, version) && reader.remaining() == 0);
  // Bytes are compared, not values: a number that is not one is not equal to itself.
  HW_CHECK(encoded(*again, version) == bytes);
  HW_CHECK(again->representable_in(version));
}

// An array takes what wire::Reader grants; beside it, the message's own struct and what tags and nesting cost once.
constexpr std::size_t overhead_max = 64u << 10;

}  // namespace

void check_message(Kinds kinds, ByteView input) {
  if (input.size() < 2) return;
  static const std::vector<Entry> entries = entries_of(kinds);
  const Entry& entry = entries[input[0] % entries.size()];
  const auto version = static_cast<std::int16_t>(entry.lowest + input[1] % (entry.highest - entry.lowest + 1));
  const ByteView bytes = input.subspan(2);
  wire::Reader reader(bytes);
  bool taken = false;
  const auto subject = entry.fresh();
  {
    const PeakMemory memory;
    taken = subject->decode_from(reader, version);
    HW_CHECK(memory.bytes() <= wire::memory_base + wire::memory_factor * bytes.size() + overhead_max);
  }
  HW_CHECK(taken == reader.ok());
  if (taken) check_decoded(entry, *subject, version);
}

std::vector<Input> message_seeds(Kinds kinds) {
  std::vector<Input> seeds;
  const std::vector<Entry> entries = entries_of(kinds);
  for (const golden::Line& line : golden::read_golden_folder(HIGHWATER_GOLDEN_FOLDER).lines) {
    const auto entry = std::ranges::find(entries, line.name, &Entry::name);
    if (entry == entries.end()) continue;
    Input input{static_cast<std::uint8_t>(entry - entries.begin()),
                static_cast<std::uint8_t>(line.version - entry->lowest)};
    input.insert(input.end(), line.bytes.begin(), line.bytes.end());
    seeds.push_back(std::move(input));
  }
  return seeds;
}

}  // namespace highwater::fuzz
