#include "protocol/records/record_scan.h"

#include <algorithm>
#include <cstring>

#include "foundation/base/check.h"
#include "protocol/records/codecs.h"
#include "protocol/records/record_layout.h"
#include "protocol/records/varint.h"

namespace highwater::records {
namespace {

// Records up to this size are looked at in one piece; longer ones field by field.
constexpr std::size_t window_size = std::size_t{32} << 10;
constexpr std::size_t read_size = std::size_t{16} << 10;
constexpr std::size_t cost_per_record = 8;
// What a read that gives nothing yet is taken to have cost.
constexpr std::size_t cost_of_pause = std::size_t{64} << 10;

void spend(std::size_t& budget, std::size_t cost) { budget -= std::min(budget, cost); }

}  // namespace

RecordScan::RecordScan(BatchView batch, std::uint64_t output_max, compress::ContextShelf* shelf)
    : batch_(batch), window_(batch.records()), left_(batch.record_count()) {
  HW_CHECK(batch.has_known_codec());
  if (left_ < 0) fail(RecordError::malformed);
  if (!batch.is_compressed()) return;
  inflate_ = compress::make_decompressor(compressed_with(batch.codec()), batch.records(), output_max, shelf);
  memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(window_size);
  window_ = {memory_.get(), 0};
}

RecordScan::RecordScan(RecordScan&&) noexcept = default;
RecordScan::~RecordScan() = default;

ScanStep RecordScan::next(std::size_t& budget) {
  switch (stage_) {
    case Stage::failed:
      return ScanStep::error;
    case Stage::length:
      return left_ == 0 ? at_end(budget) : begin_record(budget);
    case Stage::whole:
      return whole_record(budget);
    case Stage::prefix:
    case Stage::key:
    case Stage::value:
    case Stage::header_key:
    case Stage::header_value:
      return long_record(budget);
  }
  HW_CHECK(false);
}

ScanStep RecordScan::at_end(std::size_t& budget) {
  if (batch_.record_count() == 0) return ScanStep::end;  // emptied by compaction
  const Supply supply = want(1, budget);
  if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
  return available() == 0 ? ScanStep::end : fail(RecordError::records_remain);
}

ScanStep RecordScan::begin_record(std::size_t& budget) {
  if (budget == 0) return ScanStep::paused;
  if (available() < varint_size_max) {
    const Supply supply = want(varint_size_max, budget);
    if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
  }
  std::int32_t length = 0;
  if (!take_varint(length) || length < 0) return fail(RecordError::malformed);
  record_left_ = static_cast<std::size_t>(length);
  spend(budget, cost_per_record);
  if (inflate_ != nullptr && record_left_ > window_size) {
    stage_ = Stage::prefix;
    return long_record(budget);
  }
  stage_ = Stage::whole;
  return whole_record(budget);
}

ScanStep RecordScan::whole_record(std::size_t& budget) {
  if (available() < record_left_) {
    const Supply supply = want(record_left_, budget);
    if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
    if (available() < record_left_) return fail(RecordError::malformed);
  }
  RecordLayout layout;
  if (!parse_record(window_.subspan(cursor_, record_left_), layout)) return fail(RecordError::malformed);
  record_ = {.timestamp = timestamp_of(layout.timestamp_delta),
             .offset_delta = layout.offset_delta,
             .has_key = layout.key.present};
  take(record_left_);
  --left_;
  stage_ = Stage::length;
  return ScanStep::record;
}

ScanStep RecordScan::long_record(std::size_t& budget) {
  for (;;) {
    if (stage_ == Stage::prefix) {
      const Supply supply = want(record_prefix_max, budget);
      if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
      if (!long_record_prefix()) return fail(RecordError::malformed);
    }
    while (skip_left_ != 0) {
      const Supply supply = want(1, budget);
      if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
      if (available() == 0) return fail(RecordError::malformed);
      const std::size_t count = std::min(skip_left_, available());
      take(count);
      record_left_ -= count;
      skip_left_ -= count;
    }
    // The longest run of varints between two skipped fields: a value's length, then the count of headers and the first
    // header's key length.
    const Supply supply = want(3 * varint_size_max, budget);
    if (supply != Supply::ready) return supply == Supply::paused ? ScanStep::paused : ScanStep::error;
    if (!after_skip()) return fail(RecordError::malformed);
    if (stage_ == Stage::length) return ScanStep::record;
  }
}

bool RecordScan::long_record_prefix() {
  const std::uint8_t* const end = here() + std::min(available(), record_left_);
  const std::uint8_t* from = here();
  if (from == end) return false;
  ++from;  // attributes, which mean nothing
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::int32_t key_length = 0;
  from = read_varlong(from, end, timestamp_delta);
  if (from != nullptr) from = read_varint(from, end, offset_delta);
  if (from != nullptr) from = read_varint(from, end, key_length);
  if (from == nullptr) return false;
  const auto count = static_cast<std::size_t>(from - here());
  take(count);
  record_left_ -= count;
  record_ = {.timestamp = timestamp_of(timestamp_delta), .offset_delta = offset_delta, .has_key = key_length >= 0};
  return begin_skip(key_length, Stage::key);
}

// The field of `stage_` is behind us; reads up to the next one to be skipped. Back at Stage::length the record is done.
bool RecordScan::after_skip() {
  std::int32_t length = 0;
  switch (stage_) {
    case Stage::key:
      return take_varint(length) && begin_skip(length, Stage::value);
    case Stage::value:
      return take_varint(headers_left_) && headers_left_ >= 0 && expect_header();
    case Stage::header_key:
      return take_varint(length) && begin_skip(length, Stage::header_value);
    case Stage::header_value:
      --headers_left_;
      return expect_header();
    case Stage::length:
    case Stage::whole:
    case Stage::prefix:
    case Stage::failed:
      break;
  }
  HW_CHECK(false);
}

bool RecordScan::expect_header() {
  std::int32_t length = 0;
  if (headers_left_ != 0) return take_varint(length) && length >= 0 && begin_skip(length, Stage::header_key);
  if (record_left_ != 0) return false;
  --left_;
  stage_ = Stage::length;
  return true;
}

// Any negative length is null, as in Kafka.
bool RecordScan::begin_skip(std::int32_t length, Stage stage) {
  skip_left_ = length < 0 ? 0 : static_cast<std::size_t>(length);
  stage_ = stage;
  return skip_left_ <= record_left_;
}

bool RecordScan::take_varint(std::int32_t& value) {
  const std::size_t limit = stage_ == Stage::length ? available() : std::min(available(), record_left_);
  const std::uint8_t* const after = read_varint(here(), here() + limit, value);
  if (after == nullptr) return false;
  const auto count = static_cast<std::size_t>(after - here());
  take(count);
  if (stage_ != Stage::length) record_left_ -= count;
  return true;
}

RecordScan::Supply RecordScan::want(std::size_t bytes, std::size_t& budget) {
  if (inflate_ == nullptr) return Supply::ready;
  while (available() < bytes && !inflate_->finished()) {
    if (budget == 0) return Supply::paused;
    std::memmove(memory_.get(), here(), available());
    window_ = {memory_.get(), available()};
    cursor_ = 0;
    const std::size_t room = std::min(window_size - window_.size(), read_size);
    const auto got = inflate_->read({memory_.get() + window_.size(), room});
    if (!got) {
      codec_error_ = got.error();
      const bool by_size = codec_error_ == compress::CompressError::output_too_large ||
                           codec_error_ == compress::CompressError::window_too_large;
      fail(by_size ? RecordError::too_large : RecordError::undecodable);
      return Supply::failed;
    }
    window_ = {memory_.get(), window_.size() + *got};
    spend(budget, *got == 0 ? cost_of_pause : *got);
  }
  return Supply::ready;
}

void RecordScan::take(std::size_t bytes) {
  cursor_ += bytes;
  consumed_ += bytes;
}

ScanStep RecordScan::fail(RecordError error) {
  error_ = error;
  stage_ = Stage::failed;
  return ScanStep::error;
}

std::int64_t RecordScan::timestamp_of(std::int64_t delta) const { return record_timestamp(batch_, delta); }

}  // namespace highwater::records
