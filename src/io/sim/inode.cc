#include "io/sim/inode.h"

#include <algorithm>
#include <cstring>

#include "foundation/base/check.h"

namespace highwater::io::sim {

namespace {

constexpr std::uint64_t page_size = 4096;
constexpr std::uint64_t sector_size = 512;

void overwrite(std::vector<std::uint8_t>& face, std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  if (face.size() < offset + bytes.size()) face.resize(offset + bytes.size());
  std::memcpy(face.data() + offset, bytes.data(), bytes.size());
}

}  // namespace

Slice FileContent::read(std::uint64_t offset, std::size_t length) const {
  if (offset >= cached_.size()) return {};
  const std::size_t available = std::min<std::size_t>(length, cached_.size() - offset);
  return Slice::copy_of(ByteView(cached_).subspan(offset, available));
}

void FileContent::write(std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  pending_.push_back({++generation_, offset, {bytes.begin(), bytes.end()}, false});
  apply(cached_, pending_.back());
}

void FileContent::truncate(std::uint64_t size) {
  pending_.push_back({++generation_, size, {}, true});
  apply(cached_, pending_.back());
}

void FileContent::flip_bit(std::uint64_t offset, int bit) {
  const auto mask = static_cast<std::uint8_t>(1u << (bit & 7));
  if (offset < cached_.size()) cached_[offset] ^= mask;
  if (offset < durable_.size()) durable_[offset] ^= mask;
}

void FileContent::apply(std::vector<std::uint8_t>& face, const Pending& operation) {
  if (operation.truncation) {
    face.resize(operation.offset);
  } else {
    overwrite(face, operation.offset, operation.bytes);
  }
}

void FileContent::sync(std::uint64_t generation) {
  while (!pending_.empty() && pending_.front().generation <= generation) {
    apply(durable_, pending_.front());
    pending_.pop_front();
  }
}

void FileContent::lose(Random& random) {
  std::deque<Pending> kept;
  for (Pending& operation : pending_) {
    if (random.below(2) == 0) kept.push_back(std::move(operation));
  }
  pending_ = std::move(kept);
}

void FileContent::power_cut(Random& random) {
  switch (random.below(4)) {
    case 0:
      break;
    case 1:
      sync(generation_);
      break;
    case 2: {
      std::uint64_t whole = random.below(pending_.size() + 1);
      for (const Pending& operation : pending_) {
        if (whole-- == 0) {
          if (operation.truncation) break;
          const std::uint64_t sectors = random.below(operation.bytes.size() / sector_size + 1);
          overwrite(durable_, operation.offset, ByteView(operation.bytes).first(sectors * sector_size));
          break;
        }
        apply(durable_, operation);
      }
      break;
    }
    default:
      for (const Pending& operation : pending_) keep_scattered_pages(operation, random);
  }
  pending_.clear();
  cached_ = durable_;
}

void FileContent::keep_scattered_pages(const Pending& operation, Random& random) {
  if (operation.truncation) {
    if (random.below(2) == 0) apply(durable_, operation);
    return;
  }
  std::uint64_t at = 0;
  while (at < operation.bytes.size()) {
    const std::uint64_t page_end = (operation.offset + at) / page_size * page_size + page_size;
    const std::uint64_t length = std::min<std::uint64_t>(page_end - operation.offset - at, operation.bytes.size() - at);
    const ByteView page = ByteView(operation.bytes).subspan(at, length);
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
        break;
      case 3:  // torn: its first sectors only
        overwrite(durable_, operation.offset + at, page.first(length / 2 / sector_size * sector_size));
        break;
      default:
        overwrite(durable_, operation.offset + at, page);
    }
    at += length;
  }
}

InodePtr FolderContent::find(const std::string& name) const {
  const auto found = cached_.find(name);
  return found == cached_.end() ? nullptr : found->second;
}

void FolderContent::commit(NameOperation& operation) {
  if (operation.committed) return;
  operation.committed = true;
  for (const NameChange& change : operation.changes) {
    const InodePtr folder = change.folder.lock();
    if (folder == nullptr) continue;
    folder->folder.catch_up_with(operation);
    if (change.target == nullptr) {
      folder->folder.durable_.erase(change.name);
    } else {
      folder->folder.durable_[change.name] = change.target;
    }
  }
}

void FolderContent::commit_first() {
  const std::shared_ptr<NameOperation> operation = pending_.front();
  pending_.pop_front();
  commit(*operation);
}

// The other folder of a rename: what was asked of it earlier becomes durable first.
void FolderContent::catch_up_with(const NameOperation& operation) {
  const auto same = [&](const auto& each) { return each.get() == &operation; };
  if (std::none_of(pending_.begin(), pending_.end(), same)) return;
  while (!same(pending_.front())) commit_first();
  pending_.pop_front();
}

void FolderContent::sync() {
  while (!pending_.empty()) commit_first();
}

void FolderContent::keep_prefix(Random& random) {
  for (std::uint64_t kept = random.below(pending_.size() + 1); kept > 0 && !pending_.empty(); --kept) commit_first();
}

void FolderContent::forget_cached() {
  pending_.clear();
  cached_ = durable_;
}

void FolderContent::clear() {
  pending_.clear();
  cached_.clear();
  durable_.clear();
}

void change_names(std::vector<NameChange> changes) {
  auto operation = std::make_shared<NameOperation>(NameOperation{std::move(changes)});
  for (const NameChange& change : operation->changes) {
    const InodePtr inode = change.folder.lock();
    HW_CHECK(inode != nullptr);
    FolderContent& folder = inode->folder;
    if (change.target == nullptr) {
      folder.cached_.erase(change.name);
    } else {
      folder.cached_[change.name] = change.target;
    }
    if (folder.pending_.empty() || folder.pending_.back() != operation) folder.pending_.push_back(operation);
  }
}

}  // namespace highwater::io::sim
