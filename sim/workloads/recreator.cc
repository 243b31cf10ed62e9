#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "client/configs.h"
#include "client/consumer.h"
#include "client/producer.h"
#include "workloads/admin_client.h"
#include "workloads/reading.h"

namespace highwater::sim {

namespace {

constexpr std::uint64_t names = 2;  // of each recreator
constexpr const char* marked_setting = "retention.ms";
constexpr int idle_polls_max = 12;
constexpr Duration doubt_max = Duration::from_seconds(60);  // no request lives longer than its connection

// One life of a topic, from its id to its deletion.
struct Life {
  Instant born;                                        // not before this time
  std::vector<std::map<Offset, std::uint64_t>> acked;  // per partition: offset → number of the record
};

struct Sent {
  Uuid life;
  Instant reported = Instant::never();
  bool refused = false;
};

// A creation; kept when nobody told its outcome.
struct Creation {
  Instant begun;
  std::optional<std::string> setting;  // what it asked for; nothing: the default
};

class Recreator : public io::sim::Program {
 public:
  Recreator(io::sim::Process& process, Workload& workload, Random random)
      : number_(workload.recreators++), client_(process, workload, random) {
    client_.tasks().spawn(run());
  }

 private:
  struct Name {
    std::string text;
    std::map<Uuid, Life> lives;
    std::vector<Creation> doubtful;
  };

  io::Task<void> run() {
    for (std::uint64_t i = 0; i < names; ++i) names_.push_back({.text = fmt::format("r{}-{}", number_, i)});
    while (client_.writing()) {
      co_await client_.pause(1, 80);
      Name& name = names_[client_.random().below(names)];
      co_await one_act(name);
    }
    for (Name& name : names_) co_await last_look(name);
    client_.finished();
  }

  io::Task<void> one_act(Name& name) {
    const TopicSight sight = co_await client_.look_at(name.text);
    if (!sight.told) {
      client_.after(client::Certainty::unknown);
      co_return;
    }
    if (!sight.exists()) {
      co_await make(name);
      co_return;
    }
    find_life(name, sight);
    const std::uint64_t what = client_.random().below(10);
    if (what < 4) {
      co_await write(name, sight);
    } else if (what < 7) {
      co_await read(name, sight);
    } else {
      const client::Certainty gone = co_await client_.remove(name.text);
      // At once: what is left of the old one is still being cleared away.
      if (gone == client::Certainty::written && client_.random().below(2) == 0) co_await make(name);
    }
  }

  io::Task<void> make(Name& name) {
    client::NewTopic topic{.name = name.text, .partitions = 1 + static_cast<std::int32_t>(client_.random().below(2))};
    Creation creation{.begun = client_.now(), .setting = std::nullopt};
    if (client_.random().below(2) == 0) {
      creation.setting = fmt::format("{}", 500'000'000 + client_.workload().next_unique++);
      topic.configs.emplace_back(marked_setting, *creation.setting);
    }
    const Made made = co_await client_.create(std::move(topic));
    if (made.certainty == client::Certainty::unknown) name.doubtful.push_back(creation);
    if (made.certainty != client::Certainty::written) co_return;
    Life& life = name.lives[made.id];
    life.born = creation.begun;
    co_await check_setting(name, creation);
  }

  // Of a new id that no answer told it is only known that one of the doubtful creations made it.
  Life& find_life(Name& name, const TopicSight& sight) {
    const auto [life, fresh] = name.lives.try_emplace(sight.id);
    if (fresh) {
      std::erase_if(name.doubtful, [&](const Creation& each) { return client_.now() - each.begun > doubt_max; });
      life->second.born = name.doubtful.empty() ? client_.now() : name.doubtful.front().begun;
    }
    auto& acked = life->second.acked;
    if (acked.size() < static_cast<std::size_t>(sight.partitions))
      acked.resize(static_cast<std::size_t>(sight.partitions));
    return life->second;
  }

  // A topic has the settings of its own creation, and none of an older topic of the same name.
  io::Task<void> check_setting(Name& name, Creation creation) {
    const client::ConfigOwner owner{client::ConfigKind::topic, name.text};
    const std::vector<std::string> keys(1, marked_setting);
    const auto described = co_await client::describe_configs(client_.cluster(), owner, keys);
    if (!described.has_value() || described->code != api::ErrorCode::none) co_return;
    const auto found = described->values.find(marked_setting);
    const bool set = found != described->values.end() && found->second.source == api::ConfigSource::topic;
    const std::string is = set ? found->second.value : "the default";
    const std::string was_asked = creation.setting.value_or("the default");
    if (is == was_asked) co_return;
    client_.check(fmt::format("topic {} was made with {} {}, and has {}", name.text, marked_setting, was_asked, is));
  }

  // ----- Records: "number:life:filler"

  io::Task<void> write(Name& name, TopicSight sight) {
    client::ProducerOptions options;
    options.delivery_timeout = Duration::from_seconds(4);
    options.idempotence = client_.random().below(2) == 0 ? client::Idempotence::on : client::Idempotence::off;
    client::Producer producer(client_.cluster(), options);
    std::vector<std::pair<std::uint64_t, io::Future<client::DeliveryReport>>> waiting;
    const std::uint64_t count = 1 + client_.random().below(12);
    const auto partition =
        static_cast<std::int32_t>(client_.random().below(static_cast<std::uint64_t>(sight.partitions)));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t number = sent_.size();
      sent_.push_back({.life = sight.id});
      client::Message message{.topic = name.text, .partition = partition};
      message.timestamp = client_.reactor().wall_now().ms;
      message.value =
          fmt::format("{}:{}:{}", number, sight.id.to_text(), std::string(client_.random().below(300), 'r'));
      waiting.emplace_back(number, producer.send(std::move(message)));
    }
    for (auto& [number, future] : waiting) {
      const client::DeliveryReport report = co_await std::move(future);
      sent_[number].reported = client_.now();
      sent_[number].refused = report.certainty == client::Certainty::not_written;
      if (report.certainty != client::Certainty::written) continue;
      client_.workload().history->count_acknowledged();
      Life& life = name.lives[sight.id];
      // A life that ended meanwhile is not read again.
      if (report.offset != no_offset) life.acked[static_cast<std::size_t>(partition)][report.offset] = number;
    }
  }

  io::Task<bool> read(Name& name, TopicSight sight) {
    bool whole = true;
    for (std::int32_t i = 0; i < sight.partitions && whole; ++i) whole = co_await read_partition(name, sight, i);
    co_return whole;
  }

  // True when it was read to the end that it had, or when the topic is another one meanwhile.
  io::Task<bool> read_partition(Name& name, TopicSight sight, std::int32_t partition) {
    const std::map<Offset, std::uint64_t> expected = name.lives[sight.id].acked[static_cast<std::size_t>(partition)];
    client::Consumer consumer(client_.cluster(), {.wait_ms_max = 50});
    const auto end = co_await consumer.offset_for(name.text, partition, client::latest_timestamp);
    if (!end.has_value()) co_return false;
    consumer.assign(name.text, partition, 0);
    std::map<Offset, std::string> found;
    for (int idle = 0; consumer.position(name.text, partition) < *end && idle < idle_polls_max;) {
      const client::PollResult result = co_await consumer.poll();
      for (const auto& fetched : result.fetched) {
        for (ReadRecord& record : records_of(client_.workload(), fetched))
          found[record.offset] = std::move(record.value);
      }
      idle = result.fetched.empty() ? idle + 1 : 0;
      if (!client_.writing() && idle > 0) co_await client_.between_attempts();
    }
    const bool whole = consumer.position(name.text, partition) >= *end;
    const TopicSight after = co_await client_.look_at(name.text);
    if (!after.told) co_return false;
    if (after.id != sight.id) co_return true;
    for (const auto& [offset, value] : found)
      check_value(name, sight.id, {.offset = offset, .timestamp = 0, .value = value});
    for (const auto& [offset, number] : expected) {
      const auto record = found.find(offset);
      const bool right = record != found.end() && record->second.starts_with(fmt::format("{}:", number));
      if (right || (record == found.end() && !whole)) continue;
      client_.check(fmt::format("{}-{} of {}: record {}, acknowledged at offset {}, is not there among {} up to {}",
                                name.text, partition, sight.id.to_text(), number, offset, found.size(), *end),
                    Checker::acked);
    }
    co_return whole;
  }

  // Never a record of an earlier life, and never one that was refused.
  void check_value(Name& name, Uuid life, const ReadRecord& record) {
    std::uint64_t number = 0;
    const char* const end = record.value.data() + record.value.size();
    const auto parsed = std::from_chars(record.value.data(), end, number);
    if (parsed.ec != std::errc() || number >= sent_.size()) {
      client_.check(fmt::format("{} offset {} holds bytes that nobody wrote there", name.text, record.offset),
                    Checker::acked);
      return;
    }
    const Sent& sent = sent_[number];
    // A retry of the producer may reach the next life, but not one that began after its end.
    if (sent.life != life && sent.reported < name.lives[life].born) {
      client_.check(
          fmt::format("topic {} with id {} holds record {}, which was written to id {} and reported before "
                      "this topic was made",
                      name.text, life.to_text(), number, sent.life.to_text()));
    }
    if (sent.refused) {
      client_.check(fmt::format("{} offset {} holds record {}, which was refused", name.text, record.offset, number),
                    Checker::refused);
    }
  }

  io::Task<void> last_look(Name& name) {
    for (int attempt = 0; attempt < final_attempts_max; ++attempt) {
      const TopicSight sight = co_await client_.look_at(name.text);
      if (sight.told && !sight.exists()) co_return;
      if (sight.exists()) {
        find_life(name, sight);
        const bool whole = co_await read(name, sight);
        if (whole) co_return;
      }
      co_await client_.between_attempts();
    }
    client_.check("in a healed world: " + name.text + " is not told or cannot be read", Checker::answered);
  }

  std::uint64_t number_;
  std::vector<Name> names_;
  std::vector<Sent> sent_;  // by number
  AdminClient client_;      // last: its frames use all of the above
};

}  // namespace

std::unique_ptr<io::sim::Program> make_recreator(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Recreator>(process, workload, random);
}

}  // namespace highwater::sim
