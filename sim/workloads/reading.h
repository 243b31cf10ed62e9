// Records out of fetched batches, handed to the history.
#pragma once

#include <string>
#include <vector>

#include "client/consumer.h"
#include "workloads/workload.h"

namespace highwater::sim {

struct ReadRecord {
  Offset offset = no_offset;
  std::int64_t timestamp = 0;
  std::string value;
};

// The data records at or after the position. A batch that cannot be read is a violation.
std::vector<ReadRecord> records_of(Workload& workload, const client::FetchedBatches& fetched);

}  // namespace highwater::sim
