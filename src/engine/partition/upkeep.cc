#include "engine/partition/upkeep.h"

#include <utility>

namespace highwater::engine {

Upkeep::Upkeep(HostShared& host) : host_(host), tasks_(host.reactor.ready()) {
  tasks_.spawn(expire_producers());
  tasks_.spawn(remove_deleted_segments());
}

io::Task<void> Upkeep::expire_producers() {
  for (;;) {
    co_await host_.reactor.sleep_until(host_.reactor.now() + host_.options.producer_check_interval);
    for (auto& [id, hosted] : host_.hosted.all()) {
      if (!hosted.is_online()) continue;
      log::ProducerTable& producers = hosted.partition->store().admission().mutable_producers();
      host_.counters.producers_expired +=
          producers.remove_expired(host_.reactor.wall_now(), host_.options.producer_expiration_ms);
    }
  }
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
    if (const HostedPartition* hosted = host_.hosted.find_serving(id); hosted != nullptr)
      starts.push_back(position_of(*hosted->partition));
  const auto noted = co_await host_.directories.raise_log_starts(std::move(starts));
  if (!noted.has_value()) co_return;
  for (const TopicPartition& id : ids) {
    HostedPartition* hosted = host_.hosted.find_serving(id);
    if (hosted == nullptr) continue;
    hosted->users.begin();
    co_await hosted->partition->store().remove_below_start();
    hosted->users.end();
  }
}

}  // namespace highwater::engine
