#include "words.h"

#include <algorithm>

#include "wire.h"

namespace bench {
namespace {

void set(int& to, const std::string& text) { to = std::stoi(text); }
void set(std::size_t& to, const std::string& text) { to = std::stoul(text); }
void set(double& to, const std::string& text) { to = std::stod(text); }
void set(std::string& to, const std::string& text) { to = text; }

}  // namespace

void parse_words(int count, char** words, std::initializer_list<Word> known) {
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) fail("not key=value: " + word);
    const auto* const found = std::ranges::find(known, std::string_view(word).substr(0, equals), &Word::key);
    if (found == known.end()) fail("unknown option: " + word);
    std::visit([&](auto* to) { set(*to, word.substr(equals + 1)); }, found->value);
  }
}

}  // namespace bench
