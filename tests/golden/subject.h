// One message of any type behind one face, so that the checks of the golden test are compiled once and not once per
// message. The generated list (all_entries) makes one of each.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "tests/golden/golden_lines.h"

namespace highwater::golden {

class Subject {
 public:
  virtual ~Subject() = default;
  // The values of the line's variant; the message must be fresh.
  virtual void fill_for(const Line& line) = 0;
  virtual bool decode_from(wire::Reader& reader, std::int16_t version) = 0;
  virtual void encode_to(wire::Writer& writer, std::int16_t version) const = 0;
  virtual std::size_t size_in(std::int16_t version) const = 0;
  virtual bool representable_in(std::int16_t version) const = 0;
  // Both must be of one type.
  virtual bool equals(const Subject& other) const = 0;
};

template <class Message, void (*Fill)(const std::string& path, const Line& line, Message& value)>
class SubjectOf final : public Subject {
 public:
  void fill_for(const Line& line) override {
    if (line.variant != Variant::empty) Fill(line.name, line, message_);
  }
  bool decode_from(wire::Reader& reader, std::int16_t version) override { return decode(reader, version, message_); }
  void encode_to(wire::Writer& writer, std::int16_t version) const override { encode(writer, message_, version); }
  std::size_t size_in(std::int16_t version) const override { return encoded_size(message_, version); }
  bool representable_in(std::int16_t version) const override { return representable(message_, version); }
  bool equals(const Subject& other) const override { return message_ == static_cast<const SubjectOf&>(other).message_; }

 private:
  Message message_;
};

struct Entry {
  std::string_view name;
  std::string_view kind;  // "request", "response", "header", "metadata", ...
  std::int16_t lowest;
  std::int16_t highest;
  std::unique_ptr<Subject> (*fresh)();
};

template <class Message, void (*Fill)(const std::string& path, const Line& line, Message& value)>
Entry entry_of(std::string_view kind) {
  return {Message::message_name, kind, Message::lowest_version, Message::highest_version,
          []() -> std::unique_ptr<Subject> { return std::make_unique<SubjectOf<Message, Fill>>(); }};
}

// Written by the schema compiler.
std::vector<Entry> all_entries();

}  // namespace highwater::golden
