// Copies of logs that are found at the start, because the moves that made them were cut short. A move gives its copy
// the log's name before the old folder goes, so beside its log a copy is of no use. Without a log it may be all there
// is: whoever moved it lost a disk after the controller had heard of the new place (Apache Kafka tells it first, and
// renames then: KAFKA-16082, LogManager.recoverAbandonedFutureLogs). Nothing is removed without its delay. A copy of
// which no partition is known is a stray, like a log (LogFolders).
#pragma once

#include "engine/partition/host_shared.h"
#include "engine/partition/log_folders.h"

namespace highwater::engine {

// To be called before the log is made or opened. Where it is missing, its copy in the assigned directory takes its
// place; any other is set aside and kept, as a new log is made now. Fails when that name may not last.
io::Task<Result<void>> adopt_copy(HostShared& host, LogFolders& folders, HostedPartition& hosted);

// The log is open: what is left of its copies goes, after file.delete.delay.ms.
io::Task<void> retire_copies(HostShared& host, LogFolders& folders, HostedPartition& hosted);

}  // namespace highwater::engine
