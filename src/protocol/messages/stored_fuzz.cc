// What lies in logs and files as messages.
#include <string_view>

#include "tests/fuzz/messages.h"

namespace highwater::fuzz {
namespace {

constexpr std::string_view kinds[] = {"metadata", "coordinator-key", "coordinator-value", "data"};

}  // namespace

void run(ByteView input) { check_message(kinds, input); }

std::vector<Input> seeds() { return message_seeds(kinds); }

}  // namespace highwater::fuzz
