// What the outside world answers when it does not do as told.
#pragma once

#include <cstdint>

#include "foundation/base/result.h"

namespace highwater::io {

enum class IoError : std::uint8_t {
  closed,       // the peer or we closed it; end of stream on a socket read is `0 bytes`, not this
  reset,        // connection reset, broken pipe
  refused,      // nobody listens there
  unreachable,  // no route, name not resolved
  timed_out,    // a deadline passed
  address_in_use,
  not_found,
  already_exists,
  permission,  // includes a read-only file system
  no_space,    // ENOSPC, EDQUOT: not doubt (rule W11)
  locked,      // somebody else holds the lock
  not_directory,
  not_empty,
  too_many_files,
  media,  // EIO or any other doubt about a write or fsync: fence what it belongs to (rule W11)
  other,
};

const char* io_error_text(IoError error);  // for messages to people, as strerror would say

template <class T>
using IoResult = Result<T, IoError>;
using IoStatus = IoResult<void>;

}  // namespace highwater::io
