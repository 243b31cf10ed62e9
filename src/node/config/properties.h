// Java's .properties text: comments, continued lines, `=`, `:` or white space between key and value, escapes and
// \uXXXX. Bytes above 127 are taken as they are (UTF-8), where Java would read Latin-1. Later keys win over earlier
// ones.
#pragma once

#include <string_view>

#include "machines/configs/topic_settings.h"

namespace highwater::node {

// The failure names the line.
Result<configs::ConfigMap> parse_properties(std::string_view text);

}  // namespace highwater::node
