// Holds one of our messages against a golden line: our bytes, our size, our reading of Apache's bytes, and the refusal
// of every truncation. The generated list of all messages (all_entries) instantiates it once per message.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "tests/golden/golden_lines.h"

namespace highwater::golden {

// What did not hold, as clauses; empty when all did.
struct Findings {
  std::vector<std::string> faults;
  std::uint64_t truncations = 0;

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
