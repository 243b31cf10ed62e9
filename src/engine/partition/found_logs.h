// The logs that lay in the directories of this core when it started, until a partition is assigned that they belong to,
// something else takes their path, or they are strays.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/partition/assignment.h"
#include "engine/partition/directories.h"

namespace highwater::engine {

class FoundLogs {
 public:
  void add(FoundLog log);

  // Those of that partition and their copies: more than one only after a move was cut short. And those of its name that
  // do not say whose they are: nothing may be made in their place, and one of them may be the log that was served last.
  std::vector<FoundLog> take(const Assignment& assignment);
  std::vector<FoundLog> take_all();
  // What was found at that path is no concern of this core any more: a log of a known topic, true if there was one, or
  // one without a topic id.
  bool forget_named(const std::string& path);
  void forget_nameless(const std::string& path);

  // Those whose path none of these has taken, without copies: nobody relies on them.
  std::vector<const FoundLog*> without(const std::set<std::string_view>& taken) const;
  bool empty() const { return by_id_.empty() && nameless_.empty(); }

 private:
  std::vector<FoundLog> take_damaged(const Assignment& assignment);

  std::multimap<TopicPartition, FoundLog> by_id_;
  std::vector<FoundLog> nameless_;  // without a topic id
};

}  // namespace highwater::engine
