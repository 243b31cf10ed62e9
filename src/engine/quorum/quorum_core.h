// Inside this room: the quorum of this node as it runs on core 0. Loading is in quorum_load.cc, leading in
// quorum_lead.cc, deciding in quorum_decide.cc, running out of space in quorum_space.cc, snapshots and clean-up in
// quorum_snapshots.cc.
//
//   question -> records -> batch at next_offset -> loader (the image that the next decision sees) and LogStore
//            -> flush -> raft: durable -> high watermark -> answers leave, images go to every core in order
//
// Whatever is decided is decided on the newest image, committed or not; whatever is shown is committed.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/quorum/metadata_batches.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/quorum/question.h"
#include "engine/quorum/quorum.h"
#include "engine/quorum/snapshot_files.h"
#include "engine/routing/cores.h"
#include "engine/storage/log_store.h"
#include "io/reactor.h"
#include "machines/controller/activation.h"
#include "machines/raft/raft.h"

namespace highwater::engine {

class QuorumCore final : private StoreListener {
 public:
  QuorumCore(Cores& cores, std::vector<MetadataPublisher*> publishers, QuorumOptions options, Logger log);
  ~QuorumCore() override;

  io::Task<Result<void>> start();
  io::Task<void> stop();

  // Decides it after those that came before. The answer leaves when what was decided, or without records all before
  // it, is committed; at once when nothing is decided here (NOT_CONTROLLER). The number of questions that wait is that
  // of their callers: a connection has one.
  void ask(std::unique_ptr<Question> question);

  Offset applied() const;
  Offset high_watermark() const;
  const raft::Raft* raft() const { return raft_.has_value() ? &*raft_ : nullptr; }
  const std::string& fenced() const { return fenced_; }
  io::Future<std::string> wait_fenced();

 private:
  struct Pending {
    Offset end = 0;  // one past its last record
    std::uint64_t bytes = 0;
    std::optional<metadata::Publication> publication;
    std::unique_ptr<Question> question;  // null: nobody waits
  };
  struct Journey;
  enum class Ending : std::uint8_t { committed, failed, too_large };
  // What cores report back to core 0, possibly after the quorum is gone; touched on core 0 only.
  struct Progress {
    std::vector<Offset> applied;
    std::vector<std::pair<Offset, io::Promise<io::Done>>> waiters;

    Offset lowest() const;
    void note(CoreIndex core, Offset offset);
  };

  // StoreListener
  void on_progress() override {}
  void on_rolled_back(Offset end) override;
  void on_ready() override;
  void on_fenced(const std::string& reason) override;

  // quorum_load.cc
  io::Task<Result<void>> load();
  io::Task<Result<void>> check_topic_id();
  Result<void> check_features() const;
  io::Task<Result<void>> load_election();
  io::Task<Result<void>> load_bootstrap();
  io::Task<Result<void>> load_snapshots();
  std::string damaged_snapshot(SnapshotId id, const std::string& why) const;
  io::Task<Result<void>> load_snapshot(SnapshotId id);
  io::Task<void> load_recovery_point();
  io::Task<Result<void>> open_log();
  io::Task<Result<void>> replay_log();
  Result<void> replay(ByteView batches);
  raft::RaftStart raft_start() const;
  std::string log_directory() const;

  // quorum_lead.cc
  io::Task<Result<void>> lead();
  io::Task<Result<void>> persist_election(raft::ElectionState state);
  io::Task<Result<void>> activate();
  void register_controller();
  void propose(Wish wish);
  void write(Draft draft, std::unique_ptr<Question> question);
  void raise_kraft_version(std::int16_t level, std::unique_ptr<Question> question);
  void write_batch(BatchBytes bytes);
  void start_committing();
  io::Task<void> commit_loop();
  void release(Offset high_watermark);
  void publish(const metadata::Publication& publication);
  io::Task<void> housekeeping();
  io::Task<void> checkpoint_rounds();
  io::Task<void> write_recovery_point(Offset durable_end);
  void fail(std::string reason);
  io::Future<io::Done> applied_everywhere(Offset offset);

  // quorum_decide.cc
  QuorumLeader leadership() const { return {*raft_, next_offset_, reactor_.wall_now()}; }
  Situation situation();
  BatchPlace next_place() const;
  const controller::Refusal* refusal_of(const Question& question) const;
  void decide(std::unique_ptr<Question> question);
  io::Task<void> decide_in_turn();
  void end(Journey& journey);
  static void end(std::unique_ptr<Question> question, Ending ending);
  io::Future<io::Done> ground_returned();
  void stand_on(metadata::ImageHandle image);

  // quorum_space.cc
  metadata::ImageHandle image_at(Offset end) const;
  io::Future<io::Done> store_ready();

  // quorum_snapshots.cc
  void snapshot_if_due();
  io::Task<void> write_snapshot(metadata::ImageHandle image);
  io::Task<void> clean_rounds();
  io::Task<void> clean();

  Cores& cores_;
  std::vector<MetadataPublisher*> publishers_;
  QuorumOptions options_;
  Logger log_;
  io::Reactor& reactor_;
  StoreShared shared_;
  StoreCounters counters_;
  std::unique_ptr<LogStore> store_;

  raft::ElectionState election_;
  std::optional<SnapshotVoters> voters_;
  bool voters_in_log_ = false;
  controller::BootstrapSource bootstrap_;
  std::vector<Slice> kept_;    // what bootstrap_'s records borrow
  Offset recovery_point_ = 0;  // everything below is on the disk: damage there is no torn tail
  Offset start_offset_ = 0;    // where the log is read from, after the newest snapshot
  SnapshotFiles snapshots_;
  metadata::SnapshotSchedule schedule_;

  std::optional<raft::Raft> raft_;
  std::shared_ptr<Ground> ground_;  // not touched here as long as it is away
  Offset next_offset_ = 0;
  bool active_ = false;
  bool committing_ = false;
  bool away_ = false;                                // a long decision is under way
  bool ground_lost_ = false;                         // meanwhile the log has lost what it stands on
  std::deque<std::unique_ptr<Question>> questions_;  // behind the long one
  std::size_t waiting_bytes_ = 0;                    // of their requests
  bool writing_snapshot_ = false;
  Instant out_of_space_until_;  // nothing that can wait is written before
  std::deque<Pending> pending_;
  std::string fenced_;
  io::Promise<std::string> fenced_promise_;
  io::Promise<io::Done> drained_;
  io::Promise<io::Done> store_ready_;
  io::Promise<io::Done> ground_returned_;  // housekeeping waits for it
  std::shared_ptr<Progress> progress_;
  // Last: frames go before what they refer to.
  io::TaskGroup upkeep_;  // one snapshot, one clean-up, who decides long questions; a stop waits for it
  io::TaskGroup tasks_;
};

}  // namespace highwater::engine
