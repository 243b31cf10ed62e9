#include "engine/partition/log_copy.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/storage/checkpoint_text.h"
#include "engine/storage/file_names.h"
#include "foundation/base/planted.h"

namespace highwater::engine {

using io::IoStatus;

bool goes_along(const io::DirectoryEntry& file) {
  return !file.is_directory && !file.name.ends_with(suffix::deleted) && !file.name.ends_with(".tmp");
}

io::Task<IoStatus> make_future_folder(io::FileSystem& files, std::string path, Uuid topic_id) {
  auto made = co_await files.make_directories(path);
  if (!made.has_value()) co_return made;
  std::string file = join_path(path, partition_metadata_name);
  Slice text = Slice::copy_of(as_bytes(partition_metadata_text(topic_id)));
  made = co_await files.replace_file(std::move(file), std::move(text));
  co_return made;
}

namespace {

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

}  // namespace

io::Task<IoStatus> copy_file(io::FileSystem& files, std::string from, std::string to, std::uint64_t& bytes) {
  auto source = co_await files.open(std::move(from), io::OpenMode::read);
  if (!source.has_value()) co_return std::unexpected(source.error());
  auto target = co_await files.open(std::move(to), io::OpenMode::create_truncate);
  if (!target.has_value()) co_return std::unexpected(target.error());
  for (bytes = 0;;) {
    auto piece = co_await (*source)->read(bytes, copy_bytes);
    if (!piece.has_value()) co_return std::unexpected(piece.error());
    if (piece->empty()) break;
    const std::size_t size = piece->size();
    std::vector<Slice> slices;
    slices.push_back(std::move(*piece));
    auto written = co_await (*target)->write(bytes, std::move(slices));
    if (!written.has_value()) co_return written;
    bytes += size;
  }
  if (HW_PLANTED("moved_before_durable")) co_return IoStatus{};
  auto synced = co_await (*target)->sync(io::SyncKind::data_and_metadata);
  co_return synced;
}

io::Task<IoStatus> copy_rest(io::FileSystem& files, const Partition& closed, FutureLog& future) {
  const std::string from = closed.identity().path;
  auto listed = co_await files.list(from);
  if (!listed.has_value()) co_return std::unexpected(listed.error());
  std::map<std::string, std::uint64_t> gone = std::exchange(future.copied, {});
  std::set<Offset> whole;
  for (const auto& [file, bytes] : gone) {
    const auto name = parse_offset_file_name(file);
    if (name->suffix == suffix::log && closed.store().bytes_of_segment(name->offset) == bytes)
      whole.insert(name->offset);
  }
  for (const io::DirectoryEntry& file : *listed) {
    const bool is_there = gone.erase(file.name) != 0 && whole.contains(parse_offset_file_name(file.name)->offset);
    if (!goes_along(file) || is_there) continue;
    std::uint64_t bytes = 0;
    auto done = co_await copy_file(files, join_path(from, file.name), join_path(future.path, file.name), bytes);
    if (!done.has_value()) co_return done;
  }
  for (const auto& [name, bytes] : gone) {
    auto removed = co_await files.remove(join_path(future.path, name));
    if (!removed.has_value() && removed.error() != io::IoError::not_found) co_return removed;
  }
  auto synced = co_await files.sync_directory(future.path);
  co_return synced;
}

}  // namespace highwater::engine
