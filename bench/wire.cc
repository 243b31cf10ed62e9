#include "wire.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "foundation/crypto/crc32c.h"

namespace bench {

namespace {

constexpr int produce_key = 0;
constexpr int fetch_key = 1;
constexpr int list_offsets_key = 2;
constexpr int create_topics_key = 19;
constexpr int delete_topics_key = 20;
constexpr std::size_t batch_header = 61;
constexpr std::size_t batch_checksum_at = 17;

Writer begin(int key, int version) {
  Writer out;
  out.i32(0);
  out.i16(key);
  out.i16(version);
  out.i32(7);
  out.string("rawgen");
  return out;
}

std::string end(Writer out) {
  out.patch_i32(0, static_cast<std::uint32_t>(out.size() - 4));
  return out.take();
}

std::string record(int number, std::size_t value_size) {
  Writer body;
  body.u8(0);
  body.varint(0);
  body.varint(number);
  body.varint(-1);
  body.varint(static_cast<std::int64_t>(value_size));
  std::string value(value_size, ' ');
  for (std::size_t i = 0; i < value_size; ++i) value[i] = static_cast<char>('a' + (i * 7 + value_size) % 26);
  body.raw(value);
  body.varint(0);
  Writer whole;
  whole.varint(static_cast<std::int64_t>(body.size()));
  whole.raw(body.bytes());
  return whole.take();
}

// The largest record that fits into `room`; empty when none does.
std::string largest_record(int number, std::size_t room) {
  for (std::size_t spare = 7; spare <= 16 && spare <= room; ++spare) {
    std::string one = record(number, room - spare);
    if (one.size() <= room) return one;
  }
  return {};
}

}  // namespace

void Writer::big_endian(std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out_.push_back(static_cast<char>(value >> shift));
}

void Writer::varint(std::int64_t value) {
  auto bits = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7) u8(static_cast<int>(bits & 0x7f) | 0x80);
  u8(static_cast<int>(bits));
}

void Writer::patch_i32(std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

std::uint64_t Reader::big_endian(std::size_t bytes) {
  std::uint64_t value = 0;
  for (const char byte : this->bytes(bytes)) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::string_view Reader::bytes(std::size_t count) {
  if (count > rest_.size()) fail("an answer is shorter than its form says");
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::string_view Reader::string() {
  const int length = i16();
  return length < 0 ? std::string_view() : bytes(static_cast<std::size_t>(length));
}

std::string create_topic_request(const std::string& topic, int partitions) {
  Writer out = begin(create_topics_key, 2);
  out.i32(1);
  out.string(topic);
  out.i32(partitions);
  out.i16(1);
  out.i32(0);
  out.i32(0);
  out.i32(30'000);
  out.u8(0);
  return end(std::move(out));
}

std::string delete_topic_request(const std::string& topic) {
  Writer out = begin(delete_topics_key, 1);
  out.i32(1);
  out.string(topic);
  out.i32(30'000);
  return end(std::move(out));
}

std::string end_offset_request(const Target& target) {
  Writer out = begin(list_offsets_key, 1);
  out.i32(-1);
  out.i32(1);
  out.string(target.topic);
  out.i32(1);
  out.i32(target.partition);
  out.i64(-1);
  return end(std::move(out));
}

std::string produce_request(const Target& target, int acks, const std::string& batch) {
  Writer out = begin(produce_key, 7);
  out.i16(-1);
  out.i16(acks);
  out.i32(30'000);
  out.i32(1);
  out.string(target.topic);
  out.i32(1);
  out.i32(target.partition);
  out.i32(static_cast<std::int64_t>(batch.size()));
  out.raw(batch);
  return end(std::move(out));
}

std::string fetch_request(const Target& target, std::int64_t offset, std::int32_t max_bytes) {
  Writer out = begin(fetch_key, 4);
  out.i32(-1);
  out.i32(500);
  out.i32(1);
  out.i32(max_bytes);
  out.u8(0);
  out.i32(1);
  out.string(target.topic);
  out.i32(1);
  out.i32(target.partition);
  out.i64(offset);
  out.i32(max_bytes);
  return end(std::move(out));
}

int topic_error(std::string_view answer) {
  Reader in(answer);
  in.i32();
  if (in.i32() != 1) fail("CreateTopics or DeleteTopics answers for another number of topics");
  in.string();
  return in.i16();
}

EndOffset end_offset(std::string_view answer) {
  Reader in(answer);
  if (in.i32() != 1) fail("ListOffsets answers for another number of topics");
  in.string();
  if (in.i32() != 1) fail("ListOffsets answers for another number of partitions");
  in.i32();
  const int error = in.i16();
  in.i64();
  return {error, in.i64()};
}

int produce_error(std::string_view answer) {
  Reader in(answer);
  if (in.i32() != 1) fail("Produce answers for another number of topics");
  in.string();
  if (in.i32() != 1) fail("Produce answers for another number of partitions");
  in.i32();
  return in.i16();
}

Fetched fetched(std::string_view answer) {
  Reader in(answer);
  in.i32();
  if (in.i32() != 1) fail("Fetch answers for another number of topics");
  in.string();
  if (in.i32() != 1) fail("Fetch answers for another number of partitions");
  in.i32();
  const int error = in.i16();
  in.i64();
  in.i64();
  for (std::int32_t aborted = in.i32(); aborted > 0; --aborted) in.bytes(16);
  const std::int32_t length = in.i32();
  return {error, length <= 0 ? std::string_view() : in.bytes(static_cast<std::size_t>(length))};
}

Batch build_batch(std::size_t size) {
  if (size < batch_header + 16) fail("a batch has at least 77 bytes");
  std::string records;
  int count = 0;
  std::size_t room = size - batch_header;
  while (room > 2'000) {
    records += record(count++, 1'000);
    room = size - batch_header - records.size();
  }
  records += largest_record(count++, room);

  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t timestamp = now.tv_sec * 1'000 + now.tv_nsec / 1'000'000;
  Writer out;
  out.i64(0);
  out.i32(static_cast<std::int64_t>(batch_header - 12 + records.size()));
  out.i32(-1);
  out.u8(2);
  out.i32(0);
  out.i16(0);
  out.i32(count - 1);
  out.i64(timestamp);
  out.i64(timestamp);
  out.i64(-1);
  out.i16(-1);
  out.i32(-1);
  out.i32(count);
  out.raw(records);
  const std::string_view covered = std::string_view(out.bytes()).substr(batch_checksum_at + 4);
  out.patch_i32(batch_checksum_at, highwater::crypto::crc32c(highwater::as_bytes(covered)));
  return {out.take(), count};
}

void fail(const std::string& sentence) {
  std::fprintf(stderr, "rawgen: %s\n", sentence.c_str());
  std::exit(1);
}

}  // namespace bench
