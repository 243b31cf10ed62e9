// The command line of the benchmark programs: a mode, then words `key=value`.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace bench {

// One key and where its value goes.
struct Word {
  std::string_view key;
  std::variant<int*, std::size_t*, double*, std::string*> value;
};

// Ends the program at a word that is not `key=value` or has no such key.
void parse_words(int count, char** words, std::initializer_list<Word> known);

}  // namespace bench
