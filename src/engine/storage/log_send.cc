// Large reads that stay in the file: a sealed or active segment's bytes go from the page cache to the socket, and the
// log only says which. On the fetch path a copy into memory and one out of it are two thirds of the work.
//
// Unlike a read into memory such a run may end some batches early, at the last one that the index names: nobody looks
// at the bytes. Its next offset may be too high by the records of one batch, which only makes the list of aborted
// transactions longer; Kafka takes that bound from the index too (LocalLog.collectAbortedTransactions).
#include "engine/storage/log_store.h"
#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

// Below this a system call of its own and the copy of a descriptor cost more than copying the bytes.
constexpr std::size_t sent_from_file_min = std::size_t{64} << 10;

}  // namespace

OffsetPosition LogStore::end_of_read(const Segment& segment, std::uint64_t position, const ReadLimits& limits) const {
  const Segment* next = segment_after(segment.base);
  OffsetPosition end{next != nullptr ? next->base : written_end_, static_cast<std::uint32_t>(segment.written)};
  // An entry names the last offset of the batch at its position: whatever lies before that is below the limit.
  if (limits.upper < end.offset) end = segment.offsets.lookup(limits.upper);
  if (end.position > position + limits.max_bytes) end = segment.offsets.last_at_position(position + limits.max_bytes);
  return end;
}

// Where the first batch lies that reaches `from`, looking from `position` on; nothing when that cannot be told cheaply.
io::Task<io::IoResult<std::optional<std::uint64_t>>> LogStore::find_first(Segment& segment, std::uint64_t position,
                                                                          Offset from) {
  const std::size_t window = 2 * static_cast<std::size_t>(settings_.index_interval_bytes) + records::batch_header_size;
  if (window > sent_from_file_min) co_return std::nullopt;
  auto bytes = co_await read_bytes(segment, position, window);
  if (!bytes.has_value()) co_return std::unexpected(bytes.error());
  records::BatchScanner scanner(bytes->view());
  while (const auto batch = scanner.next()) {
    if (log::facts_of(*batch).last_offset >= from) co_return position + batch->position;
  }
  // The next batch is not whole in the window, but its header may be.
  const ByteView rest = bytes->view().subspan(scanner.position());
  if (rest.size() < records::batch_header_size) co_return std::nullopt;
  const records::BatchView batch(rest);
  if (batch.magic() != records::current_magic || batch.last_offset() < from) co_return std::nullopt;
  co_return position + scanner.position();
}

// Nothing was found when the result has no bytes.
io::Task<io::IoResult<LogRead>> LogStore::point_into_file(Segment& segment, std::uint64_t position, ReadLimits limits) {
  LogRead result;
  result.next_offset = limits.from;
  if (end_of_read(segment, position, limits).position < position + sent_from_file_min) co_return result;
  auto first = co_await find_first(segment, position, limits.from);
  if (!first.has_value()) co_return std::unexpected(first.error());
  if (!first->has_value()) co_return result;
  auto file = co_await segment.log.use();
  if (!file.has_value()) co_return std::unexpected(file.error());
  const std::uint64_t start = **first;
  const OffsetPosition end = end_of_read(segment, start, limits);
  if (end.position < start + sent_from_file_min) co_return result;
  std::optional<FilePart> part = (*file)->cached_part(start, end.position - start);
  if (!part.has_value()) co_return result;
  result.bytes = part->length;
  result.file = std::move(*part);
  result.next_offset = end.offset;
  co_return result;
}

}  // namespace highwater::engine
