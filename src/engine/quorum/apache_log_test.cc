// A metadata log that Apache Kafka 4.3.1 wrote (tests/fixtures/apache_metadata_log): a standalone node with topics
// created, changed and deleted, ACLs, SCRAM credentials, quotas, a clean stop, a kill, and a clean stop.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "engine/quorum/metadata_batches.h"
#include "engine/quorum/quorum_state_file.h"
#include "engine/quorum/snapshot_file.h"
#include "io/linux/paths.h"
#include "machines/metadata/loader.h"
#include "machines/metadata/snapshot.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

Slice fixture(const std::string& name) {
  const auto content = io::paths::read_file(std::string(HIGHWATER_FIXTURES "/apache_metadata_log/") + name, 1 << 20);
  REQUIRE(content.has_value());
  return *content;
}

std::vector<records::BatchView> batches_of(ByteView bytes) {
  std::vector<records::BatchView> batches;
  const auto end = records::for_each_batch(bytes, [&](const records::RawBatch& raw) { batches.push_back(raw.view()); });
  REQUIRE(end == records::ScanEnd::clean);
  return batches;
}

metadata::MetadataLoader loaded(ByteView log) {
  metadata::MetadataLoader loader(std::make_shared<const metadata::MetadataImage>());
  for (const auto& view : batches_of(log)) {
    const auto batch = decode_metadata_batch(view);
    REQUIRE(batch.has_value());
    REQUIRE(loader.on_batch(batch->records, batch->end).has_value());
  }
  return loader;
}

bool same_bytes(const BatchBytes& ours, records::BatchView theirs) {
  const ByteView view = theirs.bytes();
  return BatchBytes(view.begin(), view.end()) == ours;
}

BatchPlace place_of(records::BatchView view) {
  return {view.base_offset(), view.leader_epoch(), view.base_timestamp()};
}

}  // namespace

TEST_CASE("every batch of Apache's metadata log is written back byte for byte") {
  const Slice log = fixture("00000000000000000000.log");
  int data = 0;
  int epochs = 0;
  for (const auto& view : batches_of(log.view())) {
    const auto batch = decode_metadata_batch(view);
    REQUIRE(batch.has_value());
    if (!view.is_control()) {
      CHECK(same_bytes(encode_records_batch(place_of(view), batch->records), view));
      ++data;
      continue;
    }
    raft::EpochStart begin;
    begin.epoch = view.leader_epoch();
    begin.leader = 1;
    begin.voters = begin.granting = {1};
    begin.kraft_version = batch->kraft_version;
    begin.voter_set = batch->voters;
    CHECK(same_bytes(encode_epoch_start(place_of(view), begin), view));
    ++epochs;
  }
  CHECK(epochs == 3);
  CHECK(data == 30);
}

TEST_CASE("kraft.version is raised by the batch that Apache writes for it") {
  const Slice log = fixture("kraft_version_raised.batch");
  const auto theirs = batches_of(log.view());
  REQUIRE(theirs.size() == 1);
  const auto batch = decode_metadata_batch(theirs[0]);
  REQUIRE(batch.has_value());
  REQUIRE(batch->voters.has_value());
  CHECK(batch->kraft_version == 1);
  CHECK(same_bytes(encode_version_raise(place_of(theirs[0]), {1, *batch->voters}), theirs[0]));
}

TEST_CASE("replaying Apache's metadata log gives what its tools showed") {
  const Slice log = fixture("00000000000000000000.log");
  const auto loader = loaded(log.view());
  const metadata::MetadataImage& image = loader.tail();
  CHECK(loader.tail_end().offset == 71);
  CHECK(image.metadata_version() == 30);
  CHECK(image.topic_count() == 1);
  const metadata::TopicImage* topic = image.find_topic("cfg");
  REQUIRE(topic != nullptr);
  CHECK(topic->partitions.size() == 3);
  CHECK(topic->find_partition(0)->leader == no_node);
  CHECK(topic->find_partition(0)->elr == std::vector<NodeId>{1});
  CHECK(topic->find_partition(0)->leader_epoch == 5);
  CHECK(image.configs(metadata::ResourceType::topic, "cfg") ==
        metadata::ConfigValues{{"min.insync.replicas", "1"}, {"segment.bytes", "1048576"}});
  CHECK(image.configs(metadata::ResourceType::broker, "").at("log.cleaner.threads") == "2");
  CHECK(image.acls().size() == 1);
  CHECK(image.acls().begin()->second.principal == "User:b");
  CHECK(image.scram_credentials().size() == 1);
  CHECK(image.client_quotas().begin()->second.at("producer_byte_rate") == 1024.0);
  CHECK(image.producer_ids().next == 1000);
  CHECK(image.find_broker(1)->fenced);
  CHECK(image.find_broker(1)->epoch == 58);
}

TEST_CASE("the image of Apache's log equals the replay of its snapshot") {
  const Slice log = fixture("00000000000000000000.log");
  const auto loader = loaded(log.view());
  SnapshotContent content;
  content.records = metadata::image_records(loader.tail());
  const Slice snapshot = print_snapshot({72, 3}, content, 1);
  const auto read = parse_snapshot(snapshot.view());
  REQUIRE(read.has_value());
  CHECK(read->records == content.records);
  metadata::MetadataLoader copy(std::make_shared<const metadata::MetadataImage>());
  REQUIRE(copy.on_batch(read->records, loader.tail_end()).has_value());
  CHECK(metadata::image_records(copy.tail()) == content.records);
}

TEST_CASE("Apache's bootstrap files are read, and ours have the same batches") {
  const Slice bootstrap = fixture("bootstrap.checkpoint");
  const auto records = parse_snapshot(bootstrap.view());
  REQUIRE(records.has_value());
  CHECK(records->records.size() == 6);
  const auto theirs = batches_of(bootstrap.view());
  CHECK(same_bytes(encode_snapshot_header(place_of(theirs[0]), 0, std::nullopt), theirs[0]));
  CHECK(same_bytes(encode_records_batch(place_of(theirs[1]), records->records), theirs[1]));
  CHECK(same_bytes(encode_snapshot_footer(place_of(theirs[2])), theirs[2]));

  const Slice quorum = fixture("00000000000000000000-0000000000.checkpoint");
  const auto voters = parse_snapshot(quorum.view());
  REQUIRE(voters.has_value());
  REQUIRE(voters->voters.has_value());
  CHECK(voters->voters->kraft_version == 1);
  CHECK(voters->voters->voters.at(0).endpoints.at(0).listener == "CONTROLLER");
}

TEST_CASE("a snapshot that is cut anywhere is refused, and so is one with a flipped bit") {
  const Slice bootstrap = fixture("bootstrap.checkpoint");
  for (std::size_t size = 0; size < bootstrap.size(); ++size) {
    CHECK(!parse_snapshot(bootstrap.view().first(size)).has_value());
  }
  const ByteView view = bootstrap.view();
  for (std::size_t at = 21; at < bootstrap.size(); at += 7) {
    std::vector<std::uint8_t> bytes(view.begin(), view.end());
    bytes[at] ^= 1;
    const auto parsed = parse_snapshot(bytes);
    // Base offsets and epochs lie outside of the checksum, and nothing here depends on them.
    if (parsed.has_value()) CHECK(parsed->records.size() == 6);
  }
}

TEST_CASE("quorum-state of both versions is read, and written as Kafka writes it") {
  const std::string newer = std::string(as_text(fixture("quorum-state").view()));
  auto state = parse_quorum_state(newer);
  REQUIRE(state.has_value());
  CHECK(*state == raft::ElectionState{3, 1, std::nullopt});
  CHECK(print_quorum_state(*state, 1, {1}) == newer);
  const std::string older =
      R"({"clusterId":"","leaderId":-1,"leaderEpoch":2,"votedId":1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0})";
  state = parse_quorum_state(older);
  REQUIRE(state.has_value());
  CHECK(state->voted->id == 1);
  CHECK(print_quorum_state(*state, 0, {1}) == older);
  CHECK(!parse_quorum_state("").has_value());
  CHECK(!parse_quorum_state("[]").has_value());
  CHECK(!parse_quorum_state(R"({"data_version":2,"leaderId":1,"leaderEpoch":1,"votedId":1})").has_value());
}

}  // namespace highwater::engine
