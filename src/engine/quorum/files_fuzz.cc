// The small files: checkpoints, partition.metadata, the clean stop's marker, meta.properties, quorum-state,
// snapshots of metadata and of producers, indexes. Input: one byte chooses the file, the rest is its content. It is
// refused, or it means the same after being written and read again.
#include <algorithm>

#include "engine/quorum/meta_properties.h"
#include "engine/quorum/quorum_state_file.h"
#include "engine/quorum/snapshot_file.h"
#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "engine/storage/txn_index.h"
#include "foundation/base/check.h"
#include "foundation/crypto/crc32c.h"
#include "machines/log/producer_snapshot.h"
#include "machines/log/producers.h"
#include "tests/fuzz/seed_files.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using namespace engine;

constexpr std::int64_t expiration_ms = INT64_MAX / 2;

void offset_checkpoint(ByteView bytes) {
  const auto read = parse_offset_checkpoint(as_text(bytes));
  if (read) HW_CHECK(parse_offset_checkpoint(offset_checkpoint_text(*read)) == *read);
}

void partition_metadata(ByteView bytes) {
  const auto read = parse_partition_metadata(as_text(bytes));
  if (read) HW_CHECK(parse_partition_metadata(partition_metadata_text(*read)) == *read);
}

void clean_shutdown(ByteView bytes) {
  const auto read = parse_clean_shutdown(as_text(bytes));
  if (read) HW_CHECK(parse_clean_shutdown(clean_shutdown_text(*read)) == *read);
}

void meta_properties(ByteView bytes) {
  const auto read = parse_meta_properties(as_text(bytes));
  if (!read) {
    HW_CHECK(!read.error().text.empty());
  } else if (read->version_is_current()) {
    HW_CHECK(parse_meta_properties(print_meta_properties(*read)) == *read);
  }
}

void quorum_state(ByteView bytes) {
  const auto read = parse_quorum_state(as_text(bytes));
  if (!read) return;
  const auto again = parse_quorum_state(print_quorum_state(*read, 1, {}));
  HW_CHECK(again && again->leader == read->leader && again->epoch == read->epoch);
}

void snapshot(ByteView bytes) {
  const auto read = parse_snapshot(bytes);
  if (!read) return;
  const SnapshotId id{.end_offset = 1000, .epoch = 3};
  const Slice printed = print_snapshot(id, *read, 1'700'000'000'000);
  const auto again = parse_snapshot(printed.view());
  HW_CHECK(again && again->records.size() == read->records.size());
  HW_CHECK(again->voters.has_value() == read->voters.has_value());
}

void producers(ByteView bytes) {
  constexpr std::size_t crc_at = 2;
  Input content(bytes.begin(), bytes.end());
  if (content.size() >= crc_at + sizeof(std::uint32_t)) {
    // Else no mutation would get past the checksum.
    const std::uint32_t crc = crypto::crc32c(ByteView(content).subspan(crc_at + sizeof(std::uint32_t)));
    for (std::size_t i = 0; i < sizeof(crc); ++i) content[crc_at + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  }
  const WallTime now{0};
  log::ProducerTable table;
  if (!log::load_snapshot(content, 100, now, expiration_ms, table)) return;
  const auto encoded = log::encode_snapshot(table);
  log::ProducerTable again;
  HW_CHECK(log::load_snapshot(encoded, 100, now, expiration_ms, again).has_value());
  HW_CHECK(log::encode_snapshot(again) == encoded);
}

void aborted(ByteView bytes) {
  TxnIndex index;
  if (!index.decode(bytes)) return;
  const auto encoded = index.encode();
  HW_CHECK(encoded.size() <= bytes.size() && std::ranges::equal(encoded, bytes.first(encoded.size())));
  std::vector<AbortedTxn> found;
  index.collect(0, INT64_MAX, found);
  HW_CHECK(found.size() <= index.entries().size());
}

void file_name(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (const auto id = parse_snapshot_file_name(text))
    HW_CHECK(parse_snapshot_file_name(snapshot_file_name(*id)) == *id);
}

}  // namespace

void run(ByteView input) {
  constexpr void (*files[])(ByteView) = {offset_checkpoint, partition_metadata, clean_shutdown, meta_properties,
                                         quorum_state,      snapshot,           producers,      aborted,
                                         file_name};
  if (input.empty()) return;
  files[input[0] % std::size(files)](input.subspan(1));
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  const auto add = [&](std::uint8_t file, ByteView bytes) {
    Input input{file};
    input.insert(input.end(), bytes.begin(), bytes.end());
    all.push_back(std::move(input));
  };
  add(0, as_bytes(offset_checkpoint_text({{{"t", 0}, 5}, {{"t", 1}, 0}, {{"other-topic", 77}, 123456789}})));
  add(1, as_bytes(partition_metadata_text(Uuid{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}})));
  add(2, as_bytes(clean_shutdown_text(17)));
  for (const Input& file : read_inputs(HIGHWATER_FIXTURES "/apache_metadata_log")) {
    for (const std::uint8_t kind : {std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{5}}) {
      if (file.size() <= 4096) add(kind, file);
    }
  }
  add(3, as_bytes("version=0\nbroker.id=3\n"));
  add(4,
      as_bytes(
          R"({"clusterId":"","leaderId":1,"leaderEpoch":5,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0})"));
  const auto header =
      print_snapshot({.end_offset = 5, .epoch = 1}, {.last_contained_ms = 9, .voters = {}, .records = {}}, 10);
  add(5, header.view());
  Input producers_file(10 + 2 * 46, 0);
  producers_file[1] = 1;
  producers_file[9] = 2;
  producers_file[17] = 7;
  producers_file[17 + 46] = 9;
  add(6, producers_file);
  TxnIndex index;
  index.append({.producer_id = 1, .first_offset = 2, .last_offset = 5, .last_stable_offset = 2});
  index.append({.producer_id = 2, .first_offset = 6, .last_offset = 9, .last_stable_offset = 6});
  add(7, index.encode());
  add(8, as_bytes("00000000000000000042-0000000003.checkpoint"));
  return all;
}

}  // namespace highwater::fuzz
