#include <doctest/doctest.h>

#include <string>

#include "engine/quorum/metadata_batches.h"
#include "engine/quorum/snapshot_file.h"
#include "engine/quorum/test_lab.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

using lab::Lab;
using lab::TestNode;

const std::string log_name = "00000000000000000000.log";

io::Task<void> short_life(TestNode& node) {
  const bool began = co_await node.begin();
  if (!began) {
    co_await node.quorum.stop();
    co_return;
  }
  for (const std::string& name : node.witness.acknowledged) CHECK(node.image().find_topic(name) != nullptr);
  std::string name = "t" + std::to_string(node.quorum.leader_epoch());
  co_await node.create(std::move(name));
  co_await node.end();
}

std::string content_of(Lab& lab, const std::string& name) {
  const auto content = lab.machine.disk().content(lab::in_log(name));
  REQUIRE(content.has_value());
  return *content;
}

void put(Lab& lab, const std::string& name, std::string_view content) {
  place(lab, {{"__cluster_metadata-0/" + name, Slice::copy_of(as_bytes(content))}});
}

// The refusal of the next start, which must leave the file as it is.
std::string refusal(Lab& lab, const std::string& name) {
  const std::string before = content_of(lab, name);
  auto& process = lab.start(short_life);
  lab.world.run_for(Duration::from_seconds(2));
  CHECK(content_of(lab, name) == before);
  lab.machine.kill(process);
  lab.world.run_for(Duration::from_ms(1));
  return lab.witness.failure;
}

BatchPlace end_of(const std::string& log) {
  BatchPlace place;
  records::BatchScanner scanner(as_bytes(log));
  while (const auto batch = scanner.next()) {
    place = {batch->view().last_offset() + 1, batch->view().leader_epoch(), batch->view().max_timestamp()};
  }
  return place;
}

// A log that goes on with one more record, of a release to come.
std::string with_record(const std::string& log, ByteView value) {
  const BatchPlace place = end_of(log);
  records::BatchOptions options;
  options.base_offset = place.base_offset;
  options.leader_epoch = place.epoch;
  records::BatchBuilder builder(options);
  records::NewRecord record;
  record.timestamp = place.timestamp_ms;
  record.value = records::Nullable::of(value);
  builder.append(record);
  const auto bytes = builder.finish();
  return log + std::string(as_text(bytes));
}

std::string with_feature(const std::string& log, std::string_view name, std::int16_t level) {
  messages::FeatureLevelRecord record;
  record.name = name;
  record.feature_level = level;
  return with_record(log, metadata::encode_record({std::move(record), 0}));
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a record type of a later release is refused with the place and the type") {
  Lab lab(1);
  lab.live(short_life);
  const std::string log = content_of(lab, log_name);
  put(lab, log_name, with_record(log, std::vector<std::uint8_t>{1, 99, 0}));
  const std::string text = refusal(lab, log_name);
  CHECK(holds(text, "/data/__cluster_metadata-0"));
  CHECK(holds(text, "metadata record type 99 is unknown to this release"));
  put(lab, log_name, log);
  lab.witness.failure.clear();
  lab.live(short_life);
}

TEST_CASE("a metadata.version above ours or an unknown feature is refused with its level") {
  Lab lab(2);
  lab.live(short_life);
  const std::string log = content_of(lab, log_name);
  put(lab, log_name, with_feature(log, "metadata.version", 31));
  CHECK(holds(refusal(lab, log_name),
              "/data/__cluster_metadata-0: metadata.version is at level 31, this release knows 7 to 30"));
  put(lab, log_name, with_feature(log, "metadata.version", 6));
  CHECK(holds(refusal(lab, log_name), "metadata.version is at level 6"));
  put(lab, log_name, with_feature(log, "later.feature", 1));
  CHECK(holds(refusal(lab, log_name), "later.feature is at level 1, this release knows 0 to 0"));
}

TEST_CASE("a metadata log with the topic id of another log is refused before anything is opened") {
  Lab lab(3);
  lab.live(short_life);
  put(lab, "partition.metadata", "version: 0\ntopic_id: 3tudIK30S5-qnFgcf5rNig");
  const std::string text = refusal(lab, "partition.metadata");
  CHECK(holds(text, "/data/__cluster_metadata-0/partition.metadata names topic id '3tudIK30S5-qnFgcf5rNig'"));
  put(lab, "partition.metadata", "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ\n");
  lab.witness.failure.clear();
  lab.live(short_life);
}

TEST_CASE("a quorum-state that is nonsense is refused, and one that is missing is made anew above the log's epoch") {
  Lab lab(4);
  lab.live(short_life);
  put(lab, "quorum-state", R"({"leaderId":1,"leaderEpoch":"x","data_version":1})");
  CHECK(holds(refusal(lab, "quorum-state"), "/data/__cluster_metadata-0/quorum-state is damaged or foreign"));
  REQUIRE(lab.machine.disk().remove(lab::in_log("quorum-state")).has_value());
  lab.witness.failure.clear();
  lab.live(short_life);
  CHECK(content_of(lab, "quorum-state").starts_with(R"({"leaderId":1,"leaderEpoch":2)"));
}

TEST_CASE("a quorum of several voters is refused with their number, and one without this node with its id") {
  for (const bool with_self : {true, false}) {
    Lab lab(5);
    lab.live(short_life);
    const std::string log = content_of(lab, log_name);
    const BatchPlace place = end_of(log);
    raft::EpochStart start{place.epoch, 1, {1}, {1}, std::int16_t{1}, raft::Voters{}};
    Slice bytes = Slice::copy_of(as_bytes(content_of(lab, snapshot_file_name(bootstrap_snapshot))));
    const auto own = parse_snapshot(bytes.view())->voters->voters.at(0);
    if (with_self) start.voter_set->push_back(own);
    raft::Voter other = own;
    other.key = {2, Uuid::from_halves(8, 8)};
    start.voter_set->push_back(other);
    const auto batch = encode_epoch_start(place, start);
    put(lab, log_name, log + std::string(as_text(batch)));
    CHECK(holds(refusal(lab, log_name), with_self ? "the metadata quorum has 2 voters, this release runs with one"
                                                  : "node 1 is not among the voters of the metadata quorum"));
  }
}

}  // namespace highwater::engine
