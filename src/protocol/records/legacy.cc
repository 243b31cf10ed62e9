#include "protocol/records/legacy.h"

#include <xxhash.h>
#include <zlib.h>

#include <algorithm>

#include "foundation/base/check.h"
#include "foundation/compress/decompressor.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/codecs.h"

namespace highwater::records {
namespace {

constexpr std::size_t crc_at = 12;
constexpr std::size_t length_size = sizeof(std::int32_t);

// Where the field with a length at `at` ends; nothing if it does not fit.
std::optional<std::size_t> end_of_field(ByteView bytes, std::size_t at) {
  if (bytes.size() < at + length_size) return std::nullopt;
  const auto length = load_be<std::int32_t>(bytes.data() + at);
  if (length < 0) return at + length_size;
  const std::size_t end = at + length_size + static_cast<std::size_t>(length);
  return end <= bytes.size() ? std::optional(end) : std::nullopt;
}

Nullable field_at(ByteView bytes, std::size_t at) {
  const auto length = load_be<std::int32_t>(bytes.data() + at);
  if (length < 0) return Nullable::none();
  return Nullable::of(bytes.subspan(at + length_size, static_cast<std::size_t>(length)));
}

// Writers of magic 0 put a wrong checksum into the header of their lz4 frames, so Kafka does not look at it there. The
// library does; it gets a copy with the right one.
std::vector<std::uint8_t> with_header_checksum(ByteView frame) {
  constexpr std::size_t flags_at = 4;
  constexpr unsigned has_content_size = 0x08;
  std::vector<std::uint8_t> copy(frame.begin(), frame.end());
  if (copy.size() <= flags_at) return copy;
  const std::size_t checksum_at = (copy[flags_at] & has_content_size) != 0 ? 14 : 6;
  if (copy.size() <= checksum_at) return copy;
  copy[checksum_at] = static_cast<std::uint8_t>(XXH32(copy.data() + flags_at, checksum_at - flags_at, 0) >> 8);
  return copy;
}

}  // namespace

bool LegacyView::well_formed() const {
  if (bytes_.size() < size_up_to_magic + 1 || magic() < 0 || magic() > 1) return false;
  const auto key_end = end_of_field(bytes_, key_at());
  if (!key_end) return false;
  return end_of_field(bytes_, *key_end) == bytes_.size();
}

bool LegacyView::crc_ok() const {
  const ByteView covered = bytes_.subspan(header::magic);
  const auto computed = crc32_z(0, covered.data(), covered.size());
  return load_be<std::uint32_t>(bytes_.data() + crc_at) == computed;
}

TimestampType LegacyView::timestamp_type() const {
  return (bytes_[attributes_at] & attribute::log_append_time) != 0 ? TimestampType::log_append_time
                                                                   : TimestampType::create_time;
}

Nullable LegacyView::key() const { return field_at(bytes_, key_at()); }

Nullable LegacyView::value() const { return field_at(bytes_, *end_of_field(bytes_, key_at())); }

LegacyReader::LegacyReader(ByteView entry, const ReadLimits& limits) : entry_(entry), limits_(limits) {}

Result<std::optional<Record>, RecordError> LegacyReader::next() {
  const LegacyView outer(entry_);
  if (done_) return std::nullopt;
  if (!outer.well_formed()) return std::unexpected(RecordError::malformed);
  if (!outer.is_compressed()) {
    done_ = true;
    return Record{.offset = outer.last_offset(),
                  .timestamp = outer.timestamp(),
                  .key = outer.key(),
                  .value = outer.value(),
                  .header_count = 0,
                  .headers = {}};
  }
  if (!opened_) {
    if (const auto unwrapped = unwrap(); !unwrapped) return std::unexpected(unwrapped.error());
    opened_ = true;
  }
  BatchScanner scanner(ByteView(inner_).subspan(position_));
  const auto entry = scanner.next();
  if (!entry) {
    done_ = true;
    return std::nullopt;
  }
  position_ += entry->bytes.size();
  const LegacyView inner(entry->bytes);
  const bool stamped = outer.timestamp_type() == TimestampType::log_append_time;
  return Record{.offset = base_ + inner.last_offset(),
                .timestamp = stamped ? outer.timestamp() : inner.timestamp(),
                .key = inner.key(),
                .value = inner.value(),
                .header_count = 0,
                .headers = {}};
}

// Inflates the wrapper and checks every inner entry, so that the walk afterwards cannot fail.
Result<void, RecordError> LegacyReader::unwrap() {
  const LegacyView outer(entry_);
  if (outer.codec_id() >= codec_count) return std::unexpected(RecordError::unknown_codec);
  const auto codec = static_cast<Codec>(outer.codec_id());
  ByteView packed = outer.value().bytes;
  std::vector<std::uint8_t> corrected;
  if (outer.magic() == 0 && codec == Codec::lz4) packed = corrected = with_header_checksum(packed);
  const auto stream = compress::make_decompressor(compressed_with(codec), packed, limits_.output_max);
  constexpr std::size_t piece = std::size_t{64} << 10;
  std::size_t size = 0;
  while (!stream->finished()) {
    inner_.resize(size + piece);
    const auto got = stream->read(MutableBytes(inner_).subspan(size));
    if (!got) {
      return std::unexpected(got.error() == compress::CompressError::output_too_large ? RecordError::too_large
                                                                                      : RecordError::undecodable);
    }
    size += *got;
  }
  inner_.resize(size);

  Offset last_inner = 0;
  bool sound = true;
  const ScanEnd end = for_each_batch(inner_, [&](const RawBatch& entry) {
    const LegacyView inner(entry.bytes);
    sound = sound && inner.well_formed() && inner.magic() == outer.magic() && !inner.is_compressed() && inner.crc_ok();
    last_inner = entry.first_field();
  });
  if (!sound || end != ScanEnd::clean || inner_.empty()) return std::unexpected(RecordError::malformed);
  // Magic 0 keeps absolute offsets inside.
  base_ = outer.magic() == 0 ? 0 : outer.last_offset() - last_inner;
  return {};
}

}  // namespace highwater::records
