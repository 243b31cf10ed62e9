#include "server/handlers/negative_sizes.h"

#include <cstddef>
#include <utility>

#include "engine/partition/partitions.h"

namespace highwater::server {
namespace {

using api::ErrorCode;

// Where there is nothing to read nobody asks a segment.
void fail_where_read(Offset offset, engine::Isolation isolation, engine::ReadOutcome& outcome) {
  if (outcome.must_tell()) return;
  const bool committed = isolation == engine::Isolation::read_committed;
  if (offset >= (committed ? outcome.last_stable_offset : outcome.high_watermark)) return;
  outcome = {};
  outcome.error = ErrorCode::unknown_server_error;
}

io::Task<void> read_some(const std::vector<std::size_t>& numbers, const std::vector<engine::ReadPart>& all,
                         engine::ReadOptions options, RequestContext& context,
                         std::vector<engine::ReadOutcome>& outcomes) {
  std::vector<engine::ReadPart> parts;
  for (const std::size_t i : numbers) parts.push_back(all[i]);
  if (parts.empty()) co_return;
  auto read = co_await context.doors.partitions->read(std::move(parts), options);
  for (std::size_t at = 0; at < read.size(); ++at) outcomes[numbers[at]] = std::move(read[at]);
}

}  // namespace

io::Task<std::vector<engine::ReadOutcome>> read_with_negative_sizes(const std::vector<engine::ReadPart>& parts,
                                                                    const std::vector<bool>& negative,
                                                                    engine::ReadOptions options,
                                                                    RequestContext& context) {
  std::vector<std::size_t> failing, sound;
  for (std::size_t i = 0; i < parts.size(); ++i) (negative[i] ? failing : sound).push_back(i);
  std::vector<engine::ReadOutcome> outcomes(parts.size());
  engine::ReadOptions at_once = options;
  at_once.min_bytes = 0;
  at_once.deadline = context.received;
  co_await read_some(failing, parts, at_once, context, outcomes);
  for (const std::size_t i : failing) {
    fail_where_read(parts[i].offset, options.isolation, outcomes[i]);
    if (outcomes[i].error != ErrorCode::none) options = at_once;
  }
  co_await read_some(sound, parts, options, context, outcomes);
  co_return outcomes;
}

}  // namespace highwater::server
