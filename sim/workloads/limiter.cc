#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "client/configs.h"
#include "client/producer.h"
#include "workloads/admin_client.h"

namespace highwater::sim {

namespace {

constexpr std::int64_t default_limit = 1'048'588;
constexpr std::int64_t margin = 400;                        // a batch is its value, a header and a little
constexpr Duration doubt_max = Duration::from_seconds(60);  // no request lives longer than its connection

// A setting acts: from the moment on when a smaller max.message.bytes is acknowledged no larger batch is taken,
// whatever dies in between; and what fits every limit that may be in force is never refused as too large.
class Limiter : public io::sim::Program {
 public:
  Limiter(io::sim::Process& process, Workload& workload, Random random)
      : topic_(fmt::format("l{}", workload.limiters++)), client_(process, workload, random) {
    client_.tasks().spawn(run());
  }

 private:
  struct Limit {
    std::int64_t bytes = default_limit;
    Instant doubtful_until = Instant::never();
  };

  io::Task<void> run() {
    while (client_.writing()) {
      co_await client_.pause(1, 250);
      const bool there = co_await topic_is_there();
      if (!there) continue;
      if (client_.random().below(3) == 0) {
        co_await change();
      } else {
        co_await try_one();
      }
    }
    // After the last fault, too.
    for (int i = 0; i < 4; ++i) co_await try_one();
    client_.finished();
  }

  io::Task<bool> topic_is_there() {
    if (there_) co_return true;
    client::NewTopic topic{.name = topic_, .partitions = 1};
    co_await client_.create(std::move(topic));
    const TopicSight sight = co_await client_.look_at(topic_);
    there_ = sight.exists();
    co_return there_;
  }

  io::Task<void> change() {
    const std::int64_t bytes = client_.random().between(2'000, 20'000);
    std::vector<client::ConfigChange> changes(1, {.key = "max.message.bytes", .value = fmt::format("{}", bytes)});
    const client::ConfigOwner owner{client::ConfigKind::topic, topic_};
    doubtful_.push_back({bytes, Instant::never()});
    const auto answer = co_await client::alter_configs(client_.cluster(), owner, std::move(changes));
    const client::Certainty certainty = client::certainty_of_change(answer);
    if (certainty != client::Certainty::unknown) doubtful_.pop_back();
    if (certainty == client::Certainty::written) {
      certain_ = bytes;
      client_.workload().history->count_acknowledged();
    }
    if (certainty == client::Certainty::unknown) doubtful_.back().doubtful_until = client_.now() + doubt_max;
    client_.after(certainty);
  }

  // A batch that no limit allows, or one that all do.
  io::Task<void> try_one() {
    std::erase_if(doubtful_, [&](const Limit& each) { return each.doubtful_until < client_.now(); });
    std::int64_t highest = certain_;
    std::int64_t lowest = certain_;
    for (const Limit& limit : doubtful_) {
      highest = std::max(highest, limit.bytes);
      lowest = std::min(lowest, limit.bytes);
    }
    const bool large = client_.random().below(2) == 0 && highest < default_limit;
    const std::int64_t size = large ? highest + margin : std::clamp<std::int64_t>(lowest - margin, 10, 25'000);
    client::ProducerOptions options;
    options.idempotence = client::Idempotence::off;
    options.delivery_timeout = Duration::from_seconds(3);
    client::Producer producer(client_.cluster(), options);
    client::Message message{.topic = topic_, .partition = 0, .timestamp = client_.reactor().wall_now().ms};
    message.value = std::string(static_cast<std::size_t>(size), 'l');
    const client::DeliveryReport report = co_await producer.send(std::move(message));
    const bool too_large = report.code == api::ErrorCode::message_too_large;
    if (large && report.certainty == client::Certainty::written) {
      client_.check(
          fmt::format("topic {} took a value of {} bytes; max.message.bytes is {} at most", topic_, size, highest));
    }
    if (!large && too_large) {
      client_.check(
          fmt::format("topic {} refused a value of {} bytes; max.message.bytes is {} at least", topic_, size, lowest));
    }
    if (report.certainty == client::Certainty::written) client_.workload().history->count_acknowledged();
  }

  std::string topic_;
  bool there_ = false;
  std::int64_t certain_ = default_limit;
  std::vector<Limit> doubtful_;
  AdminClient client_;  // last: its frames use all of the above
};

}  // namespace

std::unique_ptr<io::sim::Program> make_limiter(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Limiter>(process, workload, random);
}

}  // namespace highwater::sim
