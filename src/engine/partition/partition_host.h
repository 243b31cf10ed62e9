// All partitions of one core: opens, creates, deletes and elects them as the metadata says, and serves what the doors
// send. One per core, used on that core only; other cores reach it through Cores. Stop it before its reactor goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/partition/append_calls.h"
#include "engine/partition/assignment.h"
#include "engine/partition/directories.h"
#include "engine/partition/inquiries.h"
#include "engine/partition/outcomes.h"
#include "engine/partition/partition.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "io/task.h"
#include "machines/configs/topic_settings.h"

namespace highwater::engine {

struct HostOptions {
  NodeId node_id = no_node;
  std::vector<Directories::Directory> directories;  // as Directories has them
  std::size_t tail_bytes = std::size_t{32} << 20;   // memory for the newest bytes of all logs of this core
  std::size_t index_bytes = std::size_t{32} << 20;  // memory for indexes of inactive segments
  std::size_t open_files = 4096;
  std::uint64_t max_decompressed_batch_bytes = std::uint64_t{2} << 30;
  std::int64_t producer_expiration_ms = 86'400'000;                // producer.id.expiration.ms
  Duration producer_check_interval = Duration::from_ms(600'000);   // producer.id.expiration.check.interval.ms
  Duration initial_task_delay = Duration::from_ms(30'000);         // log.initial.task.delay.ms
  Duration retention_check_interval = Duration::from_ms(300'000);  // log.retention.check.interval.ms
};

struct HostCounters {
  PartitionCounters partitions;
  StoreCounters store;
  std::uint64_t reads = 0;
  std::uint64_t reads_parked = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t producers_expired = 0;
};

class PartitionHost {
 public:
  struct Deps {
    Cores& cores;
    CoreIndex self;
    Logger logger;
    Directories& directories;  // used on core 0
  };
  PartitionHost(Deps deps, HostOptions options);
  ~PartitionHost();
  PartitionHost(const PartitionHost&) = delete;
  PartitionHost& operator=(const PartitionHost&) = delete;

  // Tells the host of a directory that this core owns; it is opened (and recovered) when the partition is assigned.
  void found(FoundLog log);
  // Found directories that nothing was assigned to are renamed `-stray`, as Kafka does, and stay. To be called once,
  // right after everything in the first whole image was assigned.
  void retire_strays();

  // Take effect in the order of the calls, partition by partition. assign() makes the log when there is none. A log
  // that cannot be opened leaves its partition offline: it answers KAFKA_STORAGE_ERROR and the node goes on.
  void assign(Assignment assignment, configs::TopicSettings settings);
  void configure(const Uuid& topic, const configs::TopicSettings& settings);
  void remove(const TopicPartition& partition);  // the log is renamed at once and removed after file.delete.delay.ms

  // Ready when everything that was asked so far has been carried out.
  io::Future<io::Done> settled();
  // The same for whoever asks from another core.
  void when_settled(Reply<io::Done> reply);

  // Refuses new requests, answers parked ones, writes everything out and leaves the files as Apache Kafka leaves them.
  io::Task<void> stop();

  // Where each log stands, for the checkpoints of its directory: an open one, also after stop() and when it went
  // offline since; of one that is not open yet, could not be opened or was never asked for what the checkpoints said
  // before. clean() says whether all of that directory were closed cleanly, then.
  std::vector<LogPosition> positions() const;
  bool clean(std::size_t directory) const;
  // Logs that went offline since the last call: number of the directory and the reason.
  struct Offline {
    std::size_t directory = 0;
    std::string reason;
  };
  std::vector<Offline> take_offline();
  // Every log of that directory answers KAFKA_STORAGE_ERROR from now on, and no log is made there.
  void fail_directory(std::size_t number, const std::string& reason);
  // Logs that were opened since the last call elsewhere than their assignment says.
  struct Misplaced {
    TopicPartition partition;
    std::size_t directory = 0;
  };
  std::vector<Misplaced> take_misplaced();

  const HostCounters& counters() const;
  // As given at construction: for any core, at any time.
  const std::vector<Directories::Directory>& directories() const;
  Partition* find(const TopicPartition& partition);

  // For the doors, on this core. `watch` other than 0 names a read that may be cancelled.
  void append(std::vector<AppendPart> parts, AppendOptions options, Reply<std::vector<AppendOutcome>> reply);
  bool append_here(AppendCall& call);
  void read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
            Reply<std::vector<ReadOutcome>> reply);
  void cancel_read(std::uint64_t watch);
  void find_offsets(std::vector<OffsetQuery> queries, Isolation isolation, Reply<std::vector<OffsetAnswer>> reply);
  void delete_records(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply);
  void find_epoch_ends(std::vector<EpochQuery> queries, Reply<std::vector<EpochAnswer>> reply);
  void describe_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply);
  std::vector<LogDescription> describe_logs() const;
  bool directory_failed(std::size_t number) const;
  void move_logs(std::vector<MoveQuery> queries, Reply<std::vector<ErrorCode>> reply);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace highwater::engine
