// io::FileSystem for one simulated core: one queue in order, as a file thread works; compound calls happen as their
// single steps, so a kill or a power cut may come between them. Reads, writes and syncs of open files run beside it.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "io/sim/disk.h"

namespace highwater::io::sim {

class SimReactor;

class SimFileSystem final : public FileSystem {
 public:
  SimFileSystem(SimReactor& reactor, Disk& disk) : reactor_(&reactor), disk_(&disk) {}

  Future<IoResult<std::unique_ptr<File>>> open(std::string path, OpenMode mode) override;
  Future<IoResult<std::vector<DirectoryEntry>>> list(std::string directory) override;
  Future<IoStatus> make_directories(std::string path) override;
  Future<IoStatus> rename(std::string from, std::string to) override;
  Future<IoStatus> remove(std::string path) override;
  Future<IoStatus> remove_tree(std::string path) override;
  Future<IoStatus> sync_directory(std::string path) override;
  Future<IoResult<DiskSpace>> space(std::string path) override;
  Future<IoResult<Slice>> read_file(std::string path, std::size_t limit) override;
  Future<IoStatus> replace_file(std::string path, Slice content) override;
  Future<IoStatus> replace_files(std::vector<NewFile> files) override;

 private:
  struct Job;
  using Step = std::move_only_function<IoStatus(Job&)>;
  struct Job {
    std::deque<Step> steps;                        // each takes its time; the first failure ends the job
    std::move_only_function<void(IoStatus)> done;  // completes the promise
    Duration step_min = Duration::from_us(2);
    Duration step_max;  // name_max when not given
  };
  void enqueue(Job job);
  void run_next();
  void run_step();
  void add_removals(Job& job, const std::string& path);
  template <class T, class Work>
  Future<T> single(Work work);

  SimReactor* reactor_;
  Disk* disk_;
  std::deque<Job> jobs_;  // the first one is running
};

}  // namespace highwater::io::sim
