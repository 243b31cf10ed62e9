#include "faults/bit_rot.h"

#include <fmt/core.h>

#include <sstream>
#include <vector>

#include "protocol/records/batch_scan.h"

namespace highwater::sim {

namespace {

constexpr std::size_t first_checksummed = 21;  // the attributes, in magic 2

struct Candidate {
  std::string topic;
  std::int32_t partition = 0;
  Offset recovery_point = 0;
};

// "0", the number of lines, then "topic partition offset" each.
std::vector<Candidate> candidates_in(const std::string& checkpoint) {
  std::istringstream lines(checkpoint);
  std::int32_t version = 0;
  std::size_t count = 0;
  lines >> version >> count;
  std::vector<Candidate> candidates;
  Candidate each;
  while (lines >> each.topic >> each.partition >> each.recovery_point) {
    if (each.topic.starts_with('t') && each.recovery_point > 0) candidates.push_back(each);
  }
  return candidates;
}

struct BatchPlace {
  std::string path;
  std::uint64_t position = 0;
  std::uint64_t size = 0;
};

std::vector<BatchPlace> batches_below(io::sim::Disk& disk, const std::string& folder, Offset recovery_point) {
  std::vector<BatchPlace> found;
  const auto entries = disk.list(folder);
  if (!entries.has_value()) return found;
  for (const auto& entry : *entries) {
    if (!entry.name.ends_with(".log")) continue;
    const std::string path = fmt::format("{}/{}", folder, entry.name);
    const std::string bytes = disk.content(path).value_or(std::string());
    records::for_each_batch(as_bytes(bytes), [&](const records::RawBatch& batch) {
      if (!batch.has_header() || batch.view().last_offset() >= recovery_point) return;
      found.push_back({path, batch.position, batch.bytes.size()});
    });
  }
  return found;
}

}  // namespace

std::optional<RottenBit> choose_bit(NodeHost& node, Random& random) {
  io::sim::Disk& disk = node.machine().disk();
  const std::vector<std::string>& roots = node.settings().log_dirs;
  const std::string& root = roots[random.below(roots.size())];
  const auto checkpoint = disk.content(root + "/recovery-point-offset-checkpoint");
  const std::vector<Candidate> candidates = candidates_in(checkpoint.value_or(std::string()));
  if (candidates.empty()) return std::nullopt;
  const Candidate& chosen = candidates[random.below(candidates.size())];
  const std::vector<BatchPlace> batches =
      batches_below(disk, fmt::format("{}/{}-{}", root, chosen.topic, chosen.partition), chosen.recovery_point);
  if (batches.empty()) return std::nullopt;
  const BatchPlace& batch = batches[random.below(batches.size())];
  return RottenBit{.node = &node,
                   .topic = chosen.topic,
                   .partition = chosen.partition,
                   .path = batch.path,
                   .offset = batch.position + first_checksummed + random.below(batch.size - first_checksummed),
                   .bit = static_cast<int>(random.below(8))};
}

}  // namespace highwater::sim
