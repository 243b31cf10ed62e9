#include <fmt/core.h>

#include <array>
#include <map>

#include "client/configs.h"
#include "client/users.h"
#include "workloads/admin_client.h"

namespace highwater::sim {

namespace {

constexpr std::uint64_t topic_count = 3;
constexpr std::uint64_t user_count = 3;
constexpr std::int64_t partitions_max = 12;

// Settings whose values differ with every write: base + a number that grows.
struct Setting {
  const char* key;
  std::int64_t base;
};
constexpr std::array<Setting, 6> topic_settings = {{{"retention.ms", 600'000'000},
                                                    {"retention.bytes", 1'000'000'000},
                                                    {"segment.bytes", 2'000'000},
                                                    {"delete.retention.ms", 86'400'000},
                                                    {"max.message.bytes", 1'000'000},
                                                    {"flush.messages", 1'000'000'000'000}}};
constexpr std::array<Setting, 3> broker_settings = {{{"log.retention.ms", 700'000'000},
                                                     {"message.max.bytes", 1'100'000},
                                                     {"log.cleaner.delete.retention.ms", 90'000'000}}};
constexpr std::array<const char*, 2> quota_keys = {"producer_byte_rate", "consumer_byte_rate"};

std::string topic_name(std::uint64_t number) { return fmt::format("a{}", number); }
std::string user_name(std::uint64_t number) { return fmt::format("u{}", number); }
std::string partitions_key(const std::string& topic) { return topic + " partitions"; }
std::string text_of(double value) { return fmt::format("{}", value); }

std::string setting_key(const client::ConfigOwner& owner, const std::string& key) {
  return fmt::format("{} {} {}", owner.kind == client::ConfigKind::topic ? "topic" : "broker", owner.name, key);
}

// The source that a value has when it was set on this resource itself.
api::ConfigSource own_source(const client::ConfigOwner& owner) {
  if (owner.kind == client::ConfigKind::topic) return api::ConfigSource::topic;
  return owner.name.empty() ? api::ConfigSource::all_brokers : api::ConfigSource::this_broker;
}

class Administrator : public io::sim::Program {
 public:
  Administrator(io::sim::Process& process, Workload& workload, Random random) : client_(process, workload, random) {
    client_.tasks().spawn(run());
  }

 private:
  io::Task<void> run() {
    while (client_.writing()) {
      co_await client_.pause(1, 120);
      co_await one_act();
    }
    co_await look_at_everything();
    client_.finished();
  }

  io::Task<void> one_act() {
    switch (client_.random().below(12)) {
      case 0:
        co_await make_topic();
        break;
      case 1:
        co_await add_partition();
        break;
      case 2:
      case 3:
      case 4:
        co_await change_setting();
        break;
      case 5:
      case 6: {
        const client::ConfigOwner owner = draw_owner();
        co_await read_settings(owner);
        break;
      }
      case 7:
        co_await change_quota();
        break;
      case 8:
        co_await change_scram();
        break;
      case 9:
        co_await read_quotas(client_.random().below(user_count));
        break;
      case 10:
        co_await read_scram(client_.random().below(user_count));
        break;
      default:
        co_await look_at_topic(client_.random().below(topic_count));
    }
  }

  std::string unique(std::int64_t base) {
    return fmt::format("{}", base + static_cast<std::int64_t>(client_.workload().next_unique++));
  }

  client::ConfigOwner draw_owner() { return owner_of(client_.random().below(topic_count + 2)); }

  // The topics, then all brokers together, then the one broker.
  client::ConfigOwner owner_of(std::uint64_t number) {
    if (number < topic_count) return {client::ConfigKind::topic, topic_name(number)};
    return {client::ConfigKind::broker, number == topic_count ? std::string() : client_.workload().node};
  }

  // ----- Topics

  io::Task<void> make_topic() {
    client::NewTopic topic{.name = topic_name(client_.random().below(topic_count)), .partitions = 1};
    client_.workload().bounds.asked(partitions_key(topic.name), 1);
    co_await client_.create(std::move(topic));
  }

  io::Task<void> add_partition() {
    Rising& bounds = client_.workload().bounds;
    const std::string topic = topic_name(client_.random().below(topic_count));
    const std::string key = partitions_key(topic);
    const std::int64_t total = bounds.floor(key) + 1;
    if (total < 2 || total > partitions_max) co_return;
    bounds.asked(key, total);
    const auto answer = co_await client::create_partitions(client_.cluster(), topic, static_cast<std::int32_t>(total));
    const client::Certainty certainty = client::certainty_of_change(answer);
    if (certainty == client::Certainty::written) bounds.certain(key, total);
    client_.after(certainty);
  }

  io::Task<bool> look_at_topic(std::uint64_t number) {
    Rising& bounds = client_.workload().bounds;
    const std::string topic = topic_name(number);
    const std::int64_t floor = bounds.floor(partitions_key(topic));
    const TopicSight sight = co_await client_.look_at(topic);
    if (sight.exists()) client_.check(bounds.read(partitions_key(topic), sight.partitions, floor));
    co_return sight.told;
  }

  // ----- Settings

  io::Task<void> change_setting() {
    const client::ConfigOwner owner = draw_owner();
    std::vector<client::ConfigChange> changes;
    std::vector<Registers::Ticket> tickets;
    // Several keys of one request come into effect together, or not at all.
    const std::uint64_t count = 1 + client_.random().below(2);
    const std::uint64_t first = client_.random().next();
    for (std::uint64_t i = 0; i < count; ++i) {
      const Setting setting = owner.kind == client::ConfigKind::topic
                                  ? topic_settings[(first + i) % topic_settings.size()]
                                  : broker_settings[(first + i) % broker_settings.size()];
      client::ConfigChange change{.key = setting.key, .value = std::nullopt};
      if (client_.random().below(4) != 0) change.value = unique(setting.base);
      tickets.push_back(client_.workload().registers.begin_write(
          setting_key(owner, change.key), change.value.value_or(Registers::absent), client_.now()));
      changes.push_back(std::move(change));
    }
    const auto answer = co_await client::alter_configs(client_.cluster(), owner, std::move(changes));
    const client::Certainty certainty = client::certainty_of_change(answer);
    for (const Registers::Ticket& ticket : tickets) {
      client_.check(client_.workload().registers.end_write(ticket, certainty, client_.now()));
    }
    client_.after(certainty);
  }

  io::Task<bool> read_settings(client::ConfigOwner owner) {
    const Instant begin = client_.now();
    std::vector<std::string> keys;
    if (owner.kind == client::ConfigKind::topic) {
      for (const Setting& setting : topic_settings) keys.push_back(setting.key);
    } else {
      for (const Setting& setting : broker_settings) keys.push_back(setting.key);
    }
    auto described = co_await client::describe_configs(client_.cluster(), owner, keys);
    if (!described.has_value()) {
      client_.after(client::Certainty::unknown);
      co_return false;
    }
    if (described->code != api::ErrorCode::none) {
      co_return described->code == api::ErrorCode::unknown_topic_or_partition;
    }
    for (const std::string& key : keys) {
      const auto found = described->values.find(key);
      const bool set = found != described->values.end() && found->second.source == own_source(owner);
      const std::string value = set ? found->second.value : std::string(Registers::absent);
      client_.check(client_.workload().registers.read(setting_key(owner, key), value, begin, client_.now()));
    }
    co_return true;
  }

  // ----- Users

  io::Task<void> change_quota() {
    client::QuotaChange change{.user = user_name(client_.random().below(user_count)),
                               .key = quota_keys[client_.random().below(quota_keys.size())],
                               .value = std::nullopt};
    if (client_.random().below(4) != 0) {
      change.value = 1e9 + static_cast<double>(client_.workload().next_unique++);
    }
    const std::string value = change.value.has_value() ? text_of(*change.value) : std::string(Registers::absent);
    const Registers::Ticket ticket = client_.workload().registers.begin_write(
        fmt::format("quota {} {}", change.user, change.key), value, client_.now());
    const auto answer = co_await client::alter_quota(client_.cluster(), std::move(change));
    end_write(ticket, client::certainty_of_change(answer));
  }

  io::Task<void> change_scram() {
    client::ScramChange change{.user = user_name(client_.random().below(user_count)),
                               .iterations = 0,
                               .salt = {1, 2, 3, 4, 5, 6, 7, 8},
                               .salted_password = std::vector<std::uint8_t>(32, 9)};
    // 4,096 to 16,384 iterations are allowed: after so many writes there are no new numbers left.
    const std::uint64_t number = client_.workload().next_scram++;
    if (client_.random().below(4) != 0 && number <= 12'000)
      change.iterations = 4'096 + static_cast<std::int32_t>(number);
    const std::string value =
        change.iterations == 0 ? std::string(Registers::absent) : fmt::format("{}", change.iterations);
    const Registers::Ticket ticket =
        client_.workload().registers.begin_write("scram " + change.user, value, client_.now());
    const auto answer = co_await client::alter_scram(client_.cluster(), std::move(change));
    client::Certainty certainty = client::certainty_of_change(answer);
    end_write(ticket, certainty);
  }

  void end_write(const Registers::Ticket& ticket, client::Certainty certainty) {
    client_.check(client_.workload().registers.end_write(ticket, certainty, client_.now()));
    client_.after(certainty);
  }

  io::Task<bool> read_quotas(std::uint64_t number) {
    const std::string user = user_name(number);
    const Instant begin = client_.now();
    const auto described = co_await client::describe_quotas(client_.cluster(), user);
    if (!described.has_value() || described->code != api::ErrorCode::none) co_return unanswered(described);
    for (const char* key : quota_keys) {
      const auto found = described->values.find(key);
      const std::string value =
          found == described->values.end() ? std::string(Registers::absent) : text_of(found->second);
      client_.check(
          client_.workload().registers.read(fmt::format("quota {} {}", user, key), value, begin, client_.now()));
    }
    co_return true;
  }

  io::Task<bool> read_scram(std::uint64_t number) {
    const std::string user = user_name(number);
    const Instant begin = client_.now();
    const auto described = co_await client::describe_scram(client_.cluster(), user);
    if (!described.has_value() || described->code != api::ErrorCode::none) co_return unanswered(described);
    const std::string value =
        described->iterations == 0 ? std::string(Registers::absent) : fmt::format("{}", described->iterations);
    client_.check(client_.workload().registers.read("scram " + user, value, begin, client_.now()));
    co_return true;
  }

  // True when there is nothing to wait for: this node does not have the API.
  template <class Answer>
  bool unanswered(const Answer& answer) {
    if (answer.has_value()) return false;
    const client::ClientError& error = answer.error();
    if (error.origin == client::ClientError::Origin::link && error.link == link::LinkError::unsupported) return true;
    client_.cluster().disconnect();
    return false;
  }

  // ----- The end

  // In a healed world everything is told, and is what the registers allow.
  io::Task<void> look_at_everything() {
    for (std::uint64_t i = 0; i < topic_count; ++i) co_await insist(Subject::topic, i);
    for (std::uint64_t i = 0; i < topic_count + 2; ++i) co_await insist(Subject::settings, i);
    for (std::uint64_t i = 0; i < user_count; ++i) {
      co_await insist(Subject::quotas, i);
      co_await insist(Subject::scram, i);
    }
  }

  enum class Subject : std::uint8_t { topic, settings, quotas, scram };

  io::Task<void> insist(Subject subject, std::uint64_t number) {
    for (int attempt = 0; attempt < final_attempts_max; ++attempt) {
      const bool told = co_await look(subject, number);
      if (told) co_return;
      co_await client_.between_attempts();
    }
    client_.check(fmt::format("in a healed world: subject {} number {} of an administrator is not told",
                              static_cast<int>(subject), number),
                  Checker::answered);
  }

  io::Task<bool> look(Subject subject, std::uint64_t number) {
    switch (subject) {
      case Subject::topic:
        return look_at_topic(number);
      case Subject::settings:
        return read_settings(owner_of(number));
      case Subject::quotas:
        return read_quotas(number);
      case Subject::scram:
        break;
    }
    return read_scram(number);
  }

  AdminClient client_;
};

}  // namespace

std::unique_ptr<io::sim::Program> make_administrator(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Administrator>(process, workload, random);
}

}  // namespace highwater::sim
