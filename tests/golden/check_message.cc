#include "tests/golden/check_message.h"

#include <algorithm>
#include <cstring>

#include "foundation/base/random.h"

namespace highwater::golden {
namespace {

void expect(bool holds, Findings& findings, std::string fault) {
  if (!holds) findings.faults.push_back(std::move(fault));
}

std::vector<std::uint8_t> bytes_of(const Subject& subject, std::int16_t version) {
  wire::Writer writer;
  subject.encode_to(writer, version);
  return writer.flatten();
}

void check_truncations(const Entry& entry, const Line& line, Findings& findings) {
  for (std::size_t size = 0; size < line.bytes.size(); ++size) {
    // A buffer of exactly this size, so that the address sanitizer sees the first byte read beyond it.
    const auto prefix = std::make_unique_for_overwrite<std::uint8_t[]>(size);
    if (size > 0) std::memcpy(prefix.get(), line.bytes.data(), size);
    wire::Reader reader(ByteView(prefix.get(), size));
    expect(!entry.fresh()->decode_from(reader, line.version), findings, "accepts the first " + std::to_string(size));
    ++findings.truncations;
  }
}

// Compares bytes, not values: a flipped bit can make a number that is not equal to itself.
bool steady(const Entry& entry, const Subject& subject, std::int16_t version) {
  const auto bytes = bytes_of(subject, version);
  wire::Reader reader(bytes);
  const auto read = entry.fresh();
  if (!read->decode_from(reader, version) || reader.remaining() != 0) return false;
  return bytes_of(*read, version) == bytes && subject.size_in(version) == bytes.size();
}

// Flips single bits all over the message. What is still accepted must mean the same after a round trip.
void check_flips(const Entry& entry, const Line& line, Findings& findings) {
  constexpr std::size_t flips_max = 64;
  Random random(line.bytes.size() + static_cast<std::uint64_t>(line.version));
  std::vector<std::uint8_t> bytes = line.bytes;
  for (std::size_t flip = 0; flip < std::min(flips_max, bytes.size() * 8); ++flip) {
    const std::size_t bit = random.below(bytes.size() * 8);
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    bytes[bit / 8] ^= mask;
    wire::Reader reader(bytes);
    const auto subject = entry.fresh();
    if (subject->decode_from(reader, line.version)) {
      ++findings.accepted_flips;
      expect(steady(entry, *subject, line.version), findings,
             "is not steady after a flip of bit " + std::to_string(bit));
    }
    bytes[bit / 8] ^= mask;
  }
}

}  // namespace

Findings check_message(const Entry& entry, const Line& line) {
  Findings findings;
  const auto expected = entry.fresh();
  expected->fill_for(line);
  expect(bytes_of(*expected, line.version) == line.bytes, findings, "encodes to other bytes");
  expect(expected->size_in(line.version) == line.bytes.size(), findings, "measures another size");
  expect(expected->representable_in(line.version), findings, "does not call its own value representable");

  wire::Reader reader(line.bytes);
  const auto decoded = entry.fresh();
  const bool taken = decoded->decode_from(reader, line.version);
  expect(taken, findings, std::string("does not decode: ") + reader.error());
  expect(reader.remaining() == 0, findings, "leaves bytes over");
  expect(decoded->equals(*expected), findings, "decodes to another value");
  check_truncations(entry, line, findings);
  check_flips(entry, line, findings);
  return findings;
}

}  // namespace highwater::golden
