// Inside of PartitionHost: the requests of one core and the partitions that they wait for. host_open.cc opens,
// host_place.cc finds the place, host_stop.cc closes, host_lifecycle.cc knows what goes on between, append.cc,
// host_read.cc and host_inquiries.cc serve, host_move.cc moves.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/partition/append_calls.h"
#include "engine/partition/deadlines.h"
#include "engine/partition/partition_host.h"
#include "engine/storage/file_names.h"

namespace highwater::engine {

struct PartitionHost::Body final : PartitionEvents, AppendListener, io::TurnEndHook {
  Body(Deps deps, HostOptions host_options);

  struct Entry {
    std::unique_ptr<Partition> partition;  // also while it opens
    Assignment assignment;
    configs::TopicSettings settings;
    std::optional<FoundLog> before;  // until the log is open
    std::vector<FoundLog> twins;     // other directories of the same log, until one is chosen
    bool opening = false;
    bool opened = false;      // it may be offline since
    bool wants_room = false;  // it could not be made or opened for want of space, and is tried again
    bool removing = false;
    std::size_t users = 0;  // reads under way
    // On its way to another directory of this node.
    struct Move {
      std::uint64_t number = 0;
      std::size_t to = 0;
      std::string path;                             // of the copy
      std::map<std::string, std::uint64_t> copied;  // names and bytes of files
      std::uint64_t copied_bytes = 0;
      Offset copied_end = 0;
    };
    std::optional<Move> move;
    std::optional<LogPosition> elsewhere;  // a second place that counts, or the only one until it is open there
    std::vector<io::Promise<io::Done>> unused_waiters;
  };

  struct ReadCall final : Deadline {
    ReadCall(Body& on, std::uint64_t call, std::vector<ReadPart> what, ReadOptions how,
             Reply<std::vector<ReadOutcome>> caller)
        : host(on), id(call), parts(std::move(what)), options(how), reply(std::move(caller)) {}
    void on_deadline() override;

    Body& host;
    std::uint64_t id;
    std::vector<ReadPart> parts;
    ReadOptions options;
    std::uint64_t watch = 0;
    Reply<std::vector<ReadOutcome>> reply;
    // What was there when it was looked at, to tell cheaply whether it is worth looking again.
    std::size_t bytes_found = 0;
    struct Seen {
      TopicPartition id;
      Partition* partition = nullptr;
      Epoch leader_epoch = no_epoch;
      Offset stable = 0;
      Offset segment = 0;
      std::uint64_t visible = 0;
      bool holds_undecided = false;  // visible bytes that an open transaction keeps from being stable
    };
    std::vector<Seen> seen;
    bool parked = false;   // its partitions know of it
    bool reading = false;  // a task is reading files for it
    bool cancelled = false;
  };

  // PartitionEvents
  void on_answered(replica::TicketId ticket, ErrorCode error) override;
  void on_placed(replica::TicketId ticket, AppendOutcome&& outcome) override;
  void on_news(Partition& partition) override;
  void on_offline(Partition& partition, const std::string& reason) override;
  void fail_directory(std::size_t number, const std::string& reason);
  void at_turn_end() override;

  // Lifecycle.
  void assign(Assignment assignment, configs::TopicSettings settings);
  void remove(const TopicPartition& id);
  void start_opening(Entry& entry);
  // Opening: host_open.cc.
  io::Task<void> open(TopicPartition id);
  void take_found(Entry& entry);
  io::Task<Result<void>> set_twins_aside(Entry& entry);
  io::Task<void> open_log(Entry& entry);
  void end_opening(Entry& entry);
  io::Task<void> try_again();

  // Places: host_place.cc. The directory of a new log, in turn with other topics of the same name.
  io::Task<bool> make_place(Partition::Identity identity);
  io::Task<void> begin_making(Directories::LogName name);
  void end_making(const Directories::LogName& name);
  io::Task<bool> wait_for_path(std::string directory, Uuid topic_id);
  io::Task<bool> forget_older(Directories::LogName name);
  void note_failure(const char* doing, const std::string& path, io::IoError error);
  io::Task<bool> make_directory(std::string directory, Uuid topic_id);
  io::Task<void> remove_partition(TopicPartition id);
  // The new path, or nothing when it could not be renamed.
  io::Task<std::optional<std::string>> retire_directory(std::string path, std::string topic, std::int32_t index,
                                                        Retired as);
  io::Task<void> expire_producers();
  void retire_strays();
  io::Task<void> retire_stray(FoundLog log);
  io::Task<void> unused(Entry& entry);
  void leave(Entry& entry);
  io::Task<void> settle();
  io::Task<void> stop();
  io::Task<void> close_some();
  io::Task<void> close_one(TopicPartition id);
  io::Task<void> finish_closed();
  io::Task<void> remove_leaving();
  std::size_t directory_for(const Assignment& assignment) const;
  void note_place(const Entry& entry);
  void operation_ended();
  std::vector<LogPosition> positions() const;
  LogPosition position_of(const Partition& partition) const;
  std::vector<const FoundLog*> unasked() const;
  Entry* online_entry(const TopicPartition& id);
  // What a request for a partition hears that online_entry() does not give.
  ErrorCode missing(const TopicPartition& id) const;

  // Appends.
  void append(std::vector<AppendPart> parts, AppendOptions options, Reply<std::vector<AppendOutcome>> reply);
  bool append_here(AppendCall& call);
  void start(AppendCall& call);
  void close_part(AppendCall& call, std::size_t part);
  void finish_if_done(AppendCall& call);
  void on_append_expired(AppendCall& call) override;

  // Reads.
  void read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
            Reply<std::vector<ReadOutcome>> reply);
  void cancel_read(std::uint64_t watch);
  void find_offsets(std::vector<OffsetQuery> queries, Isolation isolation, Reply<std::vector<OffsetAnswer>> reply);
  io::Task<void> find_all(std::vector<OffsetQuery> queries, Isolation isolation,
                          Reply<std::vector<OffsetAnswer>> reply);
  // Other questions: host_inquiries.cc.
  io::Task<void> delete_all(std::vector<DeleteQuery> queries, Reply<std::vector<DeleteAnswer>> reply);
  io::Task<void> describe_all_producers(std::vector<ProducersQuery> queries, Reply<std::vector<ProducersAnswer>> reply);
  io::Task<Result<void>> note_log_starts(std::vector<LogPosition> logs);
  io::Task<void> remove_deleted_segments();
  io::Task<void> remove_below_starts(std::vector<TopicPartition> ids);
  std::vector<LogDescription> describe_logs() const;

  // Moves between directories: host_move.cc.
  ErrorCode begin_move(const MoveQuery& query);
  Entry* moving(const TopicPartition& id, std::uint64_t number);
  io::Task<void> move_log(TopicPartition id, std::uint64_t number, std::string path);
  io::Task<io::IoStatus> make_future_directory(std::string path, Uuid topic_id);
  io::Task<io::IoStatus> copy_sealed(TopicPartition id, std::uint64_t number);
  io::Task<io::IoStatus> copy_rest(const Partition& old, Entry::Move& move);
  io::Task<io::IoStatus> copy_file(std::string from, std::string to, std::uint64_t& bytes);
  io::Task<void> change_places(Entry& entry);
  FoundLog closed_log(const Partition& partition) const;
  io::Task<bool> take_new_place(Entry& entry, LogPosition position);
  io::Task<bool> enter(Entry& entry, std::string target, LogPosition position);
  io::Task<bool> take_name(std::string copy, std::string target);
  io::Task<void> remove_directory_later(std::string path, Duration delay);
  void let_parked_go(Partition& partition);

  enum class When : std::uint8_t { enough, at_once };  // whether min_bytes still counts
  void serve(std::uint64_t id, When when);
  bool read_from_memory(const ReadCall& call, std::vector<ReadOutcome>& outcomes);
  io::Task<void> read_from_files(std::uint64_t id, When when);
  io::Task<std::vector<ReadOutcome>> read_parts(std::vector<ReadPart> parts, ReadOptions options);
  void conclude(std::uint64_t id, std::vector<ReadOutcome> outcomes, When when);
  void note_seen(ReadCall& call);
  void park(std::uint64_t id, ReadCall& call, std::size_t bytes);
  void unpark(std::uint64_t id, ReadCall& call);
  bool worth_reading(const ReadCall& call) const;

  Cores& cores;
  CoreIndex self;
  io::Reactor& reactor;
  Logger logger;
  Directories& directories;  // used on core 0
  HostOptions options;
  HostCounters counters;
  StoreShared shared;
  std::map<TopicPartition, Entry> entries;
  absl::flat_hash_map<TopicPartition, Entry*, TopicPartitionHash> by_id;  // for requests; never iterated
  std::multimap<TopicPartition, FoundLog> found_logs;  // more than one of a log only after a move was cut short
  std::vector<FoundLog> nameless;                      // without a topic id
  Deadlines deadlines;
  AppendCalls appends{*this};
  std::map<std::uint64_t, std::unique_ptr<ReadCall>> reads;
  std::uint64_t last_read = 0;
  std::uint64_t last_move = 0;
  std::vector<TopicPartition> news;
  std::vector<Offline> offline;
  std::vector<Misplaced> misplaced;
  std::vector<bool> failed_directories;
  std::vector<bool> unclean_directories;  // something there was not closed, or will not be
  // Logs that are closed but for their last files, which are replaced together.
  struct Closed {
    std::size_t logs = 0;
    std::set<std::size_t> directories;
    std::vector<io::NewFile> files;
    std::size_t bytes = 0;
  };
  Closed closed;
  std::vector<TopicPartition> to_close;
  std::set<std::string> leaving;  // directories of removed logs that wait for their delay
  std::size_t closers = 0;
  std::size_t operations = 0;
  std::vector<io::Promise<io::Done>> settled_waiters;
  bool stopping = false;
  bool trying_again = false;
  io::TaskGroup tasks;  // last: frames go before what they refer to
};

}  // namespace highwater::engine
