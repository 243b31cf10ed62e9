#include "machines/configs/java_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include "foundation/base/utf8.h"

namespace highwater::configs {
namespace {

// Java counts and hashes UTF-16 units.
class Utf16Hash {
 public:
  void add(std::uint32_t code_point) {
    if (code_point < 0x10000) return unit(code_point);
    unit(0xD800 + ((code_point - 0x10000) >> 10));
    unit(0xDC00 + ((code_point - 0x10000) & 0x3FF));
  }
  std::uint32_t value() const { return value_; }

 private:
  void unit(std::uint32_t unit) { value_ = 31 * value_ + unit; }

  std::uint32_t value_ = 0;
};

constexpr CodePoint replacement{0xFFFD, 1};  // Java's, for a byte that is not UTF-8

std::uint32_t java_hash(std::string_view text) {
  Utf16Hash hash;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text).value_or(replacement);
    hash.add(point.value);
    text.remove_prefix(point.bytes);
  }
  return hash.value();
}

}  // namespace

std::vector<std::string_view> java_order(std::vector<std::string_view> names, std::size_t first_capacity) {
  // A map of n buckets doubles when it holds more than 3/4 n, rounded down.
  std::size_t capacity = std::bit_ceil(std::max<std::size_t>(first_capacity, 1));
  while (names.size() > capacity * 3 / 4) capacity *= 2;
  struct Held {
    std::size_t bucket;
    std::size_t put_in;
    std::string_view name;
  };
  std::vector<Held> held;
  held.reserve(names.size());
  for (const std::string_view name : names) {
    const std::uint32_t hash = java_hash(name);
    held.push_back({(hash ^ hash >> 16) & (capacity - 1), held.size(), name});
  }
  std::ranges::sort(held, {}, [](const Held& one) { return std::pair(one.bucket, one.put_in); });
  std::ranges::transform(held, names.begin(), &Held::name);
  return names;
}

std::vector<std::string_view> java_order(const ConfigMap& configs) {
  std::vector<std::string_view> names;
  names.reserve(configs.size());
  for (const auto& [name, value] : configs) names.push_back(name);
  return java_order(std::move(names));
}

}  // namespace highwater::configs
