#include "node/checkpoints.h"

#include <iterator>
#include <utility>

namespace highwater::node {
namespace {

using Positions = std::vector<engine::LogPosition>;

}  // namespace

Checkpoints::Checkpoints(Deps deps) : deps_(std::move(deps)) {}

io::Task<void> Checkpoints::run() {
  io::Reactor& reactor = deps_.cores.reactor(0);
  const Duration interval = deps_.settings.high_watermark_checkpoint_interval;
  Instant next_points = reactor.now() + deps_.settings.flush_offset_checkpoint_interval;
  Instant next_starts = reactor.now() + deps_.settings.flush_start_offset_checkpoint_interval;
  for (;;) {
    co_await reactor.sleep_until(reactor.now() + interval);
    auto turn = co_await deps_.directories.turn();
    Positions now = co_await positions();
    Result<void> written = co_await deps_.directories.checkpoint_high_watermarks(now);
    if (written && reactor.now() >= next_points) {
      written = co_await deps_.directories.checkpoint_recovery_points(now);
      next_points = reactor.now() + deps_.settings.flush_offset_checkpoint_interval;
    }
    if (written && reactor.now() >= next_starts) {
      written = co_await deps_.directories.checkpoint_log_starts(now);
      next_starts = reactor.now() + deps_.settings.flush_start_offset_checkpoint_interval;
    }
    if (!written && !failing_) deps_.log.error("Checkpoints cannot be written: {}", written.error().text);
    failing_ = !written;
  }
}

io::Task<Result<void>> Checkpoints::write_all() {
  auto turn = co_await deps_.directories.turn();
  Positions now = co_await positions();
  Result<void> written = co_await deps_.directories.checkpoint_high_watermarks(now);
  if (!written) co_return written;
  written = co_await deps_.directories.checkpoint_recovery_points(now);
  if (written) written = co_await deps_.directories.checkpoint_log_starts(now);
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
  co_return all;
}

}  // namespace highwater::node
