#include "runner/ledger.h"

#include <fmt/core.h>

#include <fstream>

namespace highwater::sim {

std::string ledger_text(const LedgerLine& line) {
  return fmt::format(
      "commit {} scenarios {} seeds {} void {} acknowledged {} simulated_s {} wall_s {} equal_twice {} of_each {} "
      "violations {}",
      line.commit, line.scenarios, line.seeds, line.void_seeds, line.acknowledged, line.simulated_ms / 1000,
      line.wall_ms / 1000, line.twice, line.twice_in, line.violations);
}

Result<void> append_to_ledger(const std::string& path, const LedgerLine& line) {
  std::ofstream file(path, std::ios::app);
  file << ledger_text(line) << '\n';
  file.flush();
  if (!file) return failure(fmt::format("{} cannot be written", path));
  return {};
}

}  // namespace highwater::sim
