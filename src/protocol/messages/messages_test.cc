#include <doctest/doctest.h>

#include <algorithm>

#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/create_topics_request.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/request_header.h"

namespace highwater::messages {
namespace {

template <class Message>
std::vector<std::uint8_t> bytes_of(const Message& message, std::int16_t version) {
  wire::Writer writer;
  encode(writer, message, version);
  CHECK(writer.size() == encoded_size(message, version));
  return writer.flatten();
}

template <class Message>
Message read_back(ByteView bytes, std::int16_t version) {
  wire::Reader reader(bytes);
  Message message;
  CHECK(decode(reader, version, message));
  CHECK(reader.remaining() == 0);
  return message;
}

TEST_CASE("a field that the version lacks is dropped, and told apart by whether it may be ignored") {
  FetchRequest request;
  request.topics.emplace_back().partitions.emplace_back().last_fetched_epoch = 7;
  CHECK(representable(request, 12));
  CHECK_FALSE(representable(request, 11));
  const auto without_epoch = bytes_of(request, 11);
  CHECK(read_back<FetchRequest>(without_epoch, 11).topics[0].partitions[0].last_fetched_epoch == -1);

  FetchRequest ignorable;
  ignorable.session_id = 5;
  CHECK(representable(ignorable, 6));
  CHECK(read_back<FetchRequest>(bytes_of(ignorable, 6), 6).session_id == 0);
}

TEST_CASE("null where the version knows no null is written empty") {
  MetadataRequest all;
  all.topics.reset();
  CHECK(representable(all, 1));
  CHECK_FALSE(representable(all, 0));
  const MetadataRequest read = read_back<MetadataRequest>(bytes_of(all, 0), 0);
  REQUIRE(read.topics.has_value());
  CHECK(read.topics->empty());
}

TEST_CASE("an owned request outlives the frame it was decoded from") {
  CreateTopicsRequest topics;
  auto& topic = topics.topics.emplace_back();
  topic.name = "orders";
  auto& config = topic.configs.emplace_back();
  config.name = "retention.ms";
  config.value = "1000";
  topic.configs.emplace_back().value.reset();
  AlterUserScramCredentialsRequest scram;
  scram.upsertions.emplace_back().salt = wire::Blob(as_bytes("salt"));

  auto frame = bytes_of(topics, 7);
  auto copy = read_back<CreateTopicsRequest>(frame, 7);
  own(copy);
  std::ranges::fill(frame, 0xFF);
  CHECK(copy == topics);

  auto other_frame = bytes_of(scram, 0);
  auto other_copy = read_back<AlterUserScramCredentialsRequest>(other_frame, 0);
  own(other_copy);
  std::ranges::fill(other_frame, 0xFF);
  CHECK(other_copy == scram);
}

TEST_CASE("a string over the limit is cut, and not representable") {
  RequestHeader header;
  header.client_id = std::string(40'000, 'c');
  CHECK_FALSE(representable(header, 2));
  const auto bytes = bytes_of(header, 2);
  CHECK(read_back<RequestHeader>(bytes, 2).client_id->size() == wire::text_size_max);
}

TEST_CASE("the client id keeps its classic length in flexible headers") {
  RequestHeader header;
  header.request_api_key = 18;
  header.client_id = "c";
  CHECK(bytes_of(header, 2) == std::vector<std::uint8_t>{0, 18, 0, 0, 0, 0, 0, 0, 0, 1, 'c', 0});
}

TEST_CASE("versions outside of the schema are refused") {
  const std::vector<std::uint8_t> bytes(64, 0);
  for (const int version : {-1, 2, 14, 32767}) {
    wire::Reader reader(bytes);
    ProduceRequest request;
    CHECK_FALSE(decode(reader, static_cast<std::int16_t>(version), request));
    CHECK_FALSE(representable(request, static_cast<std::int16_t>(version)));
  }
}

TEST_CASE("unknown tagged fields are skipped") {
  ApiVersionsRequest request;
  request.client_software_name = "kit";
  std::vector<std::uint8_t> bytes = bytes_of(request, 3);
  bytes.back() = 1;
  for (const int byte : {99, 2, 7, 7}) bytes.push_back(static_cast<std::uint8_t>(byte));
  CHECK(read_back<ApiVersionsRequest>(bytes, 3) == request);
}

TEST_CASE("a count that the frame cannot hold is refused without making room for it") {
  // Null transactional id, acks, timeout, then two billion topics.
  const std::uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0};
  wire::Reader reader(bytes);
  ProduceRequest request;
  CHECK_FALSE(decode(reader, 3, request));
  CHECK(std::string_view(reader.error()) == "array beyond the end");
  CHECK(request.topic_data.capacity() <= 1);
}

TEST_CASE("a million empty names in one frame are refused for the memory that they would take") {
  constexpr std::size_t names = 1'000'000;
  std::vector<std::uint8_t> bytes(4 + 2 * names, 0);
  wire::Writer count;
  count.i32(names);
  std::ranges::copy(count.flatten(), bytes.begin());
  wire::Reader reader(bytes);
  MetadataRequest request;
  CHECK_FALSE(decode(reader, 0, request));
  CHECK(std::string_view(reader.error()) == "arrays take too much memory");
}

TEST_CASE("decoding replaces all that the target held before") {
  FetchRequest request;
  request.topics.emplace_back().topic = "old";
  request.rack_id = "old";
  const auto bytes = bytes_of(FetchRequest(), 4);
  wire::Reader reader(bytes);
  CHECK(decode(reader, 4, request));
  CHECK(request == FetchRequest());
}

TEST_CASE("records of an answer leave as the slices they came in") {
  const Slice batch = Slice::allocate(4096);
  FetchResponse response;
  auto& partition = response.responses.emplace_back().partitions.emplace_back();
  partition.records = wire::Records(batch);
  wire::Writer writer(encoded_size(response, 12) - batch.size());
  encode(writer, response, 12);
  const std::vector<Slice> pieces = writer.take();
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[1].data() == batch.data());
}

}  // namespace
}  // namespace highwater::messages
