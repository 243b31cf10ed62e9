// The elements of an array that mostly has one: it lies in place, more take memory of their own.
#pragma once

#include <absl/container/inlined_vector.h>

namespace highwater::wire {

template <class T>
using Few = absl::InlinedVector<T, 1>;

}  // namespace highwater::wire
