// HW_CHECK is for what can only be false through a bug of ours. It stays on in release builds; the process ends,
// because going on with a broken invariant is how logs lose data.
#pragma once

namespace highwater {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace highwater

#define HW_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::highwater::check_failed(#condition, __FILE__, __LINE__))
