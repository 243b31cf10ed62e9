#include "engine/quorum/snapshot_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "protocol/records/batch_scan.h"

namespace highwater::engine {

namespace {

using io::IoError;
using io::IoStatus;

// Of the first batch: header, voters.
constexpr std::size_t header_bytes_max = std::size_t{256} << 10;
// One turn of the loop encodes about so much (rule L1).
constexpr std::size_t slice_bytes = std::size_t{32} << 10;
constexpr Duration deletion_delay = Duration::from_ms(60'000);
constexpr std::string_view partial_suffix = ".part";
constexpr std::string_view deleted_suffix = ".deleted";

}  // namespace

SnapshotFiles::SnapshotFiles(io::Reactor& reactor, std::string directory, Logger log)
    : reactor_(reactor), directory_(std::move(directory)), log_(std::move(log)), tasks_(reactor.ready()) {}

std::string SnapshotFiles::path(const SnapshotId& id) const {
  return fmt::format("{}/{}", directory_, snapshot_file_name(id));
}

std::optional<SnapshotId> SnapshotFiles::newest() const {
  if (all_.empty()) return std::nullopt;
  return all_.back().id;
}

std::vector<metadata::SnapshotFacts> SnapshotFiles::facts() const {
  std::vector<metadata::SnapshotFacts> facts;
  for (const SnapshotOnDisk& each : all_) facts.push_back(each.facts);
  return facts;
}

io::Task<Result<void>> SnapshotFiles::open() {
  auto entries = co_await reactor_.files().list(directory_);
  if (!entries.has_value()) {
    if (entries.error() == IoError::not_found) co_return Result<void>{};
    co_return failure(fmt::format("{} cannot be read ({})", directory_, io::io_error_text(entries.error())));
  }
  for (const auto& entry : *entries) {
    if (entry.is_directory) continue;
    if (is_snapshot_leftover(entry.name)) leftovers_.push_back(fmt::format("{}/{}", directory_, entry.name));
    const auto id = parse_snapshot_file_name(entry.name);
    if (id.has_value()) co_await learn(*id);
  }
  std::ranges::sort(all_, {}, &SnapshotOnDisk::id);
  co_return Result<void>{};
}

// One that cannot be read is still known: who needs it finds out, and says so.
io::Task<void> SnapshotFiles::learn(SnapshotId id) {
  SnapshotOnDisk found{id, {}};
  auto file = co_await reactor_.files().open(path(id), io::OpenMode::read);
  if (file.has_value()) {
    auto size = co_await (*file)->size();
    if (size.has_value()) found.facts.size_bytes = *size;
    auto head = co_await (*file)->read(0, header_bytes_max);
    if (head.has_value()) found.facts.last_contained_ms = snapshot_time(head->view());
  }
  all_.push_back(std::move(found));
}

io::Task<void> SnapshotFiles::remove_leftovers(Offset log_start) {
  std::vector<std::string> doomed = std::exchange(leftovers_, {});
  std::erase_if(all_, [&](const SnapshotOnDisk& each) {
    if (each.id.end_offset >= log_start) return false;
    doomed.push_back(path(each.id));
    return true;
  });
  co_await remove(std::move(doomed));
}

io::Task<void> SnapshotFiles::remove(std::vector<std::string> files) {
  for (std::string& file : files) {
    auto removed = co_await reactor_.files().remove(file);
    if (removed.has_value()) {
      log_.info("Deleted unneeded snapshot file {}", file);
    } else if (removed.error() != IoError::not_found) {
      log_.warn("Removing {} failed: {}", file, io::io_error_text(removed.error()));
    }
  }
}

io::Task<Result<std::uint64_t>> SnapshotFiles::write(Content content) {
  const std::string whole = path(content.id);
  std::string part = whole + std::string(partial_suffix);
  auto written = co_await write_part(content, part);
  if (written.has_value()) written = co_await reactor_.files().rename(part, whole);
  if (!written.has_value()) {
    co_await remove(std::vector<std::string>(1, part));
    const std::string_view why = given_up_ ? "the node stops" : io::io_error_text(written.error());
    co_return failure(fmt::format("{} cannot be written ({})", whole, why));
  }
  auto named = co_await reactor_.files().sync_directory(directory_);
  if (!named.has_value()) {
    co_return failure(fmt::format("{} cannot be synced ({})", directory_, io::io_error_text(named.error())));
  }
  all_.push_back({content.id, {written_bytes_, content.image->timestamp_ms()}});
  co_return written_bytes_;
}

io::Task<IoStatus> SnapshotFiles::write_part(const Content& content, std::string part) {
  auto file = co_await reactor_.files().open(part, io::OpenMode::create_truncate);
  if (!file.has_value()) co_return std::unexpected(file.error());
  auto filled = co_await fill(**file, content);
  if (!filled.has_value()) co_return filled;
  auto synced = co_await (*file)->sync(io::SyncKind::data_and_metadata);
  co_return synced;
}

io::Task<IoStatus> SnapshotFiles::fill(io::File& file, const Content& content) {
  SnapshotEncoder encoder(content.id, content.image, content.voters, reactor_.wall_now().ms);
  written_bytes_ = 0;
  for (;;) {
    const BatchBytes bytes = encoder.next(slice_bytes);
    if (bytes.empty()) co_return IoStatus{};
    std::vector<Slice> slices(1, Slice::copy_of(bytes));
    auto wrote = co_await file.write(written_bytes_, std::move(slices));
    if (!wrote.has_value()) co_return wrote;
    written_bytes_ += bytes.size();
    // The loop's turn, also where a write into the page cache ends at once.
    co_await reactor_.sleep_until(reactor_.now());
    if (given_up_) co_return std::unexpected(IoError::other);
  }
}

io::Task<void> SnapshotFiles::forget_before(SnapshotId id) {
  std::vector<SnapshotId> old;
  std::erase_if(all_, [&](const SnapshotOnDisk& each) {
    if (each.id >= id) return false;
    old.push_back(each.id);
    return true;
  });
  std::vector<std::string> renamed;
  for (const SnapshotId& each : old) {
    std::string later = path(each) + std::string(deleted_suffix);
    auto moved = co_await reactor_.files().rename(path(each), later);
    if (moved.has_value()) {
      renamed.push_back(std::move(later));
    } else {
      log_.warn("Renaming {} failed: {}", path(each), io::io_error_text(moved.error()));
    }
  }
  if (!renamed.empty()) tasks_.spawn(remove_later(std::move(renamed)));
}

io::Task<void> SnapshotFiles::remove_later(std::vector<std::string> files) {
  co_await reactor_.sleep_until(reactor_.now() + deletion_delay);
  co_await remove(std::move(files));
}

}  // namespace highwater::engine
