#include <doctest/doctest.h>

#include <limits>
#include <memory>

#include "foundation/wire/measure.h"
#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"

namespace highwater::wire {
namespace {

TEST_CASE("numbers come back as they were written, big end first") {
  Writer writer;
  writer.i8(-2);
  writer.i16(-300);
  writer.i32(0x01020304);
  writer.i64(std::numeric_limits<std::int64_t>::min());
  writer.u16(65535);
  writer.u32(4294967295u);
  writer.f64(-0.5);
  writer.boolean(true);
  writer.uuid(Uuid::from_halves(1, 2));
  const auto bytes = writer.flatten();
  CHECK(bytes.size() == writer.size());
  CHECK(bytes[3] == 1);
  CHECK(bytes[6] == 4);
  Reader reader(bytes);
  CHECK(reader.i8() == -2);
  CHECK(reader.i16() == -300);
  CHECK(reader.i32() == 0x01020304);
  CHECK(reader.i64() == std::numeric_limits<std::int64_t>::min());
  CHECK(reader.u16() == 65535);
  CHECK(reader.u32() == 4294967295u);
  CHECK(reader.f64() == -0.5);
  CHECK(reader.boolean());
  CHECK(reader.uuid() == Uuid::from_halves(1, 2));
  CHECK(reader.ok());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("varints keep the extremes and measure themselves") {
  for (const std::int64_t value : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{63},
                                   std::int64_t{64}, std::int64_t{1} << 34, INT64_MAX}) {
    Writer writer(1);
    writer.varlong(value);
    const auto narrow = static_cast<std::int32_t>(value);
    writer.varint(narrow);
    writer.uvarint(static_cast<std::uint32_t>(value));
    const auto bytes = writer.flatten();
    CHECK(bytes.size() ==
          size_of_varlong(value) + size_of_varint(narrow) + size_of_uvarint(static_cast<std::uint32_t>(value)));
    Reader reader(bytes);
    CHECK(reader.varlong() == value);
    CHECK(reader.varint() == narrow);
    CHECK(reader.uvarint() == static_cast<std::uint32_t>(value));
    CHECK(reader.remaining() == 0);
  }
}

TEST_CASE("varints of too many bytes are refused") {
  const std::vector<std::uint8_t> endless(16, 0xff);
  Reader narrow(endless);
  CHECK(narrow.uvarint() == 0);
  CHECK_FALSE(narrow.ok());
  Reader wide(endless);
  CHECK(wide.varlong() == 0);
  CHECK_FALSE(wide.ok());
}

TEST_CASE("failure sticks and keeps its first reason") {
  const std::uint8_t two[] = {1, 2};
  Reader reader(two);
  CHECK(reader.i32() == 0);
  CHECK(std::string_view(reader.error()) == "ends inside a number");
  CHECK(reader.i8() == 0);
  CHECK(reader.text(Form::compact) == "");
  CHECK(std::string_view(reader.error()) == "ends inside a number");
}

TEST_CASE("a declared length beyond the end is refused before allocation") {
  const std::uint8_t lengths[] = {0x7f, 0xff, 0xff, 0xff, 1, 2, 3};
  CHECK(Reader(lengths).count(Form::classic, {1, 1}) == 0);
  CHECK(Reader(lengths).blob(Form::classic).empty());
  CHECK(Reader(lengths).text(Form::classic).empty());
  Reader three({lengths + 3, 4});
  CHECK(three.nullable_count(Form::compact, {2, 2}) == std::nullopt);
  CHECK_FALSE(three.ok());
}

TEST_CASE("arrays together stay within the memory that the message may take") {
  std::vector<std::uint8_t> bytes(1000, 0);
  bytes[3] = 200;
  bytes[7] = 200;
  const std::size_t allowed = memory_base + memory_factor * bytes.size();
  const ElementSize half{1, allowed / 400};
  Reader fits(bytes);
  CHECK(fits.count(Form::classic, half) == 200);
  CHECK(fits.count(Form::classic, half) == 200);
  CHECK(fits.ok());
  Reader twice(bytes);
  CHECK(twice.count(Form::classic, half) == 200);
  CHECK(twice.count(Form::classic, {1, allowed / 400 + 1000}) == 0);
  CHECK(std::string_view(twice.error()) == "arrays take too much memory");
}

TEST_CASE("a tagged field draws on the memory of its message") {
  // A tagged section with one field of two bytes, an array of one element; then a classic array of one element.
  const std::vector<std::uint8_t> bytes = {1, 0, 2, 2, 9, 0, 0, 0, 1, 0};
  Reader reader(bytes);
  TagCursor tags(reader);
  REQUIRE(tags.next());
  const std::size_t most = memory_base + memory_factor * bytes.size();
  CHECK(tags.field().count(Form::compact, {1, most}) == 1);
  tags.field().i8();
  tags.finish_field();
  CHECK_FALSE(tags.next());
  CHECK(reader.ok());
  CHECK(reader.count(Form::classic, {1, 1}) == 0);
  CHECK(std::string_view(reader.error()) == "arrays take too much memory");
}

TEST_CASE("negative lengths other than null's are refused") {
  const std::uint8_t minus_two[] = {0xff, 0xfe, 0xff, 0xfe};
  Reader text(minus_two);
  CHECK_FALSE(text.nullable_text(Form::classic).has_value());
  CHECK_FALSE(text.ok());
  const std::uint8_t wide_minus_two[] = {0xff, 0xff, 0xff, 0xfe};
  Reader blob(wide_minus_two);
  CHECK_FALSE(blob.nullable_blob(Form::classic).has_value());
  CHECK_FALSE(blob.ok());
  Reader array(wide_minus_two);
  CHECK_FALSE(array.nullable_count(Form::classic, {1, 1}).has_value());
  CHECK_FALSE(array.ok());
}

TEST_CASE("null and empty differ in both forms") {
  for (const Form form : {Form::classic, Form::compact}) {
    Writer writer;
    writer.text(std::optional<Text>(), form);
    writer.text(std::optional<Text>(""), form);
    writer.blob(std::optional<Blob>(), form);
    writer.blob(Blob(), form);
    writer.records(std::optional<Records>(), form);
    writer.null_count(form);
    writer.count(0, form);
    CHECK(writer.size() == size_of(std::optional<Text>(), form) + size_of(Text(), form) +
                               size_of(std::optional<Blob>(), form) + size_of(Blob(), form) +
                               size_of(std::optional<Records>(), form) + size_of_null_count(form) +
                               size_of_count(0, form));
    const auto bytes = writer.flatten();
    Reader reader(bytes);
    CHECK_FALSE(reader.nullable_text(form).has_value());
    CHECK(reader.nullable_text(form) == "");
    CHECK_FALSE(reader.nullable_blob(form).has_value());
    CHECK(reader.blob(form).empty());
    CHECK_FALSE(reader.nullable_records(form).has_value());
    CHECK_FALSE(reader.nullable_count(form, {1, 1}).has_value());
    CHECK(reader.count(form, {1, 1}) == 0);
    CHECK(reader.ok());
    Reader null_text(bytes);
    null_text.text(form);
    CHECK_FALSE(null_text.ok());
  }
}

TEST_CASE("a part of a file is counted, and leaves as a piece between what stands around it") {
  struct SomeFile final : FileHandle {};
  const auto file = std::make_shared<SomeFile>();
  Records records(Slice::copy_of(as_bytes("head")));
  records.append(FilePart{file, 100, 5'000});
  CHECK(records.size() == 5'004);
  CHECK_FALSE(records.contiguous());
  Writer writer;
  writer.records(records, Form::classic);
  writer.i8(2);
  CHECK(writer.size() == 4 + 5'004 + 1);
  std::vector<Piece> pieces = writer.take_pieces();
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].size() == 8);
  CHECK_FALSE(pieces[1].in_memory());
  CHECK(pieces[1].file.file == file);
  CHECK(pieces[2].size() == 1);
  pieces[1].drop_front(1'000);
  CHECK(pieces[1].file.offset == 1'100);
  CHECK(pieces[1].size() == 4'000);
}

TEST_CASE("long record slices leave by reference, in order") {
  std::vector<std::uint8_t> content(Writer::copied_slice_max + 1, 7);
  Records records;
  records.append(Slice::copy_of(content));
  records.append(Slice::copy_of(as_bytes("tail")));
  Writer writer;
  writer.i8(1);
  writer.records(records, Form::classic);
  writer.i8(2);
  const auto flat = writer.flatten();
  CHECK(flat.size() == writer.size());
  const auto pieces = writer.take();
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[1].data() == records.slices()[0].data());
  std::vector<std::uint8_t> joined;
  for (const Slice& piece : pieces) joined.insert(joined.end(), piece.view().begin(), piece.view().end());
  CHECK(joined == flat);
  CHECK(writer.size() == 0);
  writer.i32(5);
  CHECK(writer.flatten() == std::vector<std::uint8_t>{0, 0, 0, 5});
  Reader reader(flat);
  reader.i8();
  CHECK(reader.records(Form::classic) == records);
}

TEST_CASE("tagged fields must ascend, unknown ones are skipped, known ones fill their size") {
  const auto walk = [](std::vector<std::uint8_t> bytes) {
    Reader reader(bytes);
    TagCursor tags(reader);
    while (tags.next()) {
      if (tags.tag() != 3) continue;
      tags.field().i8();
      tags.finish_field();
    }
    return reader.ok() && reader.remaining() == 0;
  };
  CHECK(walk({0}));
  CHECK(walk({2, 1, 2, 9, 9, 3, 1, 5}));
  CHECK_FALSE(walk({2, 3, 1, 5, 3, 1, 5}));
  CHECK_FALSE(walk({2, 3, 1, 5, 1, 1, 5}));
  CHECK_FALSE(walk({1, 3, 2, 5, 5}));
  CHECK_FALSE(walk({1, 3, 0}));
  CHECK_FALSE(walk({1, 9, 4, 0}));
}

TEST_CASE("borrowed text stays borrowed in a copy, owned text is copied") {
  std::string frame = "topic";
  const Text borrowed = Text::borrow(frame);
  const Text kept = borrowed.owned();
  const Text copy = borrowed;
  const Text copy_of_kept = kept;  // NOLINT: the copy is what is tested
  frame[0] = 'T';
  CHECK(borrowed == "Topic");
  CHECK(copy == "Topic");
  CHECK(kept == "topic");
  CHECK(copy_of_kept == std::string("topic"));
  CHECK(copy_of_kept.view().data() != kept.view().data());
  CHECK((borrowed < kept));
}

TEST_CASE("text beyond the limit is cut where the measure says") {
  const Text text(std::string(text_size_max + 10, 'x'));
  for (const Form form : {Form::classic, Form::compact}) {
    Writer writer;
    writer.text(text, form);
    CHECK(writer.size() == size_of(text, form));
    const auto bytes = writer.flatten();
    CHECK(Reader(bytes).text(form).size() == text_size_max);
  }
}

}  // namespace
}  // namespace highwater::wire
