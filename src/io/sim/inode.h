// What a disk holds: inodes with two faces. The cached face is what every running program sees; the durable face is
// what a power cut leaves. In between lie pending operations, which a sync makes durable and a power cut keeps in part:
//  - file bytes: a sync covers what was written when it was called. Otherwise nothing, everything, a prefix, or any
//    subset of 4 KiB pages survives, one page torn at a 512-byte sector; holes read as zeros (ext4 data=ordered).
//  - names: per folder a journal in order, of which a power cut keeps a prefix; only syncing the folder makes it
//    durable. (ext4 also commits a new file's name with the file's fsync; POSIX does not promise that, nor do we.)
//    A rename is one operation, also between folders.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/file_part.h"
#include "foundation/base/random.h"
#include "foundation/base/slice.h"

namespace highwater::io::sim {

class FileContent {
 public:
  std::uint64_t size() const { return cached_.size(); }
  // Up to `length` bytes; fewer at the end.
  Slice read(std::uint64_t offset, std::size_t length) const;
  void write(std::uint64_t offset, ByteView bytes);
  void truncate(std::uint64_t size);
  void flip_bit(std::uint64_t offset, int bit);  // bit rot, in both faces

  std::uint64_t generation() const { return generation_; }
  void sync(std::uint64_t generation);
  // A failed fsync: the kernel forgets that some pages were dirty, so no later sync will make them durable.
  void lose(Random& random);
  void power_cut(Random& random);

 private:
  struct Pending {
    std::uint64_t generation;
    std::uint64_t offset;  // the new size of a truncation
    std::vector<std::uint8_t> bytes;
    bool truncation;
  };
  static void apply(std::vector<std::uint8_t>& face, const Pending& operation);
  void keep_scattered_pages(const Pending& operation, Random& random);

  std::vector<std::uint8_t> cached_;
  std::vector<std::uint8_t> durable_;
  std::deque<Pending> pending_;
  std::uint64_t generation_ = 0;
};

struct Inode;
using InodePtr = std::shared_ptr<Inode>;

struct NameChange {
  std::weak_ptr<Inode> folder;
  std::string name;
  InodePtr target;  // null: the name goes
};

struct NameOperation {
  std::vector<NameChange> changes;
  bool committed = false;
};

class FolderContent {
 public:
  const std::map<std::string, InodePtr>& entries() const { return cached_; }
  InodePtr find(const std::string& name) const;
  void sync();
  // A power cut, in two steps over all folders: renames between folders need both alive.
  void keep_prefix(Random& random);
  void forget_cached();
  void clear();

 private:
  friend void change_names(std::vector<NameChange> changes);
  void commit_first();
  void catch_up_with(const NameOperation& operation);
  static void commit(NameOperation& operation);

  std::map<std::string, InodePtr> cached_;
  std::map<std::string, InodePtr> durable_;
  std::deque<std::shared_ptr<NameOperation>> pending_;
};

struct Inode {
  std::uint64_t id = 0;
  bool is_folder = false;
  std::uint64_t top = 0;  // the folder of the root that it was made in, or that it is; 0: the root
  FileContent file;
  FolderContent folder;
  std::uint64_t locked_by = 0;  // a process id, 0 when free
};

// What a FilePart names here.
struct SentInode final : FileHandle {
  explicit SentInode(InodePtr named) : inode(std::move(named)) {}
  const InodePtr inode;
};

// Applies one operation on names to the cached face of all folders that it touches, and notes it as pending in each.
void change_names(std::vector<NameChange> changes);

}  // namespace highwater::io::sim
