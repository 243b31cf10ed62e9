// Small text files that are read before any reactor exists: server.properties and files of secrets.
#pragma once

#include <string>

#include "foundation/base/result.h"

namespace highwater::node {

inline constexpr std::size_t text_file_limit = 4 << 20;  // bytes; a larger file is refused

// The failure is a sentence that names the file and what is wrong with it.
Result<std::string> read_text_file(const std::string& path);

}  // namespace highwater::node
