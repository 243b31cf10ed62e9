// One partition's replica on its core: its log, and while it leads, who waits for what. Owned by the core's
// PartitionHost, which also owns the requests; a partition knows them by ticket number only.
//
//   append: validate (sliced) -> admit -> stamp -> log, in the order in which appends came
//   ends of the log -> machines/replica -> answers and the high watermark -> parked readers, once per turn
//
// Kafka: kafka.cluster.Partition and UnifiedLog's append path.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/partition/assignment.h"
#include "engine/partition/inquiries.h"
#include "engine/partition/outcomes.h"
#include "engine/storage/log_store.h"
#include "machines/replica/leader.h"
#include "protocol/records/batch_validation.h"

namespace highwater::engine {

class Partition;

// What the settings of its topic ask of a batch. append.cc
records::TopicRules rules_of(const configs::TopicSettings& settings, std::uint64_t inflated_max);

// What a partition tells of the appends that it was given.
class AppendEvents {
 public:
  virtual ~AppendEvents() = default;
  // It got its offsets, or was refused: then its error is set, and no answer follows.
  virtual void on_admitted(replica::TicketId ticket, AppendOutcome&& outcome) = 0;
  // It is decided; the outcome is final.
  virtual void on_answered(replica::TicketId ticket, ErrorCode error) = 0;
};

// What the host does for its partitions.
class PartitionEvents {
 public:
  virtual ~PartitionEvents() = default;
  // Readers that are parked on it should look again at the end of this turn.
  virtual void on_news(Partition& partition) = 0;
  virtual void on_offline(Partition& partition, const std::string& reason) = 0;
};

struct PartitionCounters {
  std::uint64_t appends = 0;
  std::uint64_t appends_refused = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t batches_rewritten = 0;
  std::uint64_t validations_sliced = 0;
};

// One append on its way; the ticket is the host's.
struct AppendJob {
  Slice records;
  AppendOptions options;
  replica::TicketId ticket = 0;
};

class Partition final : private StoreListener {
 public:
  struct Deps {
    io::Reactor& reactor;
    StoreShared& shared;
    StoreCounters& store_counters;
    PartitionCounters& counters;
    AppendEvents& appends;
    PartitionEvents& events;
    Logger logger;
  };
  struct Identity {
    TopicPartition id;
    std::string topic;
    std::string path;           // of its directory
    std::size_t directory = 0;  // number of the log directory
    NodeId self = no_node;
  };
  Partition(Deps deps, Identity identity, const configs::TopicSettings& settings, std::uint64_t inflated_max);
  ~Partition();

  // Opens or makes the log. A failure leaves the partition offline.
  io::Task<Result<OpenReport, OpenFailure>> open(OpenPlan plan, std::optional<Offset> high_watermark);
  // Leader or follower from now on. Older leader epochs than the present one are ignored.
  void assign(const Assignment& assignment);
  void configure(const configs::TopicSettings& settings);
  // Answers everything that waits with NOT_LEADER_OR_FOLLOWER; nothing is accepted afterwards.
  void resign();
  // Its directory is gone: as after a doubt about its own files.
  void fail(const std::string& reason);
  // As LogStore::close_but_for.
  io::Task<Result<void, StoreError>> close(std::vector<io::NewFile>& last);

  void append(AppendJob job);
  void forget(replica::TicketId ticket);

  // none when this replica leads and the caller's epoch is ours.
  ErrorCode check_leader(Epoch callers_epoch) const;
  // Fills everything but the records. No error and no divergence: records may be read below `upper`.
  struct ReadBounds {
    Offset upper = 0;
    bool readable = false;
  };
  ReadBounds prepare_read(const ReadPart& part, const ReadOptions& options, ReadOutcome& outcome);
  void add_aborted(Offset from, Offset upper, ReadOutcome& outcome) const;
  io::Task<OffsetAnswer> find_offset(OffsetQuery query, Isolation isolation);
  // Where the log begins once everything below `before` (or the high watermark) is deleted.
  Result<Offset, ErrorCode> start_without(Offset before) const;
  // The log begins there from now on; it is the caller's to have written that down.
  ErrorCode move_start(Offset start);
  EpochAnswer find_epoch_end(const EpochQuery& query) const;
  // Adds those that follow, a slice's worth (rule L1); false when there are no more.
  bool add_producers(ProducersAnswer& answer) const;

  LogStore& store() { return store_; }
  const LogStore& store() const { return store_; }
  const Identity& identity() const { return identity_; }
  Epoch leader_epoch() const { return leader_epoch_; }
  bool leads() const { return leader_.has_value(); }
  bool online() const { return online_; }
  Offset high_watermark() const { return high_watermark_; }
  Offset last_stable_offset() const;
  // Counts up with every byte that becomes visible to consumers, or that is appended at all for followers: parked
  // readers compare two values of it.
  std::uint64_t visible_bytes(NodeId reader) const { return reader >= 0 ? appended_bytes_ : visible_bytes_; }

  // Requests that are parked here; kept by the host.
  std::vector<std::uint64_t> parked;
  bool news_noted = false;

 private:
  struct Slow;

  void on_progress() override;
  void on_rolled_back(Offset end) override;
  void on_ready() override;
  void on_fenced(const std::string& reason) override;

  ErrorCode check_append(const AppendJob& job) const;
  void pump();
  void begin(AppendJob& job);
  void finish(AppendJob& job, ByteView batch, const records::Verdict& verdict);
  void admit(const AppendJob& job, MutableBytes batch, const records::Verdict& verdict);
  void refuse(const AppendJob& job, ErrorCode error, std::string message = {});
  // slow_append.cc
  enum class Where : std::uint8_t { loop, worker };
  void start_slowly(AppendJob job, const records::TopicRules& topic_rules, records::ProduceTerms terms);
  io::Task<void> append_slowly(std::shared_ptr<Slow> slow, Where where);
  void settle();
  void note_watermark(Offset high_watermark);
  ErrorCode find_latest(Isolation isolation, OffsetAnswer& answer) const;

  io::Reactor& reactor_;
  PartitionCounters& counters_;
  AppendEvents& appends_;
  PartitionEvents& events_;
  Logger logger_;
  Identity identity_;
  std::string name_;  // "topic-3"
  std::uint64_t inflated_max_;
  records::TopicRules rules_;
  compress::ContextShelf& shelf_;
  LogStore store_;
  std::optional<replica::Leader> leader_;
  Epoch leader_epoch_ = no_epoch;
  bool online_ = false;
  bool failed_ = false;  // for good, also when it happened while the log was being opened
  bool resigned_ = false;
  Offset high_watermark_ = 0;
  std::uint64_t appended_bytes_ = 0;
  std::uint64_t visible_bytes_ = 0;
  struct Appended {
    Offset end;
    std::uint64_t bytes;  // appended so far, this one included
  };
  std::deque<Appended> above_watermark_;
  std::deque<AppendJob> queue_;
  bool validating_ = false;
  replica::TicketId validating_ticket_ = 0;
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
