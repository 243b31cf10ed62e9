#include "engine/quorum/snapshot_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "foundation/base/whole_number.h"
#include "machines/controller/limits.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

constexpr std::string_view suffix = ".checkpoint";
constexpr std::size_t offset_digits = 20;
constexpr std::size_t epoch_digits = 10;
// A string of a record has at most 32 KiB.
constexpr std::size_t records_per_batch = 64;

template <class Number>
std::optional<Number> number_of(std::string_view digits) {
  const auto value = whole_number<Number>(digits);
  return value.value_or(-1) < 0 ? std::nullopt : value;
}

}  // namespace

std::string snapshot_file_name(const SnapshotId& id) {
  return fmt::format("{:020}-{:010}{}", id.end_offset, id.epoch, suffix);
}

std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name) {
  if (name.size() != offset_digits + 1 + epoch_digits + suffix.size() || !name.ends_with(suffix) ||
      name[offset_digits] != '-') {
    return std::nullopt;
  }
  const auto offset = number_of<Offset>(name.substr(0, offset_digits));
  const auto epoch = number_of<Epoch>(name.substr(offset_digits + 1, epoch_digits));
  if (!offset.has_value() || !epoch.has_value()) return std::nullopt;
  return SnapshotId{*offset, *epoch};
}

bool is_snapshot_leftover(std::string_view name) {
  constexpr std::size_t id_size = offset_digits + 1 + epoch_digits;
  if (!name.ends_with(".checkpoint.part") && !name.ends_with(".checkpoint.deleted")) return false;
  const std::string id = std::string(name.substr(0, id_size)) + std::string(suffix);
  return parse_snapshot_file_name(id).has_value();
}

Slice print_snapshot(const SnapshotId& id, const SnapshotContent& content, std::int64_t now_ms) {
  BatchBytes all;
  BatchPlace place{0, id.epoch, now_ms};
  const auto add = [&](const BatchBytes& batch) {
    all.insert(all.end(), batch.begin(), batch.end());
    place.base_offset = records::BatchView(batch).last_offset() + 1;
  };
  add(encode_snapshot_header(place, content.last_contained_ms, content.voters));
  for (std::size_t at = 0; at < content.records.size();) {
    const std::size_t count = std::min(content.records.size() - at, controller::records_per_operation_max);
    const auto first = content.records.begin() + static_cast<std::ptrdiff_t>(at);
    add(encode_records_batch(place, {first, count}));
    at += count;
  }
  add(encode_snapshot_footer(place));
  return Slice::copy_of(all);
}

Result<SnapshotContent> parse_snapshot(ByteView bytes) {
  SnapshotContent content;
  bool header = false;
  bool footer = false;
  std::optional<std::int16_t> kraft_version;
  records::BatchScanner scanner(bytes);
  while (const auto raw = scanner.next()) {
    if (footer) return failure("something follows the snapshot's footer");
    if (!raw->has_header()) return failure("a batch is not of format 2");
    auto batch = decode_metadata_batch(raw->view());
    if (!batch.has_value()) return std::unexpected(batch.error());
    for (const auto type : batch->controls) {
      if (type == records::ControlType::snapshot_header) header = true;
      if (type == records::ControlType::snapshot_footer) footer = true;
    }
    if (!header) return failure("it does not begin with a snapshot header");
    if (batch->kraft_version.has_value()) kraft_version = batch->kraft_version;
    if (batch->voters.has_value()) content.voters = {kraft_version.value_or(0), std::move(*batch->voters)};
    if (batch->last_contained_ms.has_value()) content.last_contained_ms = *batch->last_contained_ms;
    std::ranges::move(batch->records, std::back_inserter(content.records));
  }
  if (scanner.end() != records::ScanEnd::clean || !footer) return failure("it ends before its footer");
  return content;
}

std::optional<std::int64_t> snapshot_time(ByteView beginning) {
  records::BatchScanner scanner(beginning);
  const auto raw = scanner.next();
  if (!raw.has_value() || !raw->has_header()) return std::nullopt;
  const auto batch = decode_metadata_batch(raw->view());
  if (!batch.has_value()) return std::nullopt;
  return batch->last_contained_ms;
}

SnapshotEncoder::SnapshotEncoder(SnapshotId id, metadata::ImageHandle image, std::optional<SnapshotVoters> voters,
                                 std::int64_t now_ms)
    : place_{0, id.epoch, now_ms},
      last_contained_ms_(image->timestamp_ms()),
      voters_(std::move(voters)),
      reader_(std::move(image)) {}

BatchBytes SnapshotEncoder::next_batch() {
  switch (stage_) {
    case Stage::header:
      stage_ = Stage::records;
      return encode_snapshot_header(place_, last_contained_ms_, voters_);
    case Stage::records: {
      const metadata::Records records = reader_.next(records_per_batch);
      if (!records.empty()) return encode_records_batch(place_, records);
      stage_ = Stage::done;
      return encode_snapshot_footer(place_);
    }
    case Stage::done:
      return {};
  }
  return {};
}

BatchBytes SnapshotEncoder::next(std::size_t size) {
  BatchBytes all;
  while (all.size() < size) {
    const BatchBytes batch = next_batch();
    if (batch.empty()) break;
    place_.base_offset = records::BatchView(batch).last_offset() + 1;
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

}  // namespace highwater::engine
