#include "foundation/base/properties.h"

#include <fmt/core.h>

#include <optional>

namespace highwater {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Properties> parse() {
    Properties properties;
    while (skip_to_key()) {
      std::string key, value;
      if (!read(key, Part::key) || !skip_separator() || !read(value, Part::value))
        return failure(fmt::format("line {}: \\u must be followed by four hexadecimal digits", line_));
      properties[std::move(key)] = std::move(value);
    }
    return properties;
  }

 private:
  enum class Part : std::uint8_t { key, value };

  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return text_[position_]; }

  void next_line() {
    if (!at_end() && peek() == '\r') ++position_;
    if (!at_end() && peek() == '\n') ++position_;
    ++line_;
  }

  void skip_blanks() {
    while (!at_end() && is_blank(peek())) ++position_;
  }

  // Over empty lines and comments; false at the end of the text.
  bool skip_to_key() {
    while (!at_end()) {
      skip_blanks();
      if (at_end()) return false;
      if (peek() == '#' || peek() == '!')
        while (!at_end() && !is_line_end(peek())) ++position_;
      if (at_end()) return false;
      if (!is_line_end(peek())) return true;
      next_line();
    }
    return false;
  }

  bool skip_separator() {
    skip_continued_blanks();
    if (!at_end() && (peek() == '=' || peek() == ':')) {
      ++position_;
      skip_continued_blanks();
    }
    return true;
  }

  void skip_continued_blanks() {
    skip_blanks();
    while (continues_here()) {
      position_ += 1;
      next_line();
      skip_blanks();
    }
  }

  bool continues_here() const {
    return position_ + 1 < text_.size() && peek() == '\\' && is_line_end(text_[position_ + 1]);
  }

  // Up to the separator (a key) or the end of the logical line (a value). False for a broken \u.
  bool read(std::string& out, Part part) {
    while (!at_end() && !is_line_end(peek())) {
      const char c = peek();
      if (part == Part::key && (c == '=' || c == ':' || is_blank(c))) return true;
      if (continues_here()) {
        skip_continued_blanks();
        continue;
      }
      ++position_;
      if (c != '\\') {
        out += c;
      } else if (!read_escape(out)) {
        return false;
      }
    }
    return true;
  }

  bool read_escape(std::string& out) {
    if (at_end()) return true;
    const char c = text_[position_++];
    switch (c) {
      case 't':
        out += '\t';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'u':
        return read_unicode(out);
      default:
        out += c;
        return true;
    }
  }

  std::optional<std::uint32_t> hex4() {
    if (text_.size() - position_ < 4) return std::nullopt;
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[position_++];
      std::uint32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
      } else {
        return std::nullopt;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }

  bool read_unicode(std::string& out) {
    auto unit = hex4();
    if (!unit) return false;
    std::uint32_t point = *unit;
    if (point >= 0xD800 && point < 0xDC00 && text_.substr(position_).starts_with("\\u")) {
      position_ += 2;
      const auto low = hex4();
      if (!low) return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(out, point);
    return true;
  }

  static void append_utf8(std::string& out, std::uint32_t point) {
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (point < 0x80) return byte(point);
    if (point < 0x800) {
      byte(0xC0 | point >> 6);
    } else if (point < 0x10000) {
      byte(0xE0 | point >> 12);
      byte(0x80 | (point >> 6 & 0x3F));
    } else {
      byte(0xF0 | (point >> 18 & 0x07));
      byte(0x80 | (point >> 12 & 0x3F));
      byte(0x80 | (point >> 6 & 0x3F));
    }
    byte(0x80 | (point & 0x3F));
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int line_ = 1;
};

// Every byte that could mean something is escaped.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view meaningful = "\\=:#! ";
  constexpr std::string_view controls = "\t\n\r\f";
  constexpr std::string_view letters = "tnrf";
  for (const char c : text) {
    const auto control = controls.find(c);
    if (control != std::string_view::npos || meaningful.contains(c)) out += '\\';
    out += control != std::string_view::npos ? letters[control] : c;
  }
}

}  // namespace

Result<Properties> parse_properties(std::string_view text) { return Parser(text).parse(); }

std::string property_line(std::string_view key, std::string_view value) {
  std::string line;
  append_escaped(line, key);
  line += '=';
  append_escaped(line, value);
  line += '\n';
  return line;
}

}  // namespace highwater
