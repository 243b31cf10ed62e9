#include "workloads/admin_client.h"

#include <fmt/core.h>

#include "io/sim/machine.h"

namespace highwater::sim {

namespace {

constexpr std::int32_t change_timeout_ms = 2'000;

}  // namespace

AdminClient::AdminClient(io::sim::Process& process, Workload& workload, Random random)
    : process_(&process),
      reactor_(&process.reactor(0)),
      workload_(&workload),
      random_(random),
      cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(3))),
      tasks_(reactor_->ready()) {
  ++workload.writers_busy;
}

AdminClient::~AdminClient() { finished(); }

void AdminClient::finished() {
  if (busy_) --workload_->writers_busy;
  busy_ = false;
}

Instant AdminClient::now() const { return process_->machine().world().now(); }

io::Task<void> AdminClient::pause(std::int64_t ms_min, std::int64_t ms_max) {
  const Duration lasts = Duration::from_us(random_.between(ms_min * 1'000, ms_max * 1'000));
  co_await reactor_->sleep_until(reactor_->now() + lasts);
}

io::Task<void> AdminClient::between_attempts() {
  co_await reactor_->sleep_until(reactor_->now() + Duration::from_ms(500));
}

io::Task<TopicSight> AdminClient::look_at(std::string topic) {
  TopicSight sight;
  const Instant begin = now();
  const std::vector<std::string> wanted(1, topic);
  const auto refreshed = co_await cluster_.refresh(wanted);
  const client::TopicFacts* facts = cluster_.topic(topic);
  if (!refreshed.has_value() || facts == nullptr) co_return sight;
  const bool gone = facts->error == api::ErrorCode::unknown_topic_or_partition;
  if (!gone && facts->error != api::ErrorCode::none) co_return sight;
  sight.told = true;
  if (!gone) sight.id = facts->id;
  const std::string value = gone ? std::string(Registers::absent) : facts->id.to_text();
  check(workload_->registers.read(topic_key(topic), value, begin, now()));
  if (gone) co_return sight;
  sight.partitions = static_cast<std::int32_t>(facts->partitions.size());
  for (std::size_t i = 0; i < facts->partitions.size(); ++i) {
    const std::string key = fmt::format("{}-{} leader epoch", facts->id.to_text(), i);
    check(epochs_.watch(key, facts->partitions[i].epoch, epochs_.floor(key)));
  }
  co_return sight;
}

io::Task<Made> AdminClient::create(client::NewTopic topic) {
  const Registers::Ticket ticket = workload_->registers.begin_write(topic_key(topic.name), std::nullopt, now());
  const auto made = co_await client::create_topic(cluster_, std::move(topic), change_timeout_ms);
  if (made.has_value() && made->code == api::ErrorCode::none) {
    check(workload_->registers.end_write(ticket, made->id.to_text(), now()));
    co_return Made{.certainty = client::Certainty::written, .id = made->id};
  }
  const client::Certainty certainty = client::certainty_of_change(made);
  check(workload_->registers.end_write(ticket, certainty, now()));
  after(certainty);
  co_return Made{.certainty = certainty, .id = {}};
}

io::Task<client::Certainty> AdminClient::remove(std::string topic) {
  const Registers::Ticket ticket = workload_->registers.begin_write(topic_key(topic), Registers::absent, now());
  const auto removed = co_await client::delete_topic(cluster_, topic, change_timeout_ms);
  const client::Certainty certainty = client::certainty_of_change(removed);
  check(workload_->registers.end_write(ticket, certainty, now()));
  after(certainty);
  co_return certainty;
}

void AdminClient::check(const std::optional<std::string>& wrong, Checker checker) {
  if (!wrong.has_value()) return;
  const double seconds = static_cast<double>(now().nanoseconds) / 1e9;
  workload_->history->violation(checker, fmt::format("at {:.6f}: {}", seconds, *wrong));
}

void AdminClient::after(client::Certainty certainty) {
  if (certainty == client::Certainty::unknown) cluster_.disconnect();
}

}  // namespace highwater::sim
