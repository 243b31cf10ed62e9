#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <vector>

#include "client/consumer.h"
#include "client/producer.h"
#include "workloads/admin_client.h"
#include "workloads/reading.h"

namespace highwater::sim {

namespace {

constexpr int idle_polls_max = 12;

// Writes a log of its own and deletes records from its beginning: what was acknowledged as deleted stays deleted, and
// what nobody asked to delete stays there.
class Trimmer : public io::sim::Program {
 public:
  Trimmer(io::sim::Process& process, Workload& workload, Random random)
      : topic_(fmt::format("d{}", workload.trimmers++)), client_(process, workload, random) {
    client_.tasks().spawn(run());
  }

 private:
  std::string start_key() const { return topic_ + "-0 log start"; }

  io::Task<void> run() {
    while (client_.writing()) {
      co_await client_.pause(1, 250);
      const bool there = co_await topic_is_there();
      if (!there) continue;
      const std::uint64_t what = client_.random().below(8);
      if (what < 4) {
        co_await write();
      } else if (what < 6) {
        co_await trim();
      } else {
        co_await read();
      }
    }
    bool whole = false;
    for (int attempt = 0; attempt < final_attempts_max && !whole && there_; ++attempt) {
      const bool told = co_await topic_is_there();
      if (told) whole = co_await read();
      if (!whole) co_await client_.between_attempts();
    }
    if (there_ && !whole) client_.check("in a healed world: " + topic_ + " cannot be read", Checker::answered);
    client_.finished();
  }

  io::Task<bool> topic_is_there() {
    if (!there_) {
      client::NewTopic topic{.name = topic_, .partitions = 1};
      co_await client_.create(std::move(topic));
    }
    // The leader is asked for with every act: trimming needs it.
    const TopicSight sight = co_await client_.look_at(topic_);
    there_ = there_ || sight.exists();
    co_return sight.exists();
  }

  io::Task<void> write() {
    client::ProducerOptions options;
    options.delivery_timeout = Duration::from_seconds(5);
    client::Producer producer(client_.cluster(), options);
    std::vector<std::pair<std::string, io::Future<client::DeliveryReport>>> waiting;
    const std::uint64_t count = 1 + client_.random().below(20);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string value = fmt::format("{}:{}", next_number_++, std::string(client_.random().below(500), 'd'));
      client::Message message{.topic = topic_, .partition = 0, .timestamp = client_.reactor().wall_now().ms};
      message.value = value;
      waiting.emplace_back(std::move(value), producer.send(std::move(message)));
    }
    for (auto& [value, future] : waiting) {
      const client::DeliveryReport report = co_await std::move(future);
      if (report.certainty != client::Certainty::written || report.offset == no_offset) continue;
      acked_[report.offset] = std::move(value);
      client_.workload().history->count_acknowledged();
    }
  }

  io::Task<void> trim() {
    if (acked_.empty()) co_return;
    Rising& bounds = client_.workload().bounds;
    const Offset floor = bounds.floor(start_key());
    const Offset last = acked_.rbegin()->first;
    if (last <= floor) co_return;
    const Offset target = client_.random().between(floor, last);
    bounds.asked(start_key(), target);
    const client::RecordsToDelete records{.topic = topic_, .partition = 0, .offset = target};
    const auto answer = co_await client::delete_records(client_.cluster(), records);
    if (!answer.has_value()) {
      if (answer.error().link != link::LinkError::unsupported) client_.after(client::Certainty::unknown);
      co_return;
    }
    if (answer->code != api::ErrorCode::none) co_return;
    client_.workload().history->count_acknowledged();
    if (answer->log_start < target) {
      client_.check(fmt::format("{}: records below {} were deleted, the log is said to start at {}", topic_, target,
                                answer->log_start));
    }
    client_.check(bounds.read(start_key(), answer->log_start, floor));
  }

  // True when everything was seen up to the end.
  io::Task<bool> read() {
    Rising& bounds = client_.workload().bounds;
    const Offset floor = bounds.floor(start_key());
    client::Consumer consumer(client_.cluster(), {.wait_ms_max = 50});
    const auto start = co_await consumer.offset_for(topic_, 0, client::earliest_timestamp);
    if (!start.has_value()) co_return false;
    client_.check(bounds.read(start_key(), *start, floor));
    const auto end = co_await consumer.offset_for(topic_, 0, client::latest_timestamp);
    if (!end.has_value()) co_return false;
    // A deletion that was answered with an error may still come true at the next start, in the middle of this.
    Offset begins = *start;
    const std::map<Offset, std::string> expected = acked_;
    std::map<Offset, std::string> found;
    consumer.assign(topic_, 0, *start);
    for (int idle = 0; consumer.position(topic_, 0) < *end && idle < idle_polls_max;) {
      const Offset floor_then = bounds.floor(start_key());
      const client::PollResult result = co_await consumer.poll();
      for (const auto& fetched : result.fetched) {
        if (fetched.log_start != no_offset) client_.check(bounds.read(start_key(), fetched.log_start, floor_then));
        begins = std::max(begins, fetched.log_start);
        for (ReadRecord& record : records_of(client_.workload(), fetched))
          found[record.offset] = std::move(record.value);
      }
      idle = result.fetched.empty() ? idle + 1 : 0;
    }
    const bool whole = consumer.position(topic_, 0) >= *end;
    compare(expected, found, whole ? begins : *end);
    co_return whole;
  }

  void compare(const std::map<Offset, std::string>& expected, const std::map<Offset, std::string>& found, Offset from) {
    for (const auto& [offset, value] : expected) {
      const auto record = found.find(offset);
      if (record == found.end() ? offset < from : record->second == value) continue;
      client_.check(fmt::format("{} offset {}, acknowledged and not deleted, {}", topic_, offset,
                                record == found.end() ? "is gone" : "holds something else"),
                    Checker::acked);
    }
  }

  std::string topic_;
  bool there_ = false;
  std::uint64_t next_number_ = 0;
  std::map<Offset, std::string> acked_;
  AdminClient client_;  // last: its frames use all of the above
};

}  // namespace

std::unique_ptr<io::sim::Program> make_trimmer(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Trimmer>(process, workload, random);
}

}  // namespace highwater::sim
