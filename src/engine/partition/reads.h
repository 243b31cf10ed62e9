// The reads under way on one core: served from memory on the spot where possible, else by a task that reads files;
// parked when there is too little, and looked at again when one of its partitions has news.
// Kafka: ReplicaManager.readFromLog, DelayedFetch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/partition/host_shared.h"

namespace highwater::engine {

class Reads final : private io::TurnEndHook {
 public:
  explicit Reads(HostShared& host);

  // `watch` other than 0 names a read that may be cancelled.
  void read(std::vector<ReadPart> parts, ReadOptions options, std::uint64_t watch,
            Reply<std::vector<ReadOutcome>> reply);
  void cancel(std::uint64_t watch);

  // Those parked on it look again at the end of this turn.
  void on_news(Partition& partition);
  // Answers those parked on it: it goes. Requests that wait for other partitions too may still name it.
  void release(Partition& partition);
  // Answers all that are parked, for good.
  void end_all();

 private:
  enum class When : std::uint8_t { enough, at_once };  // whether min_bytes still counts

  struct Call final : Deadline {
    Call(Reads& in, std::uint64_t number, std::vector<ReadPart> what, ReadOptions how,
         Reply<std::vector<ReadOutcome>> caller)
        : reads(in), id(number), parts(std::move(what)), options(how), reply(std::move(caller)) {}
    void on_deadline() override;

    Reads& reads;
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

  void at_turn_end() override;
  void serve(std::uint64_t id, When when);
  bool read_from_memory(const Call& call, std::vector<ReadOutcome>& outcomes);
  io::Task<void> read_from_files(std::uint64_t id, When when);
  io::Task<std::vector<ReadOutcome>> read_parts(std::vector<ReadPart> parts, ReadOptions options);
  void conclude(std::uint64_t id, std::vector<ReadOutcome> outcomes, When when);
  void note_seen(Call& call);
  void park(std::uint64_t id, Call& call, std::size_t bytes);
  void unpark(std::uint64_t id, Call& call);
  bool any_gone(const Call& call) const;
  static bool is_worth_reading(const Call& call);

  HostShared& host_;
  std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
  std::uint64_t last_ = 0;
  std::vector<TopicPartition> news_;  // of this turn
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
