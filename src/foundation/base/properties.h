// Java's .properties text: comments, continued lines, `=`, `:` or white space between key and value, escapes and
// \uXXXX. Later keys win over earlier ones. What is read is UTF-8, whatever the bytes of the text are.
// java.util.Properties.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "foundation/base/result.h"

namespace highwater {

using Properties = std::map<std::string, std::string, std::less<>>;

// How bytes above 127 are meant: Properties.load(InputStream) takes Latin-1, as server.properties and meta.properties
// are read; load(Reader) what the reader takes, UTF-8 for the files of FileConfigProvider.
enum class TextEncoding : std::uint8_t { latin_1, utf_8 };

// The failure names the line.
Result<Properties> parse_properties(std::string_view text, TextEncoding encoding = TextEncoding::latin_1);

// One line of ASCII that is read as exactly this key and value; a byte of them that is no UTF-8 becomes `?`.
std::string property_line(std::string_view key, std::string_view value);

}  // namespace highwater
