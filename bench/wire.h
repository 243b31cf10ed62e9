// The few Kafka messages that the benchmark client speaks, written out by hand: it must load a server without sharing
// a line with it. Non-flexible versions that every Kafka from 4.0 on takes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bench {

// Appends big-endian primitives to a buffer.
class Writer {
 public:
  void u8(int value) { out_.push_back(static_cast<char>(value)); }
  void i16(int value) { big_endian(static_cast<std::uint64_t>(value), 2); }
  void i32(std::int64_t value) { big_endian(static_cast<std::uint64_t>(value), 4); }
  void i64(std::int64_t value) { big_endian(static_cast<std::uint64_t>(value), 8); }
  void varint(std::int64_t value);
  void string(std::string_view text) {
    i16(static_cast<int>(text.size()));
    out_ += text;
  }
  void raw(std::string_view bytes) { out_ += bytes; }
  void patch_i32(std::size_t at, std::uint32_t value);

  std::size_t size() const { return out_.size(); }
  const std::string& bytes() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void big_endian(std::uint64_t value, int bytes);
  std::string out_;
};

// Reads them again; anything short or odd ends the program, because a broken answer makes every figure void.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  int i16() { return static_cast<std::int16_t>(big_endian(2)); }
  std::int32_t i32() { return static_cast<std::int32_t>(big_endian(4)); }
  std::int64_t i64() { return static_cast<std::int64_t>(big_endian(8)); }
  std::string_view string();
  std::string_view bytes(std::size_t count);

 private:
  std::uint64_t big_endian(std::size_t bytes);
  std::string_view rest_;
};

struct Target {
  std::string topic;
  std::int32_t partition;
};

// Each returns a whole frame: length, header, body.
std::string create_topic_request(const std::string& topic, int partitions);
std::string delete_topic_request(const std::string& topic);
std::string end_offset_request(const Target& target);
std::string produce_request(const Target& target, int acks, const std::string& batch);
std::string fetch_request(const Target& target, std::int64_t offset, std::int32_t max_bytes);

// Each takes an answer without its length and correlation id.
int topic_error(std::string_view answer);  // of creating or deleting one
struct EndOffset {
  int error;
  std::int64_t offset;
};
EndOffset end_offset(std::string_view answer);
int produce_error(std::string_view answer);
struct Fetched {
  int error;
  std::string_view records;
};
Fetched fetched(std::string_view answer);

// One uncompressed batch of records of about 1 KiB, `size` bytes long at most and less only by a few, with its
// checksum.
struct Batch {
  std::string bytes;
  int records;
};
Batch build_batch(std::size_t size);

[[noreturn]] void fail(const std::string& sentence);

}  // namespace bench
