// Message sets of magic 0 and 1. Input: one byte of options, then a message set. With bit 0 sizes and checksums of
// the outer entries are put right first. An entry that is taken says the same again when written from its parts; its
// records end, stay inside the limit and never reach beyond the entry.
#include <zlib.h>

#include <algorithm>

#include "foundation/base/check.h"
#include "foundation/compress/compressor.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/codecs.h"
#include "protocol/records/legacy.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using namespace records;

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t crc_at = 12;
constexpr std::uint64_t output_max = std::uint64_t{1} << 20;

struct Entry {
  Offset offset;
  std::int8_t magic;
  std::uint8_t attributes;
  std::int64_t timestamp;
  Nullable key;
  Nullable value;
};

template <class Integer>
void put(Bytes& out, Integer value) {
  out.resize(out.size() + sizeof(Integer));
  store_be(out.data() + out.size() - sizeof(Integer), value);
}

void put_field(Bytes& out, const Nullable& field) {
  put(out, field.present ? static_cast<std::int32_t>(field.bytes.size()) : -1);
  out.insert(out.end(), field.bytes.begin(), field.bytes.end());
}

void put_checksum(MutableBytes entry) {
  const ByteView covered = entry.subspan(header::magic);
  store_be(entry.data() + crc_at, static_cast<std::uint32_t>(crc32_z(0, covered.data(), covered.size())));
}

Bytes write(const Entry& entry) {
  Bytes out;
  put(out, entry.offset);
  put(out, std::int32_t{0});
  put(out, std::uint32_t{0});
  put(out, entry.magic);
  put(out, entry.attributes);
  if (entry.magic == 1) put(out, entry.timestamp);
  put_field(out, entry.key);
  put_field(out, entry.value);
  store_be(out.data() + header::length, static_cast<std::int32_t>(out.size() - log_overhead));
  put_checksum(out);
  return out;
}

void repair(Bytes& bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= size_up_to_magic) {
    const MutableBytes rest = MutableBytes(bytes).subspan(at);
    const auto declared = load_be<std::int32_t>(rest.data() + header::length);
    const std::size_t most = rest.size() - log_overhead;
    const std::size_t size =
        declared < 14 || static_cast<std::size_t>(declared) > most ? most : static_cast<std::size_t>(declared);
    store_be(rest.data() + header::length, static_cast<std::int32_t>(size));
    put_checksum(rest.first(log_overhead + size));
    at += log_overhead + size;
  }
}

bool inside(ByteView part, ByteView whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_written_again(const LegacyView& view, ByteView bytes) {
  const Bytes again = write({.offset = view.last_offset(),
                             .magic = view.magic(),
                             .attributes = bytes[17],
                             .timestamp = view.timestamp(),
                             .key = view.key(),
                             .value = view.value()});
  HW_CHECK(again.size() == bytes.size());
  // A null field may be written with any negative length; the rest has one form.
  if (view.key().present && view.value().present && view.crc_ok()) HW_CHECK(std::ranges::equal(again, bytes));
}

void check_entry(const RawBatch& raw) {
  const LegacyView view(raw.bytes);
  LegacyReader reader(raw.bytes, {.record_max = output_max, .output_max = output_max});
  if (view.well_formed()) check_written_again(view, raw.bytes);
  std::size_t count = 0;
  std::size_t payload = 0;
  for (;;) {
    const auto record = reader.next();
    if (!record) {
      HW_CHECK(count == 0);  // a wrapper is checked whole before its first record
      break;
    }
    if (!*record) break;
    HW_CHECK(view.well_formed());
    ++count;
    payload += (*record)->payload_size();
    if (!view.is_compressed()) {
      HW_CHECK(inside((*record)->key.bytes, raw.bytes) && inside((*record)->value.bytes, raw.bytes));
    }
    HW_CHECK(payload <= std::max<std::size_t>(output_max, raw.bytes.size()));
  }
  if (view.well_formed() && !view.is_compressed()) HW_CHECK(count == 1);
}

}  // namespace

void run(ByteView input) {
  if (input.empty()) return;
  Bytes bytes(input.begin() + 1, input.end());
  if ((input[0] & 1) != 0) repair(bytes);
  for_each_batch(bytes, [](const RawBatch& raw) {
    if (!raw.is_current()) check_entry(raw);
  });
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  const auto add = [&](const Bytes& set) {
    for (const unsigned bits : {0u, 1u}) {
      Input input{static_cast<std::uint8_t>(bits)};
      input.insert(input.end(), set.begin(), set.end());
      all.push_back(std::move(input));
    }
  };
  const Bytes value(100, 'v');
  for (const std::int8_t magic : {std::int8_t{0}, std::int8_t{1}}) {
    Bytes set;
    for (Offset offset = 0; offset < 3; ++offset) {
      const Bytes entry = write({.offset = offset,
                                 .magic = magic,
                                 .attributes = 0,
                                 .timestamp = 1000 + offset,
                                 .key = offset == 1 ? Nullable::none() : Nullable::of(as_bytes("key")),
                                 .value = offset == 2 ? Nullable::none() : Nullable::of(value)});
      set.insert(set.end(), entry.begin(), entry.end());
    }
    add(set);
    for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4}) {
      const Bytes packed = compress::compress_all(compressed_with(codec), set);
      const Bytes wrapper = write({.offset = 12,
                                   .magic = magic,
                                   .attributes = static_cast<std::uint8_t>(codec),
                                   .timestamp = 1002,
                                   .key = Nullable::none(),
                                   .value = Nullable::of(packed)});
      add(wrapper);
    }
  }
  return all;
}

}  // namespace highwater::fuzz
