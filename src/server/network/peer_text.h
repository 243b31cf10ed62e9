// What a peer says is shown in a log only after this: printable ASCII, cut at shown_text_max, the rest escaped.
#pragma once

#include <string>
#include <string_view>

namespace highwater::server {

std::string shown(std::string_view text);

}  // namespace highwater::server
