// Operating errors are return values. E is the small enum of the room that speaks; Failure is for people.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace highwater {

// What went wrong, in one sentence that names the thing and the way out.
struct Failure {
  std::string text;
};

template <class T, class E = Failure>
using Result = std::expected<T, E>;

inline std::unexpected<Failure> failure(std::string text) { return std::unexpected(Failure{std::move(text)}); }

}  // namespace highwater
