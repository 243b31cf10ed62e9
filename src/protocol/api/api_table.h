// Every API of Kafka 4.3 with the versions that its messages have, generated from the schemas. What a node advertises
// is decided elsewhere: this says only what can be spoken (Kafka: ApiKeys, ApiMessageType).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/api/api_key.h"

namespace highwater::api {

struct Api {
  ApiKey key;
  std::string_view name;  // Kafka's name, as in "Produce"
  std::int16_t lowest;
  std::int16_t highest;
  std::int16_t flexible_from;  // 32767 when no version is flexible
  bool on_broker;              // listeners that may serve it
  bool on_controller;
  bool latest_unstable;  // the highest version is not to be advertised

  constexpr std::int16_t highest_stable() const {
    return latest_unstable ? static_cast<std::int16_t>(highest - 1) : highest;
  }
  constexpr bool knows(std::int16_t version) const { return version >= lowest && version <= highest; }
};

// Ascending by key.
std::span<const Api> all_apis();
// Null when no such key exists.
const Api* find_api(std::int16_t key);

}  // namespace highwater::api
