// The files of a log, copied to another directory of this node. For Moves.
#pragma once

#include <cstdint>
#include <string>

#include "engine/partition/hosted_partitions.h"
#include "io/reactor.h"
#include "io/task.h"

namespace highwater::engine {

// Which files of a log's folder go along.
bool goes_along(const io::DirectoryEntry& file);

io::Task<io::IoStatus> make_future_folder(io::FileSystem& files, std::string path, Uuid topic_id);
// `bytes` outlives the task.
io::Task<io::IoStatus> copy_file(io::FileSystem& files, std::string from, std::string to, std::uint64_t& bytes);
// The log is closed: what the copy lacks comes, what is no longer in the log goes. A segment that grew after it was
// copied, because space had run out and the next one was taken back, comes again with all its files.
io::Task<io::IoStatus> copy_rest(io::FileSystem& files, const Partition& closed, FutureLog& future);

}  // namespace highwater::engine
