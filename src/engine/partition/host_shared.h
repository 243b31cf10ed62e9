// What the parts of one core's PartitionHost share. Each part is a class with one job that owns what only it needs:
//
//   Openings   makes, opens, recovers logs, and tries again when only room was wanting
//   Removals   removes the log of a partition that is removed
//   Moves      takes logs to another directory
//   LogFolders makes, renames and removes their folders
//   Appends    the append requests under way
//   Reads      the reads under way, and those that are parked
//   Inquiries  other questions, and the deletion of records
//   Upkeep     what is done from time to time
//   Closing    the clean stop
//
// Each calls only those that partition_host.cc makes before it.
#pragma once

#include "engine/partition/deadlines.h"
#include "engine/partition/directories_door.h"
#include "engine/partition/directory_health.h"
#include "engine/partition/found_logs.h"
#include "engine/partition/hosted_partitions.h"
#include "engine/partition/partition_host.h"
#include "engine/partition/under_way.h"

namespace highwater::engine {

struct HostShared {
  HostShared(PartitionHost::Deps deps, HostOptions host_options);

  io::Reactor& reactor;
  Logger logger;
  const HostOptions options;
  DirectoriesDoor directories;
  DirectoryHealth health;
  HostCounters counters;
  StoreShared store;
  HostedPartitions hosted;
  FoundLogs found;
  Deadlines deadlines;
  UnderWay operations;  // what a stop waits for
};

}  // namespace highwater::engine
