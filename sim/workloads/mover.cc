#include <fmt/core.h>

#include <map>
#include <vector>

#include "checkers/placement.h"
#include "client/log_dirs.h"
#include "workloads/admin_client.h"

namespace highwater::sim {

namespace {

constexpr const char* no_directory = "/nowhere";

// Moves logs of every topic that it hears of to and fro: one, all at once, back again before it is done. What
// DescribeLogDirs says must never contradict itself, and in a healed world a move arrives.
class Mover : public io::sim::Program {
 public:
  Mover(io::sim::Process& process, Workload& workload, Random random)
      : number_(workload.movers++), client_(process, workload, random) {
    client_.tasks().spawn(run());
  }

 private:
  using Moves = std::vector<client::LogMove>;

  io::Task<void> run() {
    while (client_.writing()) {
      co_await client_.pause(1, 300);
      const bool told = co_await look();
      if (!told || logs_.empty()) continue;
      switch (client_.random().below(8)) {
        case 0:
          co_await ask(everything_to(draw_directory()));
          break;
        case 1:
          co_await there_and_back();
          break;
        case 2:
          co_await ask(Moves(1, move_to(draw_place(), no_directory)));
          break;
        default:
          co_await ask(Moves(1, move_to(draw_place(), draw_directory())));
      }
    }
    if (number_ == 0) co_await last_moves();
    client_.finished();
  }

  // False when nobody answered.
  io::Task<bool> look() {
    const auto described = co_await client::describe_log_dirs(client_.cluster());
    if (!described.has_value()) {
      client_.after(client::Certainty::unknown);
      co_return false;
    }
    const auto wrong = contradiction_in(*described);
    client_.check(wrong);
    if (wrong.has_value()) co_return false;
    logs_ = whereabouts_in(*described);
    directories_.clear();
    for (const client::DescribedDirectory& directory : *described) directories_.push_back(directory.path);
    co_return !directories_.empty();
  }

  io::Task<void> ask(Moves moves) {
    const auto codes = co_await client::move_logs(client_.cluster(), moves);
    if (!codes.has_value()) {
      client_.after(client::Certainty::unknown);
      co_return;
    }
    for (std::size_t i = 0; i < moves.size(); ++i) check_answer(moves[i], (*codes)[i]);
  }

  void check_answer(const client::LogMove& move, api::ErrorCode code) {
    using api::ErrorCode;
    if (code == ErrorCode::none) client_.workload().history->count_acknowledged();
    const bool is_known = move.directory != no_directory;
    const bool has_failed = code == ErrorCode::kafka_storage_error || code == ErrorCode::replica_not_available;
    const bool is_gone = code == ErrorCode::unknown_topic_or_partition && !stays(move.topic);
    const bool possible =
        is_known ? code == ErrorCode::none || has_failed || is_gone : code == ErrorCode::log_dir_not_found;
    if (possible) return;
    client_.check(fmt::format("the move of {}-{} to {} was answered with {}", move.topic, move.partition,
                              move.directory, api::error_name(code)));
  }

  // While files are copied, or before the first of them.
  io::Task<void> there_and_back() {
    const Place place = draw_place();
    const std::string before = logs_[place].current;
    co_await ask(Moves(1, move_to(place, draw_directory())));
    co_await client_.pause(0, 40);
    co_await ask(Moves(1, move_to(place, before)));
  }

  // Every log that stays shall go somewhere, arrive there, and leave nothing behind.
  io::Task<void> last_moves() {
    std::map<Place, std::string> wanted;
    for (int attempt = 0; attempt < final_attempts_max; ++attempt) {
      const bool told = co_await look();
      bool done = told;
      Moves missing;
      for (const Place& place : client_.workload().places) {
        if (!told) break;
        std::string& target = wanted[place];
        if (target.empty()) target = draw_directory();
        const Whereabouts where = logs_[place];
        done = done && where.current == target && where.future.empty();
        if (where.current != target && where.future != target) missing.push_back(move_to(place, target));
      }
      if (done) co_return;
      if (!missing.empty()) co_await ask(std::move(missing));
      co_await client_.between_attempts();
    }
    if (wanted.empty()) client_.check("in a healed world nobody tells where the logs are", Checker::answered);
    for (const auto& [place, target] : wanted) {
      const Whereabouts where = logs_[place];
      if (where.current == target && where.future.empty()) continue;
      client_.check(fmt::format("in a healed world: {}-{} shall go to {}, is in {}, and its copy is in {}", place.topic,
                                place.partition, target, where.current, where.future),
                    Checker::answered);
    }
  }

  // Topics that recreators and changers make are gone at any time.
  bool stays(const std::string& topic) const { return topic.starts_with('t') || topic.starts_with('d'); }

  static client::LogMove move_to(const Place& place, const std::string& directory) {
    return {.topic = place.topic, .partition = place.partition, .directory = directory};
  }

  Moves everything_to(const std::string& directory) const {
    Moves moves;
    for (const auto& [place, where] : logs_) moves.push_back(move_to(place, directory));
    return moves;
  }

  Place draw_place() {
    auto chosen = logs_.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(client_.random().below(logs_.size())));
    return chosen->first;
  }

  std::string draw_directory() { return directories_[client_.random().below(directories_.size())]; }

  std::uint64_t number_;
  std::map<Place, Whereabouts> logs_;  // as last told
  std::vector<std::string> directories_;
  AdminClient client_;  // last: its frames use all of the above
};

}  // namespace

std::unique_ptr<io::sim::Program> make_mover(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Mover>(process, workload, random);
}

}  // namespace highwater::sim
