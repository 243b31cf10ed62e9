#include "tests/golden/value_rule.h"

#include <fmt/core.h>

#include <array>

#include "foundation/base/slice.h"

namespace highwater::golden {
namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return bytes;
}

}  // namespace

std::uint64_t path_hash(const std::string& path) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : path) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

std::string field_path(const std::string& path, const char* field) { return path + "." + field; }
std::string element_path(const std::string& path, int index) { return path + "[" + std::to_string(index) + "]"; }

std::int8_t i8_value(const std::string& path) { return static_cast<std::int8_t>(path_hash(path)); }
std::int16_t i16_value(const std::string& path) { return static_cast<std::int16_t>(path_hash(path)); }
std::uint16_t u16_value(const std::string& path) { return static_cast<std::uint16_t>(path_hash(path)); }
std::int32_t i32_value(const std::string& path) { return static_cast<std::int32_t>(path_hash(path)); }
std::uint32_t u32_value(const std::string& path) { return static_cast<std::uint32_t>(path_hash(path)); }
std::int64_t i64_value(const std::string& path) { return static_cast<std::int64_t>(path_hash(path)); }
double f64_value(const std::string& path) { return static_cast<double>(path_hash(path) & 0xfffff) / 8.0; }
Uuid uuid_value(const std::string& path) { return Uuid::from_halves(path_hash(path), path_hash(path + "#")); }
wire::Text text_value(const std::string& path) { return fmt::format("s{:08x}", u32_value(path)); }
wire::Blob blob_value(const std::string& path) { return wire::Blob(big_endian(path_hash(path))); }
wire::Records records_value(const std::string& path) {
  return wire::Records(Slice::copy_of(big_endian(path_hash(path))));
}

}  // namespace highwater::golden
