#include "io/linux/kernel_errors.h"

#include <cerrno>

namespace highwater::io {

IoError io_error_of(int error_number) {
  switch (error_number) {
    case ECONNRESET:
    case EPIPE:
    case ENOTCONN:
    case ECONNABORTED:
      return IoError::reset;
    case ECONNREFUSED:
      return IoError::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
      return IoError::unreachable;
    case ETIMEDOUT:
      return IoError::timed_out;
    case EADDRINUSE:
      return IoError::address_in_use;
    case ENOENT:
      return IoError::not_found;
    case EEXIST:
      return IoError::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return IoError::permission;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return IoError::no_space;
    case ENOTDIR:
      return IoError::not_directory;
    case ENOTEMPTY:
      return IoError::not_empty;
    case EMFILE:
    case ENFILE:
      return IoError::too_many_files;
    case EBADF:
      return IoError::closed;
    case EIO:
      return IoError::media;
    default:
      return IoError::other;
  }
}

IoError write_error_of(int error_number) {
  const IoError error = io_error_of(error_number);
  return error == IoError::no_space || error == IoError::permission ? error : IoError::media;
}

}  // namespace highwater::io
