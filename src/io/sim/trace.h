// The rolling hash of everything that happens in a world: two runs of one seed are the same run exactly when their
// hashes are equal. The world keeps one, and so does every machine, from its own happenings alone (machine-local ids,
// never a global one), so that what befalls one machine leaves the hashes of unrelated machines unchanged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "foundation/base/bytes.h"
#include "foundation/base/time.h"

namespace highwater::io::sim {

enum class TraceKind : std::uint8_t {
  turn,          // a: core, b: resumptions
  timer,         // a: core
  post,          // a: core
  offload,       // a: core
  connect,       // a: connection of this machine, b: port
  refuse,        // a: connection of this machine, b: port
  accept,        // a: connection of this machine, b: port
  send,          // a: connection of this machine, b: bytes
  deliver,       // a: connection of this machine, b: bytes
  finish,        // a: connection of this machine
  reset,         // a: connection of this machine
  disk_read,     // a: inode, b: offset
  disk_write,    // a: inode, b: offset
  disk_sync,     // a: inode
  disk_resize,   // a: inode, b: size
  disk_name,     // a: operation
  disk_fail,     // a: inode, b: error
  start,         // a: process of this machine
  kill,          // a: process of this machine
  power_cut,     //
  boot,          //
  clock_change,  // a: milliseconds
  note           // what a harness adds: a, b and content are its own
};

// 0 for no bytes.
std::uint64_t content_hash(ByteView bytes);

class TraceHash {
 public:
  struct Entry {
    TraceKind kind;
    Instant time;
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t content = 0;
  };

  void add(const Entry& entry);
  std::uint64_t value() const { return value_; }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t value_ = 0;
  std::uint64_t count_ = 0;
};

// One line for people, to find the first happening in which two runs differ.
std::string trace_text(std::string_view machine, const TraceHash::Entry& entry);

}  // namespace highwater::io::sim
