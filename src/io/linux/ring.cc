#include "io/linux/ring.h"

#include <liburing.h>
#include <sched.h>
#include <sys/epoll.h>

#include <cerrno>
#include <cstdlib>

#include "foundation/base/check.h"

namespace highwater::io {

namespace {

constexpr unsigned ring_entries = 128;

bool knows_what_we_need(io_uring& ring) {
  io_uring_probe* probe = io_uring_get_probe_ring(&ring);
  if (probe == nullptr) return false;
  const bool all = io_uring_opcode_supported(probe, IORING_OP_READV) != 0 &&
                   io_uring_opcode_supported(probe, IORING_OP_WRITEV) != 0 &&
                   io_uring_opcode_supported(probe, IORING_OP_FSYNC) != 0;
  io_uring_free_probe(probe);
  return all;
}

// The kernel's helpers of a ring may run anywhere unless told: whoever gave this thread its CPUs (taskset, a container)
// means them too. Kernels that cannot do it leave it as it is.
void keep_helpers_on_our_cpus(io_uring& ring) {
  cpu_set_t ours;
  if (::sched_getaffinity(0, sizeof ours, &ours) == 0) io_uring_register_iowq_aff(&ring, sizeof ours, &ours);
}

}  // namespace

std::unique_ptr<Ring> Ring::probe(Poller& poller, Decline decline) {
  auto kernel_ring = std::make_unique<io_uring>();
  if (io_uring_queue_init(ring_entries, kernel_ring.get(), 0) != 0) return nullptr;
  const bool usable = knows_what_we_need(*kernel_ring);
  std::unique_ptr<Ring> ring(new Ring(std::move(kernel_ring), std::move(decline)));
  // Without NODROP a full completion queue could lose an answer.
  if (!usable || (ring->ring_->features & IORING_FEAT_NODROP) == 0) return nullptr;
  keep_helpers_on_our_cpus(*ring->ring_);
  if (!poller.add(ring->ring_->ring_fd, EPOLLIN, *ring)) return nullptr;
  return ring;
}

Ring::Ring(std::unique_ptr<io_uring> ring, Decline decline) : ring_(std::move(ring)), decline_(std::move(decline)) {}

Ring::~Ring() {
  for (fill(); in_kernel_ > 0; fill()) {
    io_uring_submit_and_wait(ring_.get(), 1);
    collect();
  }
  io_uring_queue_exit(ring_.get());
}

void Ring::start(std::unique_ptr<FileOperation> operation) {
  ++started_;
  waiting_.push_back(std::move(operation));
}

void Ring::prepare(FileOperation& operation) {
  io_uring_sqe* entry = io_uring_get_sqe(ring_.get());
  HW_CHECK(entry != nullptr);
  switch (operation.kind()) {
    case FileOperation::Kind::read:
      io_uring_prep_readv(entry, operation.fd(), operation.vectors(), operation.vector_count(), operation.offset());
      break;
    case FileOperation::Kind::write:
      io_uring_prep_writev(entry, operation.fd(), operation.vectors(), operation.vector_count(), operation.offset());
      break;
    case FileOperation::Kind::sync_data:
      io_uring_prep_fsync(entry, operation.fd(), IORING_FSYNC_DATASYNC);
      break;
    case FileOperation::Kind::sync_all:
      io_uring_prep_fsync(entry, operation.fd(), 0);
      break;
  }
  io_uring_sqe_set_data(entry, &operation);
}

void Ring::fill() {
  while (!waiting_.empty() && in_kernel_ < ring_entries) {
    prepare(*waiting_.front());
    // The kernel's entry owns it now; collect() takes it back.
    [[maybe_unused]] FileOperation* given = waiting_.front().release();
    waiting_.pop_front();
    ++in_kernel_;
  }
}

bool Ring::submit() {
  fill();
  if (io_uring_sq_ready(ring_.get()) == 0) return true;
  io_uring_submit(ring_.get());
  return io_uring_sq_ready(ring_.get()) == 0;
}

void Ring::on_events(std::uint32_t) { collect(); }

void Ring::collect() {
  io_uring_cqe* completion = nullptr;
  while (io_uring_peek_cqe(ring_.get(), &completion) == 0) {
    std::unique_ptr<FileOperation> operation(static_cast<FileOperation*>(io_uring_cqe_get_data(completion)));
    const std::int32_t result = completion->res;
    io_uring_cqe_seen(ring_.get(), completion);
    --in_kernel_;
    ended(std::move(operation), result);
  }
}

void Ring::ended(std::unique_ptr<FileOperation> operation, std::int32_t result) {
  const bool declined = result == -EAGAIN || result == -ENOMEM || result == -ECANCELED || result == -EOPNOTSUPP;
  if (declined) return decline_(std::move(operation));
  if (operation->advance(result)) return operation->finish();
  waiting_.push_front(std::move(operation));
}

}  // namespace highwater::io
