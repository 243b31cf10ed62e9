// The body of test_node.h.
#include "engine/partition/test_node.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/storage/file_names.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/record_reader.h"

namespace highwater::engine {

std::vector<std::string> values_in(const ReadOutcome& outcome) {
  std::vector<std::uint8_t> joined;
  for (const Slice& slice : outcome.records) joined.insert(joined.end(), slice.view().begin(), slice.view().end());
  std::vector<std::string> values;
  records::for_each_batch(joined, [&values](const records::RawBatch& batch) {
    records::RecordReader reader(batch.view());
    for (auto record = reader.next(); record.has_value() && record->has_value(); record = reader.next())
      values.emplace_back(as_text((*record)->value.bytes));
  });
  return values;
}

TestNode::TestNode(std::vector<io::Reactor*> reactors, std::string root, configs::TopicSettings settings)
    : root_(std::move(root)), settings_(settings), cores_(reactors), tasks(reactors.front()->ready()) {
  const Logger logger(silent_log_sink(), "test");
  const std::vector<Directories::Directory> log_directories{{root_, test_directory_id},
                                                            {other_directory, other_directory_id}};
  directories_ = std::make_unique<Directories>(*reactors.front(), logger, log_directories);
  std::vector<PartitionHost*> pointers;
  for (CoreIndex core = 0; core < cores_.count(); ++core) {
    HostOptions options;
    options.node_id = test_node_id;
    options.directories = log_directories;
    hosts_.push_back(
        std::make_unique<PartitionHost>(PartitionHost::Deps{cores_, core, logger, *directories_}, options));
    pointers.push_back(hosts_.back().get());
  }
  for (CoreIndex core = 0; core < cores_.count(); ++core)
    doors_.push_back(std::make_unique<Partitions>(cores_, core, pointers, image_));
}

io::Task<void> TestNode::open_directories() {
  auto made = co_await reactor().files().make_directories(root_);
  CHECK(made.has_value());
  made = co_await reactor().files().make_directories(other_directory);
  CHECK(made.has_value());
  (void)co_await reactor().files().sync_directory("/");
  auto found = co_await directories_->open();
  REQUIRE(found.has_value());
  for (FoundLog& log : *found) {
    const TopicPartition id{log.topic_id.value_or(Uuid{}), log.index};
    host_of(id).found(std::move(log));
  }
}

io::Task<void> TestNode::start(std::int32_t partitions, Epoch epoch) {
  co_await open_directories();
  for (std::int32_t i = 0; i < partitions; ++i) {
    Assignment assignment;
    assignment.partition = test_partition(i);
    assignment.topic = "topic";
    assignment.directory = test_directory_id;
    assignment.leader = test_node_id;
    assignment.leader_epoch = epoch;
    assignment.replicas = {test_node_id};
    assignment.in_sync = {test_node_id};
    host_of(i).assign(std::move(assignment), settings_);
  }
  for (const auto& host : hosts_) host->retire_strays();
  for (const auto& host : hosts_) (void)co_await host->settled();
  started = true;
}

io::Task<void> TestNode::stop() {
  std::vector<LogPosition> positions;
  std::vector<std::size_t> closed;
  for (const auto& host : hosts_) {
    co_await host->stop();
    for (LogPosition& position : host->positions()) positions.push_back(std::move(position));
  }
  auto written = co_await directories_->checkpoint_recovery_points(positions);
  CHECK(written.has_value());
  written = co_await directories_->checkpoint_high_watermarks(positions);
  CHECK(written.has_value());
  written = co_await directories_->checkpoint_log_starts(positions);
  CHECK(written.has_value());
  for (std::size_t i = 0; i < directories_->all().size(); ++i)
    if (std::ranges::all_of(hosts_, [i](const auto& host) { return host->clean(i); })) closed.push_back(i);
  auto marked = co_await directories_->mark_clean(42, std::move(closed));
  CHECK(marked.has_value());
  stopped = true;
}

io::Task<AppendOutcome> TestNode::append(Slice records, Acks acks, std::int32_t index) {
  std::vector<AppendPart> parts;
  parts.push_back({test_partition(index), std::move(records)});
  AppendOptions options;
  options.acks = acks;
  options.deadline = reactor().now() + Duration::from_seconds(30);
  auto outcomes = co_await door().append(std::move(parts), options);
  co_return std::move(outcomes.front());
}

io::Task<ReadOutcome> TestNode::read(Offset from, std::int32_t index, std::size_t max_bytes) {
  std::vector<ReadPart> parts(1);
  parts[0].partition = test_partition(index);
  parts[0].offset = from;
  parts[0].max_bytes = max_bytes;
  ReadOptions options;
  options.deadline = reactor().now();
  auto outcomes = co_await door().read(std::move(parts), options);
  co_return std::move(outcomes.front());
}

io::Task<OffsetAnswer> TestNode::find(std::int64_t timestamp, std::int32_t index) {
  std::vector<OffsetQuery> queries(1);
  queries[0].partition = test_partition(index);
  queries[0].timestamp = timestamp;
  auto answers = co_await door().find_offsets(std::move(queries), Isolation::read_uncommitted);
  co_return std::move(answers.front());
}

}  // namespace highwater::engine
