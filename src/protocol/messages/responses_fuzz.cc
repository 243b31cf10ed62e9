// Responses, as our clients read them.
#include <string_view>

#include "tests/fuzz/messages.h"

namespace highwater::fuzz {
namespace {

constexpr std::string_view kinds[] = {"response", "header"};

}  // namespace

void run(ByteView input) { check_message(kinds, input); }

std::vector<Input> seeds() { return message_seeds(kinds); }

}  // namespace highwater::fuzz
