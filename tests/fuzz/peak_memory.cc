#include "tests/fuzz/peak_memory.h"

#include <algorithm>

#include "foundation/base/check.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace highwater::fuzz {
namespace {

// The sanitizer's hooks are plain functions, so what they count must be where they find it.
struct Count {
  bool active = false;
  std::ptrdiff_t now = 0;
  std::ptrdiff_t peak = 0;
};
Count count;  // NOLINT

#if __has_feature(address_sanitizer)
void allocated(const volatile void*, std::size_t size) {
  if (!count.active) return;
  count.now += static_cast<std::ptrdiff_t>(size);
  count.peak = std::max(count.peak, count.now);
}

void freed(const volatile void* pointer) {
  if (!count.active || pointer == nullptr) return;
  count.now -= static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(const_cast<void*>(pointer)));
}

bool install() { return __sanitizer_install_malloc_and_free_hooks(&allocated, &freed) != 0; }
#else
bool install() { return true; }
#endif

}  // namespace

PeakMemory::PeakMemory() {
  static const bool installed = install();
  HW_CHECK(installed && !count.active);
  count = {.active = true};
}

PeakMemory::~PeakMemory() { count.active = false; }

std::size_t PeakMemory::bytes() const { return static_cast<std::size_t>(count.peak); }

}  // namespace highwater::fuzz
