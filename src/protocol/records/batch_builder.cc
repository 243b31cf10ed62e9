#include "protocol/records/batch_builder.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/codecs.h"
#include "protocol/records/varint.h"

namespace highwater::records {
namespace {

void append_bytes(std::vector<std::uint8_t>& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

std::int64_t length_of(const Nullable& field) {
  return field.present ? static_cast<std::int64_t>(field.bytes.size()) : -1;
}

std::size_t size_of(const Nullable& field) { return varint_size(length_of(field)) + field.bytes.size(); }

unsigned attributes_of(const BatchOptions& options) {
  unsigned attributes = static_cast<unsigned>(options.codec);
  if (options.timestamp_type == TimestampType::log_append_time) attributes |= attribute::log_append_time;
  if (options.transactional) attributes |= attribute::transactional;
  if (options.control) attributes |= attribute::control;
  return attributes;
}

struct Totals {
  std::int32_t last_offset_delta;
  std::int32_t record_count;
  std::int64_t base_timestamp;
  std::int64_t max_timestamp;
};

void write_header(std::vector<std::uint8_t>& batch, const BatchOptions& options, const Totals& totals) {
  HW_CHECK(batch.size() >= batch_header_size && batch.size() - log_overhead <= INT32_MAX);
  std::uint8_t* const to = batch.data();
  store_be(to + header::base_offset, options.base_offset);
  store_be(to + header::length, static_cast<std::int32_t>(batch.size() - log_overhead));
  store_be(to + header::leader_epoch, options.leader_epoch);
  store_be(to + header::magic, current_magic);
  store_be(to + header::attributes, static_cast<std::uint16_t>(attributes_of(options)));
  store_be(to + header::last_offset_delta, totals.last_offset_delta);
  store_be(to + header::base_timestamp, totals.base_timestamp);
  store_be(to + header::max_timestamp, totals.max_timestamp);
  store_be(to + header::producer_id, options.producer_id);
  store_be(to + header::producer_epoch, options.producer_epoch);
  store_be(to + header::base_sequence, options.base_sequence);
  store_be(to + header::record_count, totals.record_count);
  seal_crc(batch);
}

}  // namespace

BatchBuilder::BatchBuilder(const BatchOptions& options)
    : options_(options), out_(std::make_unique<std::vector<std::uint8_t>>(batch_header_size)) {
  if (options.codec != Codec::none) {
    compressor_ = compress::make_compressor(compressed_with(options.codec), options.levels, *out_, options.shelf);
  }
}

BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder::~BatchBuilder() = default;

void BatchBuilder::append(const NewRecord& record) { append_at(last_delta_ + 1, record); }

void BatchBuilder::append_at(std::int32_t offset_delta, const NewRecord& record) {
  std::size_t headers_size = 0;
  for (const Header& header : record.headers) headers_size += size_of(Nullable::of(header.key)) + size_of(header.value);
  begin_record(offset_delta, {.timestamp = record.timestamp,
                              .key = record.key,
                              .value = record.value,
                              .header_count = static_cast<std::int32_t>(record.headers.size()),
                              .headers_size = headers_size});
  for (const Header& header : record.headers) {
    put_varint(scratch_, static_cast<std::int64_t>(header.key.size()));
    append_bytes(scratch_, header.key);
    put_varint(scratch_, length_of(header.value));
    append_bytes(scratch_, header.value.bytes);
  }
  put_scratch();
}

void BatchBuilder::append_copy(std::int32_t offset_delta, const Record& record) {
  begin_record(offset_delta, {.timestamp = record.timestamp,
                              .key = record.key,
                              .value = record.value,
                              .header_count = record.header_count,
                              .headers_size = record.headers.size()});
  put_scratch();
  put(record.headers);
}

void BatchBuilder::begin_record(std::int32_t offset_delta, const Fields& fields) {
  HW_CHECK(offset_delta > last_delta_);
  if (count_ == 0) base_timestamp_ = fields.timestamp;
  const auto timestamp_delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(fields.timestamp) -
                                                         static_cast<std::uint64_t>(base_timestamp_));
  max_timestamp_ = std::max(max_timestamp_, fields.timestamp);
  last_delta_ = offset_delta;
  ++count_;

  const std::size_t body = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) + size_of(fields.key) +
                           size_of(fields.value) + varint_size(fields.header_count) + fields.headers_size;
  HW_CHECK(body <= INT32_MAX);
  put_varint(scratch_, static_cast<std::int64_t>(body));
  scratch_.push_back(0);  // record attributes: none exist
  put_varint(scratch_, timestamp_delta);
  put_varint(scratch_, offset_delta);
  put_varint(scratch_, length_of(fields.key));
  put_scratch();
  put(fields.key.bytes);
  put_varint(scratch_, length_of(fields.value));
  put_scratch();
  put(fields.value.bytes);
  put_varint(scratch_, fields.header_count);
}

void BatchBuilder::put(ByteView bytes) {
  if (bytes.empty()) return;
  if (compressor_ != nullptr) {
    compressor_->write(bytes);
  } else {
    append_bytes(*out_, bytes);
  }
}

void BatchBuilder::put_scratch() {
  put(scratch_);
  scratch_.clear();
}

std::vector<std::uint8_t> BatchBuilder::finish() {
  HW_CHECK(count_ > 0);
  if (compressor_ != nullptr) compressor_->finish();
  compressor_.reset();
  const bool stamped = options_.timestamp_type == TimestampType::log_append_time;
  write_header(*out_, options_,
               {.last_offset_delta = last_delta_,
                .record_count = count_,
                .base_timestamp = base_timestamp_,
                .max_timestamp = stamped ? options_.log_append_time : max_timestamp_});
  return std::move(*out_);
}

std::vector<std::uint8_t> single_record_batch(const BatchOptions& options, const NewRecord& record) {
  BatchBuilder builder(options);
  builder.append(record);
  return builder.finish();
}

std::vector<std::uint8_t> empty_batch(const BatchOptions& options, std::int32_t last_offset_delta,
                                      std::int64_t max_timestamp) {
  std::vector<std::uint8_t> batch(batch_header_size);
  write_header(batch, options,
               {.last_offset_delta = last_offset_delta,
                .record_count = 0,
                .base_timestamp = no_timestamp,
                .max_timestamp = max_timestamp});
  return batch;
}

}  // namespace highwater::records
