#include "io/sim/filesystem.h"

#include <algorithm>

#include "io/sim/reactor.h"

namespace highwater::io::sim {

namespace {

class SimFile final : public File {
 public:
  SimFile(SimReactor& reactor, Disk& disk, InodePtr inode)
      : reactor_(&reactor), process_id_(reactor.process().id()), disk_(&disk), inode_(std::move(inode)) {}
  ~SimFile() override {
    if (locked_ && inode_->locked_by == process_id_) inode_->locked_by = 0;
  }

  Future<IoResult<Slice>> read(std::uint64_t offset, std::size_t length) override {
    auto [promise, future] = reactor_->make_future<IoResult<Slice>>();
    reactor_->deliver_at(after(Duration::from_us(2), disk_->conditions().read_max),
                         [disk = disk_, inode = inode_, offset, length, answer = std::move(promise)]() mutable {
                           answer.complete(disk->read(*inode, offset, length));
                         });
    return std::move(future);
  }

  IoResult<std::optional<Slice>> try_read(std::uint64_t offset, std::size_t length) override {
    if (disk_->random().chance_ppm(disk_->conditions().cold_ppm)) return std::nullopt;
    auto bytes = disk_->read(*inode_, offset, length);
    if (!bytes.has_value()) return std::unexpected(bytes.error());
    return std::move(*bytes);
  }

  std::optional<FilePart> cached_part(std::uint64_t offset, std::size_t length) override {
    if (disk_->random().chance_ppm(disk_->conditions().cold_ppm)) return std::nullopt;
    return FilePart{std::make_shared<SentInode>(inode_), offset, length};
  }

  Future<IoStatus> write(std::uint64_t offset, std::vector<Slice> slices) override {
    struct Write {
      InodePtr inode;
      std::uint64_t offset;
      std::vector<Slice> slices;
    };
    auto work = std::make_shared<Write>(Write{inode_, offset, std::move(slices)});
    Process& process = reactor_->process();
    const std::uint64_t id = process.add_in_flight([disk = disk_, work](Random& random) {
      // Killed while the kernel writes: nothing, a part, or all of it is there afterwards.
      const std::size_t whole = random.below(work->slices.size() + 1);
      if (whole < work->slices.size()) {
        Slice& last = work->slices[whole];
        last = last.part(0, random.below(last.size() + 1));
        work->slices.resize(whole + 1);
      }
      (void)disk->write(*work->inode, work->offset, work->slices);
    });
    auto [promise, future] = reactor_->make_future<IoStatus>();
    reactor_->deliver_at(after(Duration::from_us(3), disk_->conditions().write_max),
                         [&process, id, disk = disk_, work, answer = std::move(promise)]() mutable {
                           process.remove_in_flight(id);
                           answer.complete(disk->write(*work->inode, work->offset, work->slices));
                         });
    return std::move(future);
  }

  Future<IoStatus> sync(SyncKind /*kind*/) override {
    auto [promise, future] = reactor_->make_future<IoStatus>();
    const std::uint64_t generation = inode_->file.generation();
    reactor_->deliver_at(after(disk_->conditions().sync_min, disk_->conditions().sync_max),
                         [disk = disk_, inode = inode_, generation, answer = std::move(promise)]() mutable {
                           answer.complete(disk->sync(*inode, generation));
                         });
    return std::move(future);
  }

  Future<IoStatus> truncate(std::uint64_t size) override {
    auto [promise, future] = reactor_->make_future<IoStatus>();
    reactor_->deliver_at(after(Duration::from_us(2), disk_->conditions().name_max),
                         [disk = disk_, inode = inode_, size, answer = std::move(promise)]() mutable {
                           answer.complete(disk->truncate(*inode, size));
                         });
    return std::move(future);
  }

  Future<IoResult<std::uint64_t>> size() override {
    auto [promise, future] = reactor_->make_future<IoResult<std::uint64_t>>();
    reactor_->deliver_at(
        after(Duration::from_us(1), disk_->conditions().name_max),
        [inode = inode_, answer = std::move(promise)]() mutable { answer.complete(inode->file.size()); });
    return std::move(future);
  }

  IoStatus try_lock() override {
    if (inode_->locked_by != 0) return std::unexpected(IoError::locked);
    inode_->locked_by = process_id_;
    locked_ = true;
    return {};
  }

 private:
  Instant after(Duration min, Duration max) { return reactor_->world().now() + disk_->draw(min, std::max(min, max)); }

  SimReactor* reactor_;
  std::uint64_t process_id_;
  Disk* disk_;
  InodePtr inode_;
  bool locked_ = false;
};

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

void SimFileSystem::enqueue(Job job) {
  if (job.step_max == Duration{}) job.step_max = disk_->conditions().name_max;
  jobs_.push_back(std::move(job));
  if (jobs_.size() == 1) run_next();
}

void SimFileSystem::run_next() {
  const Job& job = jobs_.front();
  const Duration time = disk_->draw(job.step_min, std::max(job.step_min, job.step_max));
  reactor_->deliver_at(reactor_->world().now() + time, [this] { run_step(); });
}

void SimFileSystem::run_step() {
  Job& job = jobs_.front();
  IoStatus status;
  if (!job.steps.empty()) {
    Step step = std::move(job.steps.front());
    job.steps.pop_front();
    status = step(job);
    if (status.has_value() && !job.steps.empty()) return run_next();
  }
  job.done(status);
  jobs_.pop_front();
  if (!jobs_.empty()) run_next();
}

// A call that is one step: `work` is done when its turn has come.
template <class T, class Work>
Future<T> SimFileSystem::single(Work work) {
  auto [promise, future] = reactor_->make_future<T>();
  Job job;
  job.done = [work = std::move(work), answer = std::move(promise)](IoStatus) mutable { answer.complete(work()); };
  enqueue(std::move(job));
  return std::move(future);
}

Future<IoResult<std::unique_ptr<File>>> SimFileSystem::open(std::string path, OpenMode mode) {
  using Opened = IoResult<std::unique_ptr<File>>;
  return single<Opened>([this, path = std::move(path), mode]() -> Opened {
    auto inode = disk_->open(path, mode);
    if (!inode.has_value()) return std::unexpected(inode.error());
    return std::make_unique<SimFile>(*reactor_, *disk_, std::move(*inode));
  });
}

Future<IoResult<std::vector<DirectoryEntry>>> SimFileSystem::list(std::string directory) {
  return single<IoResult<std::vector<DirectoryEntry>>>(
      [this, directory = std::move(directory)] { return disk_->list(directory); });
}

Future<IoStatus> SimFileSystem::make_directories(std::string path) {
  return single<IoStatus>([this, path = std::move(path)] { return disk_->make_directories(path); });
}

Future<IoStatus> SimFileSystem::rename(std::string from, std::string to) {
  return single<IoStatus>([this, from = std::move(from), to = std::move(to)] { return disk_->rename(from, to); });
}

Future<IoStatus> SimFileSystem::remove(std::string path) {
  return single<IoStatus>([this, path = std::move(path)] { return disk_->remove(path); });
}

Future<IoStatus> SimFileSystem::sync_directory(std::string path) {
  auto [promise, future] = reactor_->make_future<IoStatus>();
  Job job;
  job.step_min = disk_->conditions().sync_min;
  job.step_max = disk_->conditions().sync_max;
  job.done = [this, path = std::move(path), answer = std::move(promise)](IoStatus) mutable {
    answer.complete(disk_->sync_directory(path));
  };
  enqueue(std::move(job));
  return std::move(future);
}

Future<IoResult<DiskSpace>> SimFileSystem::space(std::string /*path*/) {
  return single<IoResult<DiskSpace>>([this] { return IoResult<DiskSpace>(disk_->space()); });
}

Future<IoResult<Slice>> SimFileSystem::read_file(std::string path, std::size_t limit) {
  return single<IoResult<Slice>>([this, path = std::move(path), limit]() -> IoResult<Slice> {
    const auto inode = disk_->open(path, OpenMode::read);
    if (!inode.has_value()) return std::unexpected(inode.error());
    if ((*inode)->file.size() > limit) return std::unexpected(IoError::other);
    return disk_->read(**inode, 0, limit);
  });
}

Future<IoStatus> SimFileSystem::replace_file(std::string path, Slice content) {
  auto [promise, future] = reactor_->make_future<IoStatus>();
  auto inode = std::make_shared<InodePtr>();
  const std::string temporary = path + ".tmp";
  Job job;
  job.steps.push_back([this, temporary, inode](Job&) -> IoStatus {
    auto opened = disk_->open(temporary, OpenMode::create_truncate);
    if (!opened.has_value()) return std::unexpected(opened.error());
    *inode = std::move(*opened);
    return {};
  });
  job.steps.push_back([this, inode, content](Job&) { return disk_->write(**inode, 0, {content}); });
  job.steps.push_back([this, inode](Job&) { return disk_->sync(**inode, (*inode)->file.generation()); });
  job.steps.push_back([this, temporary, path](Job&) { return disk_->rename(temporary, path); });
  job.steps.push_back([this, folder = parent_of(path)](Job&) { return disk_->sync_directory(folder); });
  job.done = [answer = std::move(promise)](IoStatus status) mutable { answer.complete(status); };
  enqueue(std::move(job));
  return std::move(future);
}

// In the order of the real one: until the first sync is done, no name changes.
Future<IoStatus> SimFileSystem::replace_files(std::vector<NewFile> files) {
  auto [promise, future] = reactor_->make_future<IoStatus>();
  auto inodes = std::make_shared<std::vector<InodePtr>>();
  Job job;
  for (const NewFile& file : files) {
    job.steps.push_back([this, inodes, temporary = file.path + ".tmp"](Job&) -> IoStatus {
      auto opened = disk_->open(temporary, OpenMode::create_truncate);
      if (!opened.has_value()) return std::unexpected(opened.error());
      inodes->push_back(std::move(*opened));
      return {};
    });
    job.steps.push_back(
        [this, inodes, content = file.content](Job&) { return disk_->write(*inodes->back(), 0, {content}); });
  }
  job.steps.push_back([this, inodes](Job&) -> IoStatus {
    for (const InodePtr& inode : *inodes)
      if (IoStatus synced = disk_->sync(*inode, inode->file.generation()); !synced.has_value()) return synced;
    return {};
  });
  for (const NewFile& file : files)
    job.steps.push_back(
        [this, temporary = file.path + ".tmp", path = file.path](Job&) { return disk_->rename(temporary, path); });
  for (const NewFile& file : files)
    job.steps.push_back([this, folder = parent_of(file.path)](Job&) { return disk_->sync_directory(folder); });
  job.done = [answer = std::move(promise)](IoStatus status) mutable { answer.complete(status); };
  enqueue(std::move(job));
  return std::move(future);
}

// Children first; the steps take the place of the one that runs.
void SimFileSystem::add_removals(Job& job, const std::string& path) {
  job.steps.push_front([this, path](Job&) { return disk_->remove(path); });
  const auto entries = disk_->list(path);
  if (!entries.has_value()) return;
  for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
    const std::string child = path + "/" + entry->name;
    if (entry->is_directory) {
      job.steps.push_front([this, child](Job& self) {
        add_removals(self, child);
        return IoStatus{};
      });
    } else {
      job.steps.push_front([this, child](Job&) { return disk_->remove(child); });
    }
  }
}

Future<IoStatus> SimFileSystem::remove_tree(std::string path) {
  auto [promise, future] = reactor_->make_future<IoStatus>();
  Job job;
  job.steps.push_back([this, path = std::move(path)](Job& self) {
    add_removals(self, path);
    return IoStatus{};
  });
  job.done = [answer = std::move(promise)](IoStatus status) mutable { answer.complete(status); };
  enqueue(std::move(job));
  return std::move(future);
}

}  // namespace highwater::io::sim
