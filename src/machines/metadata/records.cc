#include "machines/metadata/records.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"

namespace highwater::metadata {

namespace {

constexpr std::uint32_t frame_version = 1;

struct FrameHead {
  std::uint32_t key;
  std::uint32_t version;
};

template <class Message>
Result<MetadataRecord> decode_as(const FrameHead& head, wire::Reader& reader) {
  if (head.version > static_cast<std::uint32_t>(Message::highest_version) ||
      static_cast<std::int32_t>(head.version) < Message::lowest_version) {
    return failure(fmt::format("{} has version {}, this release knows {} to {}", Message::message_name, head.version,
                               Message::lowest_version, Message::highest_version));
  }
  Message message;
  const auto version = static_cast<std::int16_t>(head.version);
  if (!decode(reader, version, message)) {
    return failure(fmt::format("{} version {} cannot be read: {}", Message::message_name, version, reader.error()));
  }
  if (reader.remaining() != 0) {
    return failure(fmt::format("{} version {} is followed by {} bytes that belong to nothing", Message::message_name,
                               version, reader.remaining()));
  }
  return MetadataRecord{std::move(message), version};
}

template <std::size_t I = 0>
Result<MetadataRecord> decode_by_key(const FrameHead& head, wire::Reader& reader) {
  if constexpr (I == std::variant_size_v<RecordValue>) {
    return failure(fmt::format("metadata record type {} is unknown to this release", head.key));
  } else {
    using Message = std::variant_alternative_t<I, RecordValue>;
    if (head.key == static_cast<std::uint32_t>(Message::message_key)) return decode_as<Message>(head, reader);
    return decode_by_key<I + 1>(head, reader);
  }
}

}  // namespace

Result<MetadataRecord> decode_record(ByteView frame) {
  wire::Reader reader(frame);
  const std::uint32_t found = reader.uvarint();
  const FrameHead head{reader.uvarint(), reader.uvarint()};
  if (!reader.ok()) return failure(fmt::format("a metadata record {}", reader.error()));
  if (found != frame_version) return failure(fmt::format("a metadata record has frame version {}, not 1", found));
  return decode_by_key(head, reader);
}

std::vector<std::uint8_t> encode_record(const MetadataRecord& record) {
  wire::Writer writer;
  const auto write = [&](const auto& message) {
    writer.uvarint(frame_version);
    writer.uvarint(static_cast<std::uint32_t>(message.message_key));
    writer.uvarint(static_cast<std::uint32_t>(record.version));
    encode(writer, message, record.version);
  };
  std::visit(write, record.value);
  return writer.flatten();
}

std::string_view record_name(const MetadataRecord& record) {
  return std::visit([](const auto& message) { return message.message_name; }, record.value);
}

}  // namespace highwater::metadata
