// Whether a client is one of those that a subscription of metrics is for (KIP-714).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace highwater::server {

// Whole `text` against a regular expression as Java and ECMAScript both know it. What cannot be read (look-behind,
// possessive repetitions, back references), a text of more than 1,024 bytes, and an expression of more than 1,024 when
// its counted repetitions are written out, match nothing. Time is bounded by the product of both: 0.2 s. For a worker.
bool matches_pattern(std::string_view text, const std::string& pattern);

// The value of a client's attribute; nothing for one that it did not tell.
struct ClientTraits {
  std::string instance_id;
  std::optional<std::string> client_id;
  std::string software_name;
  std::string software_version;
  std::string address;
  std::string port;

  std::optional<std::string> find(std::string_view name) const;
};

// `match` as stored: attribute=pattern, with commas between. All must match; of two for one attribute the last counts.
bool matches_client(std::string_view match, const ClientTraits& client);

}  // namespace highwater::server
