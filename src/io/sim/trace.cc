#include "io/sim/trace.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <array>

namespace highwater::io::sim {

namespace {

constexpr std::array<const char*, 23> kind_names = {
    "turn",      "timer",  "post",  "offload",   "connect",    "refuse",       "accept",      "send",
    "deliver",   "finish", "reset", "disk_read", "disk_write", "disk_sync",    "disk_resize", "disk_name",
    "disk_fail", "start",  "kill",  "power_cut", "boot",       "clock_change", "note"};

}  // namespace

std::uint64_t content_hash(ByteView bytes) { return bytes.empty() ? 0 : XXH3_64bits(bytes.data(), bytes.size()); }

void TraceHash::add(const Entry& entry) {
  const std::array<std::uint64_t, 5> words = {static_cast<std::uint64_t>(entry.kind),
                                              static_cast<std::uint64_t>(entry.time.nanoseconds), entry.a, entry.b,
                                              entry.content};
  value_ = XXH3_64bits_withSeed(words.data(), sizeof(words), value_);
  ++count_;
}

std::string trace_text(std::string_view machine, const TraceHash::Entry& entry) {
  return fmt::format("{}.{:09} {} {} {} {} {:016x}", entry.time.nanoseconds / 1'000'000'000,
                     entry.time.nanoseconds % 1'000'000'000, machine, kind_names[static_cast<std::size_t>(entry.kind)],
                     entry.a, entry.b, entry.content);
}

}  // namespace highwater::io::sim
