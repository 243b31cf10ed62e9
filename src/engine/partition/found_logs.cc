#include "engine/partition/found_logs.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "foundation/base/planted.h"

namespace highwater::engine {

void FoundLogs::add(FoundLog log) {
  if (!log.topic_id.has_value()) {
    nameless_.push_back(std::move(log));
    return;
  }
  const TopicPartition id{*log.topic_id, log.index};
  by_id_.emplace(id, std::move(log));
}

std::vector<FoundLog> FoundLogs::take(const Assignment& assignment) {
  auto [first, last] = by_id_.equal_range(assignment.partition);
  if (HW_PLANTED("recreated_topic_adopts_old_log") && first == last) {
    first = std::ranges::find_if(by_id_, [&assignment](const auto& each) {
      return each.second.topic == assignment.topic && each.second.index == assignment.partition.index;
    });
    last = first == by_id_.end() ? first : std::next(first);
  }
  std::vector<FoundLog> logs;
  for (auto found = first; found != last; ++found) logs.push_back(std::move(found->second));
  by_id_.erase(first, last);
  for (FoundLog& log : take_damaged(assignment)) logs.push_back(std::move(log));
  return logs;
}

std::vector<FoundLog> FoundLogs::take_damaged(const Assignment& assignment) {
  const auto damaged = std::ranges::partition(nameless_, [&assignment](const FoundLog& log) {
    return !log.damage.has_value() || log.is_copy || log.topic != assignment.topic ||
           log.index != assignment.partition.index;
  });
  std::vector<FoundLog> logs(std::make_move_iterator(damaged.begin()), std::make_move_iterator(damaged.end()));
  nameless_.erase(damaged.begin(), damaged.end());
  return logs;
}

std::vector<FoundLog> FoundLogs::take_all() {
  std::vector<FoundLog> logs = std::exchange(nameless_, {});
  for (auto& [id, log] : std::exchange(by_id_, {})) logs.push_back(std::move(log));
  return logs;
}

bool FoundLogs::forget_named(const std::string& path) {
  return std::erase_if(by_id_, [&path](const auto& found) { return found.second.path == path; }) != 0;
}

void FoundLogs::forget_nameless(const std::string& path) {
  std::erase_if(nameless_, [&path](const FoundLog& log) { return log.path == path; });
}

std::vector<const FoundLog*> FoundLogs::without(const std::set<std::string_view>& taken) const {
  std::vector<const FoundLog*> logs;
  for (const auto& [id, log] : by_id_) logs.push_back(&log);
  for (const FoundLog& log : nameless_) logs.push_back(&log);
  std::erase_if(logs, [&taken](const FoundLog* log) { return log->is_copy || taken.contains(log->path); });
  return logs;
}

}  // namespace highwater::engine
