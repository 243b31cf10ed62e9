// Calls that change and describe what a cluster keeps about users: quotas (KIP-546) and SCRAM credentials (KIP-554).
// Each is tried once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cluster.h"

namespace highwater::client {

// One quota of one user; no value removes it.
struct QuotaChange {
  std::string user;
  std::string key;
  std::optional<double> value;
};

io::Task<ClientResult<api::ErrorCode>> alter_quota(Cluster& cluster, QuotaChange change);

// All quotas of exactly this user, by key.
struct DescribedQuotas {
  api::ErrorCode code = api::ErrorCode::none;
  std::map<std::string, double> values;
};
io::Task<ClientResult<DescribedQuotas>> describe_quotas(Cluster& cluster, std::string user);

// SCRAM-SHA-256 credentials of one user.
struct ScramChange {
  std::string user;
  std::int32_t iterations = 0;  // 0 removes them
  std::vector<std::uint8_t> salt;
  std::vector<std::uint8_t> salted_password;
};

io::Task<ClientResult<api::ErrorCode>> alter_scram(Cluster& cluster, ScramChange change);

// The iterations of the user's SCRAM-SHA-256 credentials; 0 when there are none.
struct DescribedScram {
  api::ErrorCode code = api::ErrorCode::none;
  std::int32_t iterations = 0;
};
io::Task<ClientResult<DescribedScram>> describe_scram(Cluster& cluster, std::string user);

}  // namespace highwater::client
