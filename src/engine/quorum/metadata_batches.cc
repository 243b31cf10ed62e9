#include "engine/quorum/metadata_batches.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "protocol/messages/kraft_version_record.h"
#include "protocol/messages/leader_change_message.h"
#include "protocol/messages/snapshot_footer_record.h"
#include "protocol/messages/snapshot_header_record.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/record_reader.h"

namespace highwater::engine {

namespace {

using records::ControlType;

enum class Kind : std::uint8_t { data, control };

records::BatchOptions options_for(const BatchPlace& place, Kind kind) {
  records::BatchOptions options;
  options.base_offset = place.base_offset;
  options.leader_epoch = place.epoch;
  options.control = kind == Kind::control;
  return options;
}

// Control values of KRaft are messages whose first field repeats their version.
template <class Message>
BatchBytes control_value(const Message& message) {
  wire::Writer writer;
  encode(writer, message, message.version);
  return writer.flatten();
}

class ControlBatch {
 public:
  explicit ControlBatch(const BatchPlace& place)
      : builder_(options_for(place, Kind::control)), timestamp_(place.timestamp_ms) {}

  template <class Message>
  void add(ControlType type, const Message& message) {
    const auto key = records::control_key(type);
    const BatchBytes value = control_value(message);
    records::NewRecord record;
    record.timestamp = timestamp_;
    record.key = records::Nullable::of(key);
    record.value = records::Nullable::of(value);
    builder_.append(record);
  }
  void add_voters(std::int16_t kraft_version, const raft::Voters& voters) {
    messages::KRaftVersionRecord level;
    level.kraft_version = kraft_version;
    add(ControlType::kraft_version, level);
    add(ControlType::kraft_voters, raft::voters_record(voters));
  }
  BatchBytes finish() { return builder_.finish(); }

 private:
  records::BatchBuilder builder_;
  std::int64_t timestamp_;
};

template <class Message>
Result<Message> read_control(ByteView value) {
  wire::Reader peek(value);
  const std::int16_t version = peek.i16();
  Message message;
  wire::Reader reader(value);
  if (!peek.ok() || version < Message::lowest_version || version > Message::highest_version ||
      !decode(reader, version, message)) {
    return failure(fmt::format("a control record of type {} cannot be read", Message::message_name));
  }
  return message;
}

Result<void> take_control(const records::Record& record, DecodedBatch& out) {
  const auto type = records::control_type(record);
  if (!type.has_value()) return {};
  out.controls.push_back(*type);
  switch (*type) {
    case ControlType::kraft_version: {
      auto level = read_control<messages::KRaftVersionRecord>(record.value.bytes);
      if (!level.has_value()) return std::unexpected(level.error());
      out.kraft_version = level->kraft_version;
      return {};
    }
    case ControlType::kraft_voters: {
      auto voters = read_control<messages::VotersRecord>(record.value.bytes);
      if (!voters.has_value()) return std::unexpected(voters.error());
      out.voters = raft::voters_of(*voters);
      return {};
    }
    case ControlType::abort:
    case ControlType::commit:
    case ControlType::leader_change:
    case ControlType::snapshot_footer:
      return {};
    case ControlType::snapshot_header: {
      auto header = read_control<messages::SnapshotHeaderRecord>(record.value.bytes);
      if (!header.has_value()) return std::unexpected(header.error());
      out.last_contained_ms = header->last_contained_log_timestamp;
      return {};
    }
  }
  return {};
}

}  // namespace

BatchBytes encode_records_batch(const BatchPlace& place, std::span<const metadata::MetadataRecord> all) {
  records::BatchBuilder builder(options_for(place, Kind::data));
  for (const auto& each : all) {
    const BatchBytes value = metadata::encode_record(each);
    records::NewRecord record;
    record.timestamp = place.timestamp_ms;
    record.value = records::Nullable::of(value);
    builder.append(record);
  }
  return builder.finish();
}

BatchBytes encode_epoch_start(const BatchPlace& place, const raft::EpochStart& begin) {
  messages::LeaderChangeMessage change;
  change.leader_id = begin.leader;
  // Version 0, as Kafka 4.3 writes it: ids without directory ids.
  for (const NodeId id : begin.voters) change.voters.push_back({id, {}});
  for (const NodeId id : begin.granting) change.granting_voters.push_back({id, {}});
  ControlBatch batch(place);
  batch.add(ControlType::leader_change, change);
  if (begin.voter_set.has_value()) batch.add_voters(begin.kraft_version.value_or(0), *begin.voter_set);
  return batch.finish();
}

BatchBytes encode_version_raise(const BatchPlace& place, const raft::VersionRaise& raise) {
  ControlBatch batch(place);
  batch.add_voters(raise.kraft_version, raise.voters);
  return batch.finish();
}

BatchBytes encode_snapshot_header(const BatchPlace& place, std::int64_t last_contained_ms,
                                  const std::optional<SnapshotVoters>& voters) {
  messages::SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = last_contained_ms;
  ControlBatch batch(place);
  batch.add(ControlType::snapshot_header, header);
  if (voters.has_value()) batch.add_voters(voters->kraft_version, voters->voters);
  return batch.finish();
}

BatchBytes encode_snapshot_footer(const BatchPlace& place) {
  ControlBatch batch(place);
  batch.add(ControlType::snapshot_footer, messages::SnapshotFooterRecord{});
  return batch.finish();
}

Result<DecodedBatch> decode_metadata_batch(records::BatchView batch) {
  if (!batch.crc_ok()) return failure(fmt::format("the batch at offset {} is damaged", batch.base_offset()));
  DecodedBatch out;
  out.end = {batch.last_offset(), batch.leader_epoch(), batch.max_timestamp()};
  records::RecordReader reader(batch);
  while (true) {
    const auto next = reader.next();
    if (!next.has_value()) return failure(fmt::format("the batch at offset {} is malformed", batch.base_offset()));
    if (!next->has_value()) return out;
    const records::Record& record = **next;
    if (batch.is_control()) {
      auto taken = take_control(record, out);
      if (!taken.has_value()) return std::unexpected(taken.error());
      continue;
    }
    auto decoded = metadata::decode_record(record.value.bytes);
    if (!decoded.has_value()) {
      return failure(fmt::format("the record at offset {}: {}", record.offset, decoded.error().text));
    }
    out.records.push_back(std::move(*decoded));
  }
}

}  // namespace highwater::engine
