// Kafka's 128-bit ids. Text is 22 characters of base64url without padding (org.apache.kafka.common.Uuid).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace highwater {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  constexpr auto operator<=>(const Uuid&) const = default;
  constexpr bool is_zero() const { return *this == Uuid{}; }
  std::string to_text() const;
  static std::optional<Uuid> from_text(std::string_view text);
  // High and low 64 bits, as Java prints and hashes them.
  static constexpr Uuid from_halves(std::uint64_t high, std::uint64_t low) {
    Uuid id;
    for (unsigned i = 0; i < 8; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
      id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    }
    return id;
  }
};

inline constexpr Uuid metadata_topic_id = Uuid::from_halves(0, 1);

struct UuidHash {
  std::size_t operator()(const Uuid& id) const {
    std::uint64_t low = 0;
    for (unsigned i = 8; i < 16; ++i) low = low << 8 | id.bytes[i];
    return low * 0x9E3779B97F4A7C15ull;
  }
};

}  // namespace highwater
