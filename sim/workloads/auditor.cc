#include <fmt/core.h>

#include "client/admin.h"
#include "client/producer.h"
#include "workloads/reading.h"
#include "workloads/workload.h"

namespace highwater::sim {

namespace {

constexpr int attempts_max = 40;  // of anything, half a second apart, in a healed world
constexpr Duration between_attempts = Duration::from_ms(500);
constexpr std::int32_t parked_ms = 10'000;  // how long the probe lets its fetch be parked
constexpr Duration woken_within = Duration::from_seconds(2);

class Auditor : public io::sim::Program {
 public:
  Auditor(io::sim::Process& process, Workload& workload, Random random)
      : reactor_(&process.reactor(0)),
        workload_(&workload),
        random_(random),
        cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(10))),
        tasks_(reactor_->ready()) {
    tasks_.spawn(run());
  }

 private:
  io::Task<void> run() {
    co_await check_topics();
    for (const Place& place : workload_->history->places()) co_await check_place(place);
    co_await check_wake_up();
    workload_->audited = true;
  }

  void give_up(const std::string& what) {
    workload_->history->violation(Checker::answered, "in a healed world: " + what);
  }

  io::Task<void> wait_a_little() { co_await reactor_->sleep_until(reactor_->now() + between_attempts); }

  io::Task<void> check_topics() {
    const std::vector<std::string> topics = workload_->history->topics_to_check();
    for (const std::string& topic : topics) {
      bool told = false;
      for (int attempt = 0; attempt < attempts_max && !told; ++attempt) {
        const std::vector<std::string> wanted(1, topic);
        const auto refreshed = co_await cluster_.refresh(wanted);
        const client::TopicFacts* facts = cluster_.topic(topic);
        told = refreshed.has_value() && facts != nullptr && facts->error != api::ErrorCode::leader_not_available;
        if (!told) {
          co_await wait_a_little();
        } else if (facts->error == api::ErrorCode::none) {
          workload_->history->topic_listed(topic, facts->id);
        } else {
          workload_->history->topic_missing(topic);
        }
      }
      if (!told) give_up("no metadata for " + topic);
    }
  }

  // The latest offset, or no_offset when nobody says it.
  io::Task<Offset> offset_of(client::Consumer& consumer, Place place, std::int64_t timestamp) {
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      const auto offset = co_await consumer.offset_for(place.topic, place.partition, timestamp);
      if (offset.has_value()) co_return *offset;
      cluster_.forget_topic(place.topic);
      co_await wait_a_little();
    }
    give_up(fmt::format("no offsets for {}-{}", place.topic, place.partition));
    co_return no_offset;
  }

  io::Task<void> check_place(Place place) {
    client::Consumer consumer(cluster_, {.wait_ms_max = 200});
    const Offset end = co_await offset_of(consumer, place, client::latest_timestamp);
    if (end == no_offset) co_return;
    std::vector<History::FinalRecord> records;
    Offset next = 0;
    consumer.assign(place.topic, place.partition, 0);
    int idle = 0;
    while (consumer.position(place.topic, place.partition) < end && idle < attempts_max) {
      const client::PollResult result = co_await consumer.poll();
      const std::size_t before = records.size();
      for (const auto& fetched : result.fetched) {
        for (const ReadRecord& record : records_of(*workload_, fetched)) {
          workload_->history->continues(place, next, record.offset);
          ValueId id;
          const bool honest = workload_->history->read(place, record.offset, record.value);
          if (honest && recognise_value(record.value, place, id)) records.push_back({record.offset, id});
        }
      }
      idle = records.size() == before ? idle + 1 : 0;
    }
    if (idle == attempts_max) give_up(fmt::format("{}-{} cannot be read to its end", place.topic, place.partition));
    workload_->history->check_final(place, records);
  }

  // A fetch is parked at the end; a record that is then acknowledged has to wake it, long before its time is over.
  io::Task<void> check_wake_up() {
    const Place place = workload_->places[random_.below(workload_->places.size())];
    client::Consumer consumer(cluster_, {.wait_ms_max = parked_ms});
    const Offset end = co_await offset_of(consumer, place, client::latest_timestamp);
    if (end == no_offset) co_return;
    consumer.assign(place.topic, place.partition, end);
    // The first fetch of a session is answered at once when it finds nothing new to say; the second one is parked.
    tasks_.spawn(send_later(place));
    const Instant give_up_at = reactor_->now() + Duration::from_seconds(60);
    bool seen = false;
    while (!seen && reactor_->now() < give_up_at) {
      const client::PollResult result = co_await consumer.poll();
      for (const auto& fetched : result.fetched) seen = seen || !fetched.batches.empty();
    }
    const Instant now = reactor_->now();
    if (!seen || (reported_ < now && now - reported_ > woken_within)) {
      give_up(fmt::format("a fetch parked on {}-{} was not woken by a new record", place.topic, place.partition));
    }
  }

  // On a connection of its own: one connection answers in order, and the parked fetch is not answered yet.
  io::Task<void> send_later(Place place) {
    co_await reactor_->sleep_until(reactor_->now() + Duration::from_seconds(3));
    client::Cluster own(*reactor_, cluster_options(*workload_, Duration::from_seconds(10)));
    client::Producer producer(own, {.idempotence = client::Idempotence::off});
    const std::uint32_t writer = workload_->history->add_writer({});
    const ValueId id = workload_->history->next_value(writer);
    workload_->history->sent(id, place);
    client::Message message{.topic = place.topic, .partition = place.partition, .value = make_value(id, place, 50)};
    message.timestamp = reactor_->wall_now().ms;
    const client::DeliveryReport report = co_await producer.send(std::move(message));
    workload_->history->reported(id, report);
    reported_ = reactor_->now();
    if (report.certainty != client::Certainty::written) give_up("a record cannot be written");
  }

  io::sim::SimReactor* reactor_;
  Workload* workload_;
  Random random_;
  Instant reported_ = Instant::never();  // when the waking record was acknowledged; the reader may be faster
  client::Cluster cluster_;
  io::TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<io::sim::Program> make_auditor(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Auditor>(process, workload, random);
}

}  // namespace highwater::sim
