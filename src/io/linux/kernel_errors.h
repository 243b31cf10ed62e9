// From the kernel's error numbers to ours. What cannot be told apart by a caller is one value here.
#pragma once

#include "io/errors.h"

namespace highwater::io {

// For sockets, paths, and reads of files.
IoError io_error_of(int error_number);
// For writes and syncs: whatever is not plainly "no room" or "not allowed" is doubt about the bytes (rule W11).
IoError write_error_of(int error_number);

}  // namespace highwater::io
