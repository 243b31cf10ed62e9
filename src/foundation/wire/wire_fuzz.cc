// The primitives. The first bytes choose what is read, the rest is read; what was read is written and read again:
// equal values, equal sizes, the shortest form, and nothing read beyond the end or after a failure.
#include <algorithm>

#include "foundation/base/check.h"
#include "foundation/wire/measure.h"
#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using wire::Form;
using wire::Reader;
using wire::Writer;

constexpr std::size_t choices_max = 16;

// Reads one value with `read`, writes it with `write` and holds the two against each other.
template <class Read, class Write>
void round_trip(Reader& reader, Read read, Write write, std::size_t (*measure)(decltype(read(reader)) value)) {
  const std::size_t before = reader.remaining();
  const auto value = read(reader);
  const std::size_t consumed = before - reader.remaining();
  if (!reader.ok()) return;
  Writer writer;
  write(writer, value);
  const auto bytes = writer.flatten();
  HW_CHECK(bytes.size() <= consumed && bytes.size() == measure(value));
  Reader again(bytes);
  HW_CHECK(read(again) == value && again.ok() && again.remaining() == 0);
}

template <Form form>
void texts(Reader& reader, std::uint8_t choice) {
  switch (choice) {
    case 0:
      return round_trip(
          reader, [](Reader& from) { return from.text(form); },
          [](Writer& to, const wire::Text& value) { to.text(value, form); },
          +[](wire::Text value) { return wire::size_of(value, form); });
    case 1:
      return round_trip(
          reader, [](Reader& from) { return from.nullable_text(form); },
          [](Writer& to, const std::optional<wire::Text>& value) { to.text(value, form); },
          +[](std::optional<wire::Text> value) { return wire::size_of(value, form); });
    case 2:
      return round_trip(
          reader, [](Reader& from) { return from.blob(form); },
          [](Writer& to, const wire::Blob& value) { to.blob(value, form); },
          +[](wire::Blob value) { return wire::size_of(value, form); });
    case 3:
      return round_trip(
          reader, [](Reader& from) { return from.nullable_blob(form); },
          [](Writer& to, const std::optional<wire::Blob>& value) { to.blob(value, form); },
          +[](std::optional<wire::Blob> value) { return wire::size_of(value, form); });
    default:
      return round_trip(
          reader, [](Reader& from) { return from.nullable_records(form); },
          [](Writer& to, const std::optional<wire::Records>& value) { to.records(value, form); },
          +[](std::optional<wire::Records> value) { return wire::size_of(value, form); });
  }
}

void numbers(Reader& reader, std::uint8_t choice) {
  switch (choice) {
    case 0:
      return round_trip(
          reader, [](Reader& from) { return from.uvarint(); },
          [](Writer& to, std::uint32_t value) { to.uvarint(value); },
          +[](std::uint32_t value) { return wire::size_of_uvarint(value); });
    case 1:
      return round_trip(
          reader, [](Reader& from) { return from.varint(); }, [](Writer& to, std::int32_t value) { to.varint(value); },
          +[](std::int32_t value) { return wire::size_of_varint(value); });
    case 2:
      return round_trip(
          reader, [](Reader& from) { return from.varlong(); },
          [](Writer& to, std::int64_t value) { to.varlong(value); },
          +[](std::int64_t value) { return wire::size_of_varlong(value); });
    case 3:
      return round_trip(
          reader, [](Reader& from) { return from.uuid(); }, [](Writer& to, const Uuid& value) { to.uuid(value); },
          +[](Uuid) { return sizeof(Uuid::bytes); });
    case 4:
      return round_trip(
          reader, [](Reader& from) { return from.i16(); }, [](Writer& to, std::int16_t value) { to.i16(value); },
          +[](std::int16_t) { return sizeof(std::int16_t); });
    default:
      return round_trip(
          reader, [](Reader& from) { return from.i64(); }, [](Writer& to, std::int64_t value) { to.i64(value); },
          +[](std::int64_t) { return sizeof(std::int64_t); });
  }
}

// A count never promises more than can follow.
void counts(Reader& reader, Form form) {
  constexpr wire::ElementSize element{.on_wire = 2, .in_memory = 64};
  const std::size_t count = reader.count(form, element);
  HW_CHECK(reader.ok() ? count * element.on_wire <= reader.remaining() : count == 0);
}

void tags(Reader& reader) {
  std::int64_t last = -1;
  wire::TagCursor cursor(reader);
  while (cursor.next()) {
    HW_CHECK(static_cast<std::int64_t>(cursor.tag()) > last);
    last = cursor.tag();
    if (cursor.tag() % 2 == 0) {
      cursor.field().uvarint();
      cursor.finish_field();
    }
  }
}

void one(Reader& reader, std::uint8_t choice) {
  constexpr std::uint8_t text_kinds = 5;
  if (choice < 6) return numbers(reader, choice);
  choice = static_cast<std::uint8_t>(choice - 6);
  if (choice < text_kinds) return texts<Form::classic>(reader, choice);
  choice = static_cast<std::uint8_t>(choice - text_kinds);
  if (choice < text_kinds) return texts<Form::compact>(reader, choice);
  choice = static_cast<std::uint8_t>(choice - text_kinds);
  if (choice < 2) return counts(reader, choice == 0 ? Form::classic : Form::compact);
  if (choice == 2) return tags(reader);
  reader.skip_tags();
}

}  // namespace

void run(ByteView input) {
  constexpr std::uint8_t kinds = 20;
  if (input.empty()) return;
  const std::size_t choices = std::min<std::size_t>({input[0] % choices_max + 1u, input.size() - 1});
  Reader reader(input.subspan(1 + choices));
  for (std::size_t at = 0; at < choices; ++at) {
    const std::size_t before = reader.remaining();
    one(reader, input[1 + at] % kinds);
    HW_CHECK(reader.remaining() <= before);
  }
  HW_CHECK(reader.ok() == (reader.error()[0] == '\0'));
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  for (std::uint8_t kind = 0; kind < 20; ++kind) {
    for (const unsigned byte : {0x00u, 0x01u, 0x05u, 0x7fu, 0x80u, 0xffu}) {
      const auto value = static_cast<std::uint8_t>(byte);
      Input input{0, kind, value, 1, 0};
      input.resize(24, value);
      all.push_back(input);
    }
  }
  all.push_back({1, 18, 0, 2, 0, 1, 7, 1, 2, 9, 9, 5});  // two tags, then a number
  all.push_back({0, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
  return all;
}

}  // namespace highwater::fuzz
