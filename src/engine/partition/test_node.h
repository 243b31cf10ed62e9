// For tests of this room: the storage side of a node, on reactors of the simulator or of Linux.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/partition/directories.h"
#include "engine/partition/partition_host.h"
#include "engine/partition/partition_owner.h"
#include "engine/partition/partitions.h"
#include "engine/routing/cores.h"
#include "io/task.h"
#include "protocol/records/batch_builder.h"

namespace highwater::engine {

inline constexpr NodeId test_node_id = 1;
inline constexpr Uuid test_directory_id = Uuid::from_halves(5, 5);
inline constexpr Uuid other_directory_id = Uuid::from_halves(6, 6);
inline constexpr const char* other_directory = "/other";  // empty unless a test moves a log there

inline TopicPartition test_partition(std::int32_t index = 0) { return {Uuid::from_halves(0xABCD, 0x1234), index}; }

inline Slice test_batch(const std::vector<std::string>& values, std::int64_t timestamp = 1000,
                        records::BatchOptions options = {}) {
  records::BatchBuilder builder(options);
  for (const std::string& value : values) {
    records::NewRecord record;
    record.timestamp = timestamp;
    record.value = records::Nullable::of(as_bytes(value));
    builder.append(record);
  }
  return Slice::copy_of(builder.finish());
}

inline Slice one_record(std::string value, std::int64_t timestamp = 1000) {
  return test_batch({std::move(value)}, timestamp);
}

inline Slice idempotent_batch(const std::string& value, std::int32_t sequence, ProducerId producer = 77) {
  records::BatchOptions options;
  options.producer_id = producer;
  options.producer_epoch = 0;
  options.base_sequence = sequence;
  return test_batch({value}, 1000, options);
}

// Values of all records in what a read gave, in order.
std::vector<std::string> values_in(const ReadOutcome& outcome);

class TestNode {
 public:
  TestNode(std::vector<io::Reactor*> reactors, std::string root, configs::TopicSettings settings = {});

  // Finds what is there and hands it to the hosts.
  io::Task<void> open_directories();
  // That, and as many partitions as asked for, leading them all.
  io::Task<void> start(std::int32_t partitions, Epoch epoch);
  io::Task<void> stop();

  io::Task<AppendOutcome> append(Slice records, Acks acks = Acks::all, std::int32_t index = 0);
  io::Task<ReadOutcome> read(Offset from, std::int32_t index = 0, std::size_t max_bytes = 1 << 20);
  io::Task<OffsetAnswer> find(std::int64_t timestamp, std::int32_t index = 0);

  Partitions& door(CoreIndex core = 0) { return *doors_[core]; }
  PartitionHost& host(CoreIndex core = 0) { return *hosts_[core]; }
  PartitionHost& host_of(std::int32_t index) { return host_of(test_partition(index)); }
  PartitionHost& host_of(const TopicPartition& partition) { return *hosts_[owner_of(cores_, *image_, partition)]; }
  Directories& directories() { return *directories_; }
  io::Reactor& reactor() { return cores_.reactor(0); }
  bool started = false;
  bool stopped = false;
  bool moving = false;

 private:
  std::string root_;
  configs::TopicSettings settings_;
  Cores cores_;
  metadata::ImageHandle image_ =
      std::make_shared<const metadata::MetadataImage>();  // knows no topic: ids alone say where partitions live
  std::unique_ptr<Directories> directories_;
  std::vector<std::unique_ptr<PartitionHost>> hosts_;
  std::vector<std::unique_ptr<Partitions>> doors_;

 public:
  io::TaskGroup tasks;  // of the test; last, so that its frames go first
};

}  // namespace highwater::engine
