#include <algorithm>
#include <map>

#include "client/admin.h"
#include "client/producer.h"
#include "workloads/workload.h"

namespace highwater::sim {

namespace {

constexpr std::size_t messages_waiting_max = 200;
constexpr Duration create_pause = Duration::from_ms(100);

client::ProducerOptions draw_options(Random& random, const Scenario& scenario) {
  client::ProducerOptions options;
  const std::uint64_t kind = random.below(8);
  if (kind < 5) {
    options.idempotence = client::Idempotence::on;
  } else {
    options.idempotence = client::Idempotence::off;
    options.acks = kind == 5 ? std::int16_t{1} : kind == 6 ? std::int16_t{-1} : std::int16_t{0};
  }
  options.limits.in_flight_max = 1 + random.below(5);
  options.limits.records_max = 1 + random.below(60);
  options.limits.bytes_max = 200 + random.below(20'000);
  options.limits.linger = Duration::from_us(static_cast<std::int64_t>(random.below(8'000)));
  options.codec = static_cast<records::Codec>(random.below(records::codec_count));
  if (scenario.codecs == Scenario::Codecs::none) options.codec = records::Codec::none;
  options.delivery_timeout = Duration::from_seconds(5 + static_cast<std::int64_t>(random.below(60)));
  options.backoff_min = Duration::from_ms(20);
  options.backoff_max = Duration::from_ms(500);
  return options;
}

class Writer : public io::sim::Program {
 public:
  Writer(io::sim::Process& process, Workload& workload, Random random)
      : reactor_(&process.reactor(0)),
        workload_(&workload),
        random_(random),
        options_(draw_options(random_, *workload.scenario)),
        cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(3))),
        producer_(cluster_, options_),
        tasks_(reactor_->ready()) {
    const bool idempotent = options_.idempotence == client::Idempotence::on;
    number_ = workload.history->add_writer({.idempotent = idempotent, .ordered = idempotent});
    ++workload.writers_busy;
    tasks_.spawn(run());
  }
  ~Writer() override { finished(); }

 private:
  io::Task<void> run() {
    co_await create_topics();
    while (workload_->writing) {
      const std::uint64_t burst = 1 + random_.below(8);
      for (std::uint64_t i = 0; i < burst && waiting_ < messages_waiting_max; ++i) send_one();
      const Duration pause = Duration::from_us(workload_->scenario->pause_us.draw(random_));
      co_await reactor_->sleep_until(reactor_->now() + pause);
    }
    co_await producer_.drained();
    finished();
  }

  // Also by its death: what it had not been told is in doubt for ever.
  void finished() {
    if (busy_) --workload_->writers_busy;
    busy_ = false;
  }

  // Every writer asks for all topics: whoever comes first makes them.
  io::Task<void> create_topics() {
    std::map<std::string, std::int32_t> partitions;
    for (const Place& place : workload_->places) {
      partitions[place.topic] = std::max(partitions[place.topic], place.partition + 1);
    }
    for (const auto& [name, count] : partitions) {
      for (bool there = false; !there && workload_->writing;) {
        client::NewTopic topic{.name = name, .partitions = count, .replication_factor = 1};
        const auto made = co_await client::create_topic(cluster_, std::move(topic), 5'000);
        if (made.has_value() && made->code == api::ErrorCode::none) {
          workload_->history->topic_created(name, made->id);
        }
        there = made.has_value() &&
                (made->code == api::ErrorCode::none || made->code == api::ErrorCode::topic_already_exists);
        if (!there) co_await reactor_->sleep_until(reactor_->now() + create_pause);
      }
    }
  }

  void send_one() {
    const Place& place = workload_->places[random_.below(workload_->places.size())];
    const ValueId id = workload_->history->next_value(number_);
    const auto size = static_cast<std::size_t>(workload_->scenario->value_bytes.draw(random_));
    client::Message message{.topic = place.topic,
                            .partition = place.partition,
                            .timestamp = reactor_->wall_now().ms,
                            .key = std::to_string(id.number % 10),
                            .value = make_value(id, place, size)};
    if (random_.below(10) == 0) message.headers.push_back({"h", std::nullopt});
    workload_->history->sent(id, place);
    ++waiting_;
    tasks_.spawn(await_report(producer_.send(std::move(message)), id));
  }

  io::Task<void> await_report(io::Future<client::DeliveryReport> future, ValueId id) {
    const client::DeliveryReport report = co_await std::move(future);
    --waiting_;
    workload_->history->reported(id, report);
  }

  io::sim::SimReactor* reactor_;
  Workload* workload_;
  Random random_;
  client::ProducerOptions options_;
  client::Cluster cluster_;
  client::Producer producer_;
  std::uint32_t number_ = 0;
  std::size_t waiting_ = 0;
  bool busy_ = true;
  io::TaskGroup tasks_;
};

class TopicChanger : public io::sim::Program {
 public:
  TopicChanger(io::sim::Process& process, Workload& workload, Random random)
      : reactor_(&process.reactor(0)),
        workload_(&workload),
        random_(random),
        cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(3))),
        tasks_(reactor_->ready()) {
    ++workload.writers_busy;
    tasks_.spawn(run());
  }

 private:
  io::Task<void> run() {
    for (int i = 0; workload_->writing; ++i) {
      const std::string name = "x" + std::to_string(i);
      co_await create(name);
      const Duration pause = Duration::from_ms(static_cast<std::int64_t>(random_.below(2'000)));
      co_await reactor_->sleep_until(reactor_->now() + pause);
      if (random_.below(2) == 0) co_await remove(name);
    }
    --workload_->writers_busy;
  }

  io::Task<void> create(std::string name) {
    client::NewTopic topic{.name = name, .partitions = 1 + static_cast<std::int32_t>(random_.below(3))};
    const auto made = co_await client::create_topic(cluster_, std::move(topic), 2'000);
    if (!made.has_value()) co_return cluster_.disconnect();
    if (made->code == api::ErrorCode::none) workload_->history->topic_created(name, made->id);
  }

  io::Task<void> remove(std::string name) {
    workload_->history->topic_deletion_asked(name);
    const auto removed = co_await client::delete_topic(cluster_, name, 2'000);
    if (!removed.has_value()) co_return cluster_.disconnect();
    if (removed->code == api::ErrorCode::none) workload_->history->topic_deleted(name);
  }

  io::sim::SimReactor* reactor_;
  Workload* workload_;
  Random random_;
  client::Cluster cluster_;
  io::TaskGroup tasks_;
};

}  // namespace

client::ClusterOptions cluster_options(const Workload& workload, Duration request_timeout) {
  client::ClusterOptions options;
  options.bootstrap.push_back({workload.host, 9092});
  options.channel.connect_timeout = Duration::from_seconds(2);
  options.channel.request_timeout = request_timeout;
  options.auto_create = client::ClusterOptions::Creation::forbidden;
  return options;
}

std::unique_ptr<io::sim::Program> make_writer(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Writer>(process, workload, random);
}

std::unique_ptr<io::sim::Program> make_topic_changer(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<TopicChanger>(process, workload, random);
}

}  // namespace highwater::sim
