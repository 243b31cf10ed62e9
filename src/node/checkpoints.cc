#include "node/checkpoints.h"

#include <algorithm>
#include <tuple>

namespace highwater::node {
namespace {

using engine::LogPosition;
using Positions = std::vector<LogPosition>;

bool same_points(const Positions& a, const Positions& b) {
  return std::ranges::equal(a, b, [](const LogPosition& x, const LogPosition& y) {
    return std::tie(x.topic, x.index, x.directory, x.recovery_point) ==
           std::tie(y.topic, y.index, y.directory, y.recovery_point);
  });
}

bool same_starts(const Positions& a, const Positions& b) {
  return std::ranges::equal(a, b, [](const LogPosition& x, const LogPosition& y) {
    return std::tie(x.topic, x.index, x.directory, x.log_start, x.first_segment) ==
           std::tie(y.topic, y.index, y.directory, y.log_start, y.first_segment);
  });
}

bool same_watermarks(const Positions& a, const Positions& b) {
  return std::ranges::equal(a, b, [](const LogPosition& x, const LogPosition& y) {
    return std::tie(x.topic, x.index, x.directory, x.high_watermark) ==
           std::tie(y.topic, y.index, y.directory, y.high_watermark);
  });
}

}  // namespace

Checkpoints::Checkpoints(Deps deps) : deps_(std::move(deps)) {}

io::Task<void> Checkpoints::run() {
  io::Reactor& reactor = deps_.cores.reactor(0);
  const Duration interval = deps_.settings.high_watermark_checkpoint_interval;
  Instant next_points = reactor.now() + deps_.settings.flush_offset_checkpoint_interval;
  Instant next_starts = reactor.now() + deps_.settings.flush_start_offset_checkpoint_interval;
  for (;;) {
    co_await reactor.sleep_until(reactor.now() + interval);
    Positions now = co_await positions();
    Result<void> written = co_await write_watermarks(now);
    if (written && reactor.now() >= next_points) {
      written = co_await write_points(now);
      next_points = reactor.now() + deps_.settings.flush_offset_checkpoint_interval;
    }
    if (written && reactor.now() >= next_starts) {
      written = co_await write_starts(now);
      next_starts = reactor.now() + deps_.settings.flush_start_offset_checkpoint_interval;
    }
    if (!written && !failing_) deps_.log.error("Checkpoints cannot be written: {}", written.error().text);
    failing_ = !written;
  }
}

io::Task<Result<void>> Checkpoints::write_all() {
  Positions now = co_await positions();
  Result<void> written = co_await write_watermarks(now);
  if (!written) co_return written;
  written = co_await write_points(now);
  if (written) written = co_await write_starts(now);
  co_return written;
}

io::Task<Positions> Checkpoints::positions() {
  Positions all;
  for (engine::CoreIndex core = 0; core < deps_.cores.count(); ++core) {
    const engine::PartitionHost* host = deps_.hosts[core];
    auto asked = deps_.cores.call<Positions>(
        0, core, [host](engine::Reply<Positions> reply) { reply.complete(host->positions()); });
    Positions some = co_await std::move(asked);
    all.insert(all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  std::ranges::sort(all, [](const LogPosition& a, const LogPosition& b) {
    return std::tie(a.directory, a.topic, a.index) < std::tie(b.directory, b.topic, b.index);
  });
  co_return all;
}

io::Task<Result<void>> Checkpoints::write_points(const Positions& now) {
  if (same_points(now, points_)) co_return Result<void>();
  Result<void> written = co_await deps_.directories.checkpoint_recovery_points(now);
  if (written) points_ = now;
  co_return written;
}

io::Task<Result<void>> Checkpoints::write_starts(const Positions& now) {
  if (same_starts(now, starts_)) co_return Result<void>();
  Result<void> written = co_await deps_.directories.checkpoint_log_starts(now);
  if (written) starts_ = now;
  co_return written;
}

io::Task<Result<void>> Checkpoints::write_watermarks(const Positions& now) {
  if (same_watermarks(now, watermarks_)) co_return Result<void>();
  Result<void> written = co_await deps_.directories.checkpoint_high_watermarks(now);
  if (written) watermarks_ = now;
  co_return written;
}

}  // namespace highwater::node
