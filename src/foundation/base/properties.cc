#include "foundation/base/properties.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <utility>

#include "foundation/base/utf8.h"

namespace highwater {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// What Java holds in UTF-16 becomes UTF-8; half of a surrogate pair becomes `?`, as when Java writes it.
class Utf8Text {
 public:
  void unit(std::uint32_t unit) {
    const bool low = unit >= 0xDC00 && unit < 0xE000;
    if (high_ != 0 && low) {
      append_utf8(text_, 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00));
      high_ = 0;
      return;
    }
    end_pair();
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else if (low) {
      text_ += '?';
    } else {
      append_utf8(text_, unit);
    }
  }

  // A byte of text that is UTF-8 already.
  void byte(char c) {
    end_pair();
    text_ += c;
  }

  std::string take() {
    end_pair();
    return std::move(text_);
  }

 private:
  void end_pair() {
    if (high_ != 0) text_ += '?';
    high_ = 0;
  }

  std::string text_;
  std::uint32_t high_ = 0;  // the first half of a pair; 0: none
};

class Parser {
 public:
  Parser(std::string_view text, TextEncoding encoding) : text_(text), encoding_(encoding) {}

  Result<Properties> parse() {
    Properties properties;
    while (skip_to_key()) {
      Utf8Text key, value;
      if (!read(key, Part::key) || !skip_separator() || !read(value, Part::value))
        return failure(fmt::format("line {}: \\u must be followed by four hexadecimal digits", line_));
      properties[key.take()] = value.take();
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
  bool read(Utf8Text& out, Part part) {
    while (!at_end() && !is_line_end(peek())) {
      const char c = peek();
      if (part == Part::key && (c == '=' || c == ':' || is_blank(c))) return true;
      if (continues_here()) {
        skip_continued_blanks();
        continue;
      }
      ++position_;
      if (c != '\\') {
        literal(out, c);
      } else if (!read_escape(out)) {
        return false;
      }
    }
    return true;
  }

  void literal(Utf8Text& out, char c) const {
    switch (encoding_) {
      case TextEncoding::latin_1:
        return out.unit(static_cast<std::uint8_t>(c));
      case TextEncoding::utf_8:
        return out.byte(c);
    }
  }

  bool read_escape(Utf8Text& out) {
    if (at_end()) return true;
    const char c = text_[position_++];
    switch (c) {
      case 't':
        out.unit('\t');
        return true;
      case 'n':
        out.unit('\n');
        return true;
      case 'r':
        out.unit('\r');
        return true;
      case 'f':
        out.unit('\f');
        return true;
      case 'u':
        return read_unicode(out);
      default:
        literal(out, c);
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

  bool read_unicode(Utf8Text& out) {
    const auto unit = hex4();
    if (unit) out.unit(*unit);
    return unit.has_value();
  }

  std::string_view text_;
  TextEncoding encoding_;
  std::size_t position_ = 0;
  int line_ = 1;
};

void append_unit(std::string& out, std::uint32_t unit) { fmt::format_to(std::back_inserter(out), "\\u{:04X}", unit); }

void append_escaped_point(std::string& out, std::uint32_t point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xD800 + ((point - 0x10000) >> 10));
  append_unit(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
}

// Everything that could mean something is escaped, and whatever the encodings have differently.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view meaningful = "\\=:#! ";
  constexpr std::string_view controls = "\t\n\r\f";
  constexpr std::string_view letters = "tnrf";
  while (!text.empty()) {
    const char c = text.front();
    const auto point = first_code_point(text);
    text.remove_prefix(point ? point->bytes : 1);
    if (!point) {
      out += '?';
      continue;
    }
    if (point->bytes > 1) {
      append_escaped_point(out, point->value);
      continue;
    }
    const auto control = controls.find(c);
    if (control != std::string_view::npos || meaningful.contains(c)) out += '\\';
    out += control != std::string_view::npos ? letters[control] : c;
  }
}

}  // namespace

Result<Properties> parse_properties(std::string_view text, TextEncoding encoding) {
  if (encoding == TextEncoding::utf_8 && !is_utf8(text)) return failure("its text is not UTF-8");
  return Parser(text, encoding).parse();
}

std::string property_line(std::string_view key, std::string_view value) {
  std::string line;
  append_escaped(line, key);
  line += '=';
  append_escaped(line, value);
  line += '\n';
  return line;
}

}  // namespace highwater
