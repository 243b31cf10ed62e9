// Java's .properties text: comments, continued lines, `=`, `:` or white space between key and value, escapes and
// \uXXXX. Bytes above 127 are taken as they are (UTF-8), where Java would read Latin-1. Later keys win over earlier
// ones. java.util.Properties.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "foundation/base/result.h"

namespace highwater {

using Properties = std::map<std::string, std::string, std::less<>>;

// The failure names the line.
Result<Properties> parse_properties(std::string_view text);

// One line that is read as exactly this key and value.
std::string property_line(std::string_view key, std::string_view value);

}  // namespace highwater
