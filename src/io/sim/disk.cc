#include "io/sim/disk.h"

#include <algorithm>

#include "io/sim/machine.h"

namespace highwater::io::sim {

namespace {

constexpr std::size_t path_depth_limit = 64;

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.emplace_back(part);
  }
  return parts;
}

}  // namespace

Disk::Disk(Machine& machine, Random random, std::uint64_t capacity)
    : machine_(&machine), random_(random), root_(make_inode(Kind::folder, nullptr)) {
  conditions_.capacity = capacity;
}

Disk::~Disk() {
  // The two faces of folders may hold each other in a circle.
  std::vector<InodePtr> alive;
  for (auto& [id, weak] : inodes_) {
    if (InodePtr inode = weak.lock()) alive.push_back(std::move(inode));
  }
  for (const InodePtr& inode : alive) inode->folder.clear();
}

InodePtr Disk::make_inode(Kind kind, const InodePtr& folder) {
  auto inode = std::make_shared<Inode>();
  inode->id = next_inode_++;
  inode->is_folder = kind == Kind::folder;
  if (folder != nullptr) inode->top = folder == root_ ? inode->id : folder->top;
  inodes_.emplace(inode->id, inode);
  return inode;
}

Duration Disk::draw(Duration min, Duration max) {
  return Duration{random_.between(min.nanoseconds, max.nanoseconds)} * conditions_.slowness;
}

bool Disk::fails(std::uint32_t ppm, const Inode& inode) {
  if (ppm == 0) return false;
  if (!conditions_.errors_under.empty()) {
    const auto place = resolve(conditions_.errors_under);
    if (!place.has_value() || place->inode == nullptr || place->inode->id != inode.top) return false;
  }
  if (!random_.chance_ppm(ppm)) return false;
  machine_->trace(TraceKind::disk_fail, inode.id, static_cast<std::uint64_t>(IoError::media));
  return true;
}

IoResult<Disk::Place> Disk::resolve(std::string_view path) {
  const std::vector<std::string> parts = split_path(path);
  if (parts.size() > path_depth_limit) return std::unexpected(IoError::other);
  if (parts.empty()) return Place{nullptr, "", root_};
  InodePtr folder = root_;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    InodePtr next = folder->folder.find(parts[i]);
    if (next == nullptr) return std::unexpected(IoError::not_found);
    if (!next->is_folder) return std::unexpected(IoError::not_directory);
    folder = std::move(next);
  }
  InodePtr inode = folder->folder.find(parts.back());
  return Place{std::move(folder), parts.back(), std::move(inode)};
}

IoResult<InodePtr> Disk::open(std::string_view path, OpenMode mode) {
  const auto place = resolve(path);
  if (!place.has_value()) return std::unexpected(place.error());
  if (place->inode != nullptr) {
    if (place->inode->is_folder) return std::unexpected(IoError::other);
    if (mode == OpenMode::create_new) return std::unexpected(IoError::already_exists);
    if (mode == OpenMode::create_truncate) (void)truncate(*place->inode, 0);
    return place->inode;
  }
  if (mode == OpenMode::read || mode == OpenMode::read_write) return std::unexpected(IoError::not_found);
  const InodePtr inode = make_inode(Kind::file, place->folder);
  machine_->trace(TraceKind::disk_name, 1, inode->id, content_hash(as_bytes(path)));
  change_names({{place->folder, place->name, inode}});
  return inode;
}

IoResult<Slice> Disk::read(Inode& inode, std::uint64_t offset, std::size_t length) {
  if (fails(conditions_.read_error_ppm, inode)) return std::unexpected(IoError::media);
  Slice bytes = inode.file.read(offset, length);
  machine_->trace(TraceKind::disk_read, inode.id, offset, content_hash(bytes.view()));
  return bytes;
}

IoStatus Disk::write(Inode& inode, std::uint64_t offset, const std::vector<Slice>& slices) {
  std::uint64_t total = 0;
  for (const Slice& slice : slices) total += slice.size();
  std::uint64_t allowed = total;
  IoStatus status;
  if (fails(conditions_.write_error_ppm, inode)) {
    allowed = random_.below(total + 1);
    status = std::unexpected(IoError::media);
  }
  const std::uint64_t end = offset + total;
  const std::uint64_t growth = end > inode.file.size() ? end - inode.file.size() : 0;
  if (const DiskSpace left = space(); growth > left.usable_bytes) {
    allowed = std::min(allowed, total - std::min(total, growth - left.usable_bytes));
    if (status.has_value()) status = std::unexpected(IoError::no_space);
    machine_->trace(TraceKind::disk_fail, inode.id, static_cast<std::uint64_t>(IoError::no_space));
  }
  std::uint64_t at = offset;
  for (const Slice& slice : slices) {
    const ByteView bytes = slice.view().first(std::min<std::uint64_t>(slice.size(), offset + allowed - at));
    inode.file.write(at, bytes);
    machine_->trace(TraceKind::disk_write, inode.id, at, content_hash(bytes));
    at += bytes.size();
  }
  return status;
}

IoStatus Disk::sync(Inode& inode, std::uint64_t generation) {
  machine_->trace(TraceKind::disk_sync, inode.id);
  if (fails(conditions_.sync_error_ppm, inode)) {
    inode.file.lose(random_);
    return std::unexpected(IoError::media);
  }
  inode.file.sync(generation);
  return {};
}

IoStatus Disk::truncate(Inode& inode, std::uint64_t size) {
  machine_->trace(TraceKind::disk_resize, inode.id, size);
  inode.file.truncate(size);
  return {};
}

IoResult<std::vector<DirectoryEntry>> Disk::list(std::string_view path) {
  const auto place = resolve(path);
  if (!place.has_value()) return std::unexpected(place.error());
  if (place->inode == nullptr) return std::unexpected(IoError::not_found);
  if (!place->inode->is_folder) return std::unexpected(IoError::not_directory);
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, inode] : place->inode->folder.entries()) entries.push_back({name, inode->is_folder});
  return entries;
}

IoStatus Disk::make_directories(std::string_view path) {
  InodePtr folder = root_;
  for (const std::string& part : split_path(path)) {
    InodePtr next = folder->folder.find(part);
    if (next == nullptr) {
      next = make_inode(Kind::folder, folder);
      machine_->trace(TraceKind::disk_name, 2, next->id, content_hash(as_bytes(part)));
      change_names({{folder, part, next}});
    }
    if (!next->is_folder) return std::unexpected(IoError::not_directory);
    folder = std::move(next);
  }
  return {};
}

IoStatus Disk::rename(std::string_view from, std::string_view to) {
  const auto source = resolve(from);
  if (!source.has_value()) return std::unexpected(source.error());
  const auto target = resolve(to);
  if (!target.has_value()) return std::unexpected(target.error());
  if (source->inode == nullptr) return std::unexpected(IoError::not_found);
  if (source->folder == nullptr || target->folder == nullptr) return std::unexpected(IoError::other);
  if (source->inode == target->inode) return {};
  if (target->inode != nullptr) {
    if (target->inode->is_folder != source->inode->is_folder) return std::unexpected(IoError::not_directory);
    if (!target->inode->folder.entries().empty()) return std::unexpected(IoError::not_empty);
  }
  machine_->trace(TraceKind::disk_name, 3, source->inode->id, content_hash(as_bytes(to)));
  change_names({{target->folder, target->name, source->inode}, {source->folder, source->name, nullptr}});
  return {};
}

IoStatus Disk::remove(std::string_view path) {
  const auto place = resolve(path);
  if (!place.has_value()) return std::unexpected(place.error());
  if (place->inode == nullptr) return std::unexpected(IoError::not_found);
  if (place->folder == nullptr) return std::unexpected(IoError::other);
  if (!place->inode->folder.entries().empty()) return std::unexpected(IoError::not_empty);
  machine_->trace(TraceKind::disk_name, 4, place->inode->id, content_hash(as_bytes(path)));
  change_names({{place->folder, place->name, nullptr}});
  return {};
}

IoStatus Disk::sync_directory(std::string_view path) {
  const auto place = resolve(path);
  if (!place.has_value()) return std::unexpected(place.error());
  if (place->inode == nullptr) return std::unexpected(IoError::not_found);
  if (!place->inode->is_folder) return std::unexpected(IoError::not_directory);
  machine_->trace(TraceKind::disk_sync, place->inode->id);
  if (fails(conditions_.sync_error_ppm, *place->inode)) return std::unexpected(IoError::media);
  place->inode->folder.sync();
  return {};
}

DiskSpace Disk::space() {
  // Counting is only worth its time where space is scarce.
  if (conditions_.capacity >= 1ull << 40) return {conditions_.capacity, conditions_.capacity};
  const std::uint64_t taken = used();
  return {conditions_.capacity, conditions_.capacity > taken ? conditions_.capacity - taken : 0};
}

std::uint64_t Disk::used() {
  std::uint64_t used = 0;
  for (auto entry = inodes_.begin(); entry != inodes_.end();) {
    if (const InodePtr inode = entry->second.lock()) {
      used += inode->file.size();
      ++entry;
    } else {
      entry = inodes_.erase(entry);
    }
  }
  return used;
}

void Disk::power_cut() {
  std::vector<InodePtr> alive;
  for (auto& [id, weak] : inodes_) {
    if (InodePtr inode = weak.lock()) alive.push_back(std::move(inode));
  }
  for (const InodePtr& inode : alive) {
    inode->locked_by = 0;
    if (inode->is_folder) {
      inode->folder.keep_prefix(random_);
    } else {
      inode->file.power_cut(random_);
    }
  }
  for (const InodePtr& inode : alive) inode->folder.forget_cached();
}

std::optional<std::string> Disk::content(std::string_view path) {
  const auto place = resolve(path);
  if (!place.has_value() || place->inode == nullptr || place->inode->is_folder) return std::nullopt;
  return std::string(as_text(place->inode->file.read(0, place->inode->file.size()).view()));
}

bool Disk::flip_bit(std::string_view path, std::uint64_t offset, int bit) {
  const auto place = resolve(path);
  if (!place.has_value() || place->inode == nullptr || offset >= place->inode->file.size()) return false;
  place->inode->file.flip_bit(offset, bit);
  return true;
}

}  // namespace highwater::io::sim
