#include "machines/raft/voters.h"

#include <utility>

namespace highwater::raft {

messages::VotersRecord voters_record(const Voters& voters) {
  messages::VotersRecord record;
  for (const Voter& voter : voters) {
    messages::VotersRecord::Voter entry;
    entry.voter_id = voter.key.id;
    entry.voter_directory_id = voter.key.directory;
    for (const auto& endpoint : voter.endpoints) {
      entry.endpoints.push_back({endpoint.listener, endpoint.host, endpoint.port});
    }
    entry.kraft_version_feature.min_supported_version = voter.kraft_version_lowest;
    entry.kraft_version_feature.max_supported_version = voter.kraft_version_highest;
    record.voters.push_back(std::move(entry));
  }
  return record;
}

Voters voters_of(const messages::VotersRecord& record) {
  Voters voters;
  for (const auto& entry : record.voters) {
    Voter voter;
    voter.key = {entry.voter_id, entry.voter_directory_id};
    for (const auto& endpoint : entry.endpoints) {
      voter.endpoints.push_back({endpoint.name.str(), endpoint.host.str(), endpoint.port});
    }
    voter.kraft_version_lowest = entry.kraft_version_feature.min_supported_version;
    voter.kraft_version_highest = entry.kraft_version_feature.max_supported_version;
    voters.push_back(std::move(voter));
  }
  return voters;
}

}  // namespace highwater::raft
