#include "io/errors.h"

namespace highwater::io {

const char* io_error_text(IoError error) {
  switch (error) {
    case IoError::closed:
      return "closed";
    case IoError::reset:
      return "connection reset by peer";
    case IoError::refused:
      return "connection refused";
    case IoError::unreachable:
      return "host unreachable or unknown";
    case IoError::timed_out:
      return "timed out";
    case IoError::address_in_use:
      return "address already in use";
    case IoError::not_found:
      return "no such file or directory";
    case IoError::already_exists:
      return "file exists";
    case IoError::permission:
      return "permission denied or read-only file system";
    case IoError::no_space:
      return "no space left on device";
    case IoError::locked:
      return "locked by another process";
    case IoError::not_directory:
      return "not a directory";
    case IoError::not_empty:
      return "directory not empty";
    case IoError::too_many_files:
      return "too many open files";
    case IoError::media:
      return "input/output error";
    case IoError::other:
      return "unexpected error";
  }
  return "unexpected error";
}

}  // namespace highwater::io
