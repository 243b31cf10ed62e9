// The disk of one machine: a tree of inodes (inode.h says what survives a power cut), its space, its speed and its
// faults. Calls here happen at once, as inside a kernel; the file system of a core adds the waiting. Owned by the
// machine. Paths are absolute, or relative to "/".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/random.h"
#include "foundation/base/time.h"
#include "io/file.h"
#include "io/sim/inode.h"

namespace highwater::io::sim {

class Machine;

struct DiskConditions {
  Duration read_max = Duration::from_us(200);
  Duration write_max = Duration::from_us(150);
  Duration sync_min = Duration::from_us(80);
  Duration sync_max = Duration::from_ms(3);
  Duration name_max = Duration::from_us(100);  // open, rename, remove, list
  std::uint32_t slowness = 1;                  // all of the above times this
  std::uint32_t read_error_ppm = 0;            // IoError::media
  std::uint32_t write_error_ppm = 0;
  std::uint32_t sync_error_ppm = 0;
  std::string errors_under;         // only in this folder of the root; empty: everywhere
  std::uint32_t cold_ppm = 50'000;  // how many try_reads of a million would wait for the disk
  std::uint64_t capacity = 0;       // bytes; a write beyond it is IoError::no_space
};

class Disk {
 public:
  Disk(Machine& machine, Random random, std::uint64_t capacity);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  DiskConditions& conditions() { return conditions_; }
  Random& random() { return random_; }
  Duration draw(Duration min, Duration max);

  IoResult<InodePtr> open(std::string_view path, OpenMode mode);
  IoResult<Slice> read(Inode& inode, std::uint64_t offset, std::size_t length);
  IoStatus write(Inode& inode, std::uint64_t offset, const std::vector<Slice>& slices);
  // Makes durable what was written up to `generation`.
  IoStatus sync(Inode& inode, std::uint64_t generation);
  IoStatus truncate(Inode& inode, std::uint64_t size);

  IoResult<std::vector<DirectoryEntry>> list(std::string_view path);
  IoStatus make_directories(std::string_view path);
  IoStatus rename(std::string_view from, std::string_view to);
  IoStatus remove(std::string_view path);
  IoStatus sync_directory(std::string_view path);
  DiskSpace space();
  std::uint64_t used();

  void power_cut();

  // For harnesses: the cached bytes of a file, and bit rot where somebody asked for it.
  std::optional<std::string> content(std::string_view path);
  bool flip_bit(std::string_view path, std::uint64_t offset, int bit);

 private:
  struct Place {
    InodePtr folder;   // null when the way there does not exist
    std::string name;  // empty for the root
    InodePtr inode;    // null when nothing has that name
  };
  IoResult<Place> resolve(std::string_view path);
  enum class Kind : std::uint8_t { file, folder };
  InodePtr make_inode(Kind kind, const InodePtr& folder);
  bool fails(std::uint32_t ppm, const Inode& inode);

  Machine* machine_;
  Random random_;
  DiskConditions conditions_;
  std::uint64_t next_inode_ = 1;
  std::map<std::uint64_t, std::weak_ptr<Inode>> inodes_;
  InodePtr root_;
};

}  // namespace highwater::io::sim
