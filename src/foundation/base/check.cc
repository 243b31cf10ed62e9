#include "foundation/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace highwater {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "FATAL broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace highwater
