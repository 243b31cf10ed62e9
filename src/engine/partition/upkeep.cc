#include "engine/partition/upkeep.h"

#include <utility>

namespace highwater::engine {

Upkeep::Upkeep(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {
  tasks_.spawn(expire_producers());
  tasks_.spawn(remove_deleted_segments());
}

namespace {

constexpr std::size_t looked_at_per_slice = 1000;  // producers and logs (rule L1)

}  // namespace

io::Task<void> Upkeep::expire_producers() {
  io::Reactor& reactor = host_.reactor;
  for (;;) {
    co_await reactor.sleep_until(reactor.now() + host_.options.producer_check_interval);
    const auto& all = host_.hosted.all();
    std::size_t looked_at = 0;
    // Logs and producers come and go between two slices: both are found again by what came last.
    for (auto hosted = all.begin(); hosted != all.end();) {
      const TopicPartition id = hosted->first;
      ProducerId last = INT64_MIN;
      for (bool more = true; more;) {
        const std::size_t some = expire_some(id, last);
        more = some == looked_at_per_slice;
        looked_at += some + 1;
        if (looked_at < looked_at_per_slice) continue;
        co_await reactor.sleep_until(reactor.now());
        looked_at = 0;
      }
      hosted = all.upper_bound(id);
    }
  }
}

// Of the producers behind `last`, which moves on; gives how many there were.
std::size_t Upkeep::expire_some(const TopicPartition& id, ProducerId& last) {
  HostedPartition* hosted = host_.hosted.find(id);
  if (hosted == nullptr || !hosted->is_online()) return 0;
  const WallTime now = host_.reactor.wall_now();
  const std::int64_t expiration_ms = host_.options.producer_expiration_ms;
  log::ProducerTable& producers = hosted->partition->store().admission().mutable_producers();
  if (last == INT64_MIN) producers.remove_expired_verifications(now, expiration_ms);
  const std::vector<ProducerId> ids = producers.ids_after(last, looked_at_per_slice);
  if (ids.empty()) return 0;
  last = ids.back();
  host_.counters.producers_expired += producers.remove_expired(ids, now, expiration_ms);
  return ids.size();
}

// UnifiedLog.deleteLogStartOffsetBreachedSegments.
io::Task<void> Upkeep::remove_deleted_segments() {
  Instant next = host_.reactor.now() + host_.options.initial_task_delay;
  for (;;) {
    co_await host_.reactor.sleep_until(next);
    std::vector<TopicPartition> due;
    for (const auto& [id, hosted] : host_.hosted.all())
      if (hosted.is_online() && hosted.partition->store().has_segments_below_start()) due.push_back(id);
    if (!due.empty()) co_await remove_below_starts(std::move(due));
    next = host_.reactor.now() + host_.options.retention_check_interval;
  }
}

// Only behind a start that is durable.
io::Task<void> Upkeep::remove_below_starts(std::vector<TopicPartition> ids) {
  std::vector<LogPosition> starts;
  for (const TopicPartition& id : ids)
    if (const auto serving = host_.hosted.serving(id); serving.has_value())
      starts.push_back(position_of(*(*serving)->partition));
  const auto noted = co_await host_.directories.raise_log_starts(std::move(starts));
  if (!noted.has_value()) co_return;
  for (const TopicPartition& id : ids) {
    const auto serving = host_.hosted.serving(id);
    if (!serving.has_value()) continue;
    HostedPartition& hosted = **serving;
    hosted.users.begin();
    co_await hosted.partition->store().remove_below_start();
    hosted.users.end();
  }
}

}  // namespace highwater::engine
