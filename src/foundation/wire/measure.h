// How many bytes Writer will write for a value. Must agree with Writer; the golden test holds the two together.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "foundation/wire/form.h"
#include "foundation/wire/values.h"

namespace highwater::wire {

constexpr std::size_t size_of_uvarint(std::uint32_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1u)) + 6) / 7;
}
constexpr std::size_t size_of_varlong(std::int64_t value) {
  const auto raw = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
  return (static_cast<std::size_t>(std::bit_width(raw | 1u)) + 6) / 7;
}
constexpr std::size_t size_of_varint(std::int32_t value) { return size_of_varlong(value); }

inline std::size_t size_of_count(std::size_t elements, Form form) {
  return form == Form::compact ? size_of_uvarint(static_cast<std::uint32_t>(elements) + 1) : 4;
}
inline std::size_t size_of_null_count(Form form) { return form == Form::compact ? 1 : 4; }

inline std::size_t size_of(const Text& value, Form form) {
  const std::size_t length = std::min(value.size(), text_size_max);
  return length + (form == Form::compact ? size_of_uvarint(static_cast<std::uint32_t>(length) + 1) : 2);
}
inline std::size_t size_of(const std::optional<Text>& value, Form form) {
  if (value) return size_of(*value, form);
  return form == Form::compact ? 1 : 2;
}
inline std::size_t size_of(const Blob& value, Form form) { return value.size() + size_of_count(value.size(), form); }
inline std::size_t size_of(const std::optional<Blob>& value, Form form) {
  return value ? size_of(*value, form) : size_of_null_count(form);
}
inline std::size_t size_of(const Records& value, Form form) { return value.size() + size_of_count(value.size(), form); }
inline std::size_t size_of(const std::optional<Records>& value, Form form) {
  return value ? size_of(*value, form) : size_of_null_count(form);
}

}  // namespace highwater::wire
