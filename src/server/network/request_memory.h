// What the requests of one core hold in memory: begun frames, frames that wait for their turn, frames being served, and
// answers that are not taken yet. A share of queued.max.requests and queued.max.request.bytes (Kafka: RequestChannel's
// queue and its MemoryPool). Above a bound of requests connections are not read, except as far as is needed to get
// below it again; above that of answers nothing but produce starts. Owned by the Server.
#pragma once

#include <cstddef>
#include <cstdint>

namespace highwater::server {

struct RequestMemoryLimits {
  std::size_t bytes = std::size_t{1} << 30;
  std::size_t waiting_requests = 500;  // read, and not yet started because of those before them
  std::size_t answer_bytes = std::size_t{1} << 30;
};

class RequestMemory {
 public:
  struct Held {
    std::size_t bytes = 0;
    std::size_t waiting_requests = 0;
    std::size_t answer_bytes = 0;
  };
  enum class Change : std::uint8_t { none, room_made };

  explicit RequestMemory(RequestMemoryLimits limits) : limits_(limits) {}

  bool bytes_full() const { return used_.bytes >= limits_.bytes; }
  bool requests_full() const { return used_.waiting_requests >= limits_.waiting_requests; }
  bool answers_full() const { return used_.answer_bytes >= limits_.answer_bytes; }
  // Below three quarters the pressure is over.
  bool bytes_relaxed() const { return used_.bytes < limits_.bytes / 4 * 3; }
  bool answers_relaxed() const { return used_.answer_bytes < limits_.answer_bytes / 4 * 3; }
  const Held& used() const { return used_; }

  // One connection held `before` and holds `after`.
  Change change(const Held& before, const Held& after) {
    const bool was_full = any_full();
    used_.bytes += after.bytes - before.bytes;
    used_.waiting_requests += after.waiting_requests - before.waiting_requests;
    used_.answer_bytes += after.answer_bytes - before.answer_bytes;
    return was_full && !any_full() ? Change::room_made : Change::none;
  }

 private:
  bool any_full() const { return bytes_full() || requests_full() || answers_full(); }

  RequestMemoryLimits limits_;
  Held used_;
};

}  // namespace highwater::server
