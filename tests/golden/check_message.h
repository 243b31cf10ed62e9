// Holds one of our messages against a golden line: our bytes, our size, our reading of Apache's bytes, the refusal of
// every truncation, and calm under flipped bits. The generated list of all messages (all_entries) instantiates it once
// per message.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "tests/golden/golden_lines.h"

namespace highwater::golden {

// What did not hold, as clauses; empty when all did.
struct Findings {
  std::vector<std::string> faults;
  std::uint64_t truncations = 0;
  std::uint64_t accepted_flips = 0;

  void expect(bool holds, std::string_view fault) {
    if (!holds) faults.emplace_back(fault);
  }
};

struct Entry {
  std::string_view name;
  std::string_view kind;  // "request", "response", "header", "metadata", ...
  std::int16_t lowest;
  std::int16_t highest;
  Findings (*check)(const Line& line);
};

// Written by the schema compiler.
std::vector<Entry> all_entries();

// Compares bytes, not values: a flipped bit can make a number that is not equal to itself.
template <class Message>
bool steady(const Message& message, std::int16_t version) {
  wire::Writer first;
  encode(first, message, version);
  const auto bytes = first.flatten();
  wire::Reader reader(bytes);
  Message read;
  if (!decode(reader, version, read) || reader.remaining() != 0) return false;
  wire::Writer second;
  encode(second, read, version);
  return second.flatten() == bytes && encoded_size(message, version) == bytes.size();
}

template <class Message>
void check_truncations(const Line& line, Findings& findings) {
  for (std::size_t size = 0; size < line.bytes.size(); ++size) {
    // A buffer of exactly this size, so that the address sanitizer sees the first byte read beyond it.
    const auto prefix = std::make_unique_for_overwrite<std::uint8_t[]>(size);
    if (size > 0) std::memcpy(prefix.get(), line.bytes.data(), size);
    wire::Reader reader(ByteView(prefix.get(), size));
    Message message;
    if (decode(reader, line.version, message)) findings.faults.push_back("accepts the first " + std::to_string(size));
    ++findings.truncations;
  }
}

// Flips single bits all over the message. What is still accepted must mean the same after a round trip.
template <class Message>
void check_flips(const Line& line, Findings& findings) {
  constexpr std::size_t flips_max = 64;
  Random random(line.bytes.size() + static_cast<std::uint64_t>(line.version));
  std::vector<std::uint8_t> bytes = line.bytes;
  for (std::size_t flip = 0; flip < std::min(flips_max, bytes.size() * 8); ++flip) {
    const std::size_t bit = random.below(bytes.size() * 8);
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    bytes[bit / 8] ^= mask;
    wire::Reader reader(bytes);
    Message message;
    if (decode(reader, line.version, message)) {
      ++findings.accepted_flips;
      findings.expect(steady(message, line.version),
                      "changes in a round trip after a flip of bit " + std::to_string(bit));
    }
    bytes[bit / 8] ^= mask;
  }
}

template <class Message>
Findings check_message(const Line& line, const Message& expected) {
  Findings findings;
  wire::Writer writer;
  encode(writer, expected, line.version);
  findings.expect(writer.flatten() == line.bytes, "encodes to other bytes");
  findings.expect(encoded_size(expected, line.version) == line.bytes.size(), "measures another size");
  findings.expect(representable(expected, line.version), "does not call its own value representable");

  wire::Reader reader(line.bytes);
  Message decoded;
  findings.expect(decode(reader, line.version, decoded), std::string("does not decode: ") + reader.error());
  findings.expect(reader.remaining() == 0, "leaves bytes over");
  findings.expect(decoded == expected, "decodes to another value");
  check_truncations<Message>(line, findings);
  check_flips<Message>(line, findings);
  return findings;
}

// The generated code makes one for each message; Fill puts the values of the line's variant into a fresh message.
template <class Message, class Fill>
Entry entry_of(std::string_view kind, Fill) {
  return {Message::message_name, kind, Message::lowest_version, Message::highest_version, [](const Line& line) {
            Message expected;
            if (line.variant != Variant::empty) Fill()(line, expected);
            return check_message(line, expected);
          }};
}

}  // namespace highwater::golden
