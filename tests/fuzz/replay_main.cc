// A fuzz target as a unit test: all seeds, all inputs of earlier findings (the folder given), and of each a few
// truncations, flips and splices that are the same in every run.
#include <fmt/core.h>

#include <algorithm>

#include "foundation/base/random.h"
#include "tests/fuzz/seed_files.h"
#include "tests/fuzz/target.h"

namespace {

using highwater::Random;
using highwater::fuzz::Input;

constexpr std::size_t mutated_max = 500;  // of all inputs together

void flip(Input& input, Random& random) {
  for (std::uint64_t left = 1 + random.below(3); left > 0 && !input.empty(); --left) {
    input[random.below(input.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
  }
}

void splice(Input& input, const Input& other, Random& random) {
  const std::size_t from = random.below(other.size() + 1);
  const std::size_t count = random.below(other.size() - from + 1);
  const auto at = static_cast<std::ptrdiff_t>(random.below(input.size() + 1));
  const Input piece(other.begin() + static_cast<std::ptrdiff_t>(from),
                    other.begin() + static_cast<std::ptrdiff_t>(from + count));
  input.insert(input.begin() + at, piece.begin(), piece.end());
}

Input mutated(const std::vector<Input>& inputs, Random& random) {
  Input input = inputs[random.below(inputs.size())];
  switch (random.below(3)) {
    case 0:
      input.resize(random.below(input.size() + 1));
      break;
    case 1:
      flip(input, random);
      break;
    default:
      splice(input, inputs[random.below(inputs.size())], random);
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Input> inputs = highwater::fuzz::seeds();
  if (argc > 1) std::ranges::move(highwater::fuzz::read_inputs(argv[1]), std::back_inserter(inputs));
  if (inputs.empty()) {
    fmt::print(stderr, "no seeds\n");
    return 1;
  }
  for (const Input& input : inputs) highwater::fuzz::run(input);
  Random random(inputs.size());
  const std::size_t count = std::min(mutated_max, inputs.size() * 20);
  for (std::size_t done = 0; done < count; ++done) highwater::fuzz::run(mutated(inputs, random));
  fmt::print("{} inputs and {} mutated ones\n", inputs.size(), count);
  return 0;
}
