#include "checkers/placement.h"

#include <fmt/core.h>

#include <set>

namespace highwater::sim {

namespace {

std::optional<std::string> take(const client::DescribedDirectory& directory, const client::DescribedLog& log,
                                Whereabouts& known) {
  const bool is_current = log.place == client::LogPlace::current;
  const std::string name = fmt::format("{} {}-{}", is_current ? "log" : "copy", log.topic, log.partition);
  if (log.size_bytes < 0 || log.lag < 0) {
    return fmt::format("the {} in {} has {} bytes and lags {} behind", name, directory.path, log.size_bytes, log.lag);
  }
  std::string& path = is_current ? known.current : known.future;
  if (!path.empty()) return fmt::format("the {} is in {} and in {}", name, path, directory.path);
  path = directory.path;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> contradiction_in(const std::vector<client::DescribedDirectory>& directories) {
  std::set<std::string> paths;
  std::map<Place, Whereabouts> logs;
  for (const client::DescribedDirectory& directory : directories) {
    if (!paths.insert(directory.path).second) return directory.path + " is named twice";
    if (directory.code != api::ErrorCode::none && !directory.logs.empty())
      return directory.path + " is said to fail, and yet its logs are told";
    for (const client::DescribedLog& log : directory.logs) {
      auto wrong = take(directory, log, logs[{log.topic, log.partition}]);
      if (wrong.has_value()) return wrong;
    }
  }
  for (const auto& [place, where] : logs) {
    if (where.future.empty() || (!where.current.empty() && where.current != where.future)) continue;
    return fmt::format("the copy of {}-{} is in {}, the log {}", place.topic, place.partition, where.future,
                       where.current.empty() ? "nowhere" : "too");
  }
  return std::nullopt;
}

std::map<Place, Whereabouts> whereabouts_in(const std::vector<client::DescribedDirectory>& directories) {
  std::map<Place, Whereabouts> logs;
  for (const client::DescribedDirectory& directory : directories) {
    for (const client::DescribedLog& log : directory.logs) {
      Whereabouts& where = logs[{log.topic, log.partition}];
      (log.place == client::LogPlace::current ? where.current : where.future) = directory.path;
    }
  }
  return logs;
}

}  // namespace highwater::sim
