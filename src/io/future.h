// A value that arrives once, on the reactor that made it. The promise side completes it (an operation, a parked
// request, a mailbox answer); the future side is awaited by at most one coroutine. Either side may go first: the state
// is counted. Completion never runs the waiter on the spot: it is queued and resumed by the loop, so completing is safe
// anywhere.
#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <utility>

#include "foundation/base/check.h"
#include "io/ready.h"

namespace highwater::io {

namespace detail {

template <class T>
struct FutureState {
  ReadyQueue* queue;
  ReadyHook* waiter = nullptr;
  std::uint32_t owners = 2;
  std::optional<T> value;

  void release() {
    if (--owners == 0) delete this;
  }
};

}  // namespace detail

template <class T>
class Future;

template <class T>
class Promise {
 public:
  Promise() = default;
  Promise(Promise&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Promise& operator=(Promise&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~Promise() {
    if (state_ != nullptr) state_->release();
  }

  bool pending() const { return state_ != nullptr; }
  // True while somebody can still see the value.
  bool wanted() const { return state_ != nullptr && state_->owners == 2; }
  void complete(T value) {
    HW_CHECK(state_ != nullptr);
    auto* state = std::exchange(state_, nullptr);
    state->value.emplace(std::move(value));
    if (state->waiter != nullptr) state->queue->push(*std::exchange(state->waiter, nullptr));
    state->release();
  }

 private:
  template <class U>
  friend std::pair<Promise<U>, Future<U>> make_future(ReadyQueue& queue);
  explicit Promise(detail::FutureState<T>* state) : state_(state) {}

  detail::FutureState<T>* state_ = nullptr;
};

template <class T>
class [[nodiscard]] Future {
 public:
  // Already there: no shared state is made.
  static Future ready(T value) {
    Future future;
    future.value_.emplace(std::move(value));
    return future;
  }
  Future(Future&& other) noexcept : state_(std::exchange(other.state_, nullptr)), value_(std::move(other.value_)) {}
  Future& operator=(Future&& other) noexcept {
    std::swap(state_, other.state_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Future() {
    if (state_ != nullptr) state_->release();
  }

  bool is_ready() const { return value_.has_value() || (state_ != nullptr && state_->value.has_value()); }

  class Awaiter {
   public:
    explicit Awaiter(Future&& future) : future_(std::move(future)) {}
    ~Awaiter() {
      if (future_.state_ != nullptr && future_.state_->waiter == &hook_) future_.state_->waiter = nullptr;
    }
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    bool await_ready() const { return future_.is_ready(); }
    void await_suspend(std::coroutine_handle<> handle) {
      HW_CHECK(future_.state_ != nullptr && future_.state_->waiter == nullptr);
      hook_.handle = handle;
      future_.state_->waiter = &hook_;
    }
    T await_resume() {
      if (future_.value_.has_value()) return std::move(*future_.value_);
      return std::move(*future_.state_->value);
    }

   private:
    Future future_;
    ReadyHook hook_;
  };
  Awaiter operator co_await() && { return Awaiter(std::move(*this)); }

 private:
  template <class U>
  friend std::pair<Promise<U>, Future<U>> make_future(ReadyQueue& queue);
  Future() = default;
  explicit Future(detail::FutureState<T>* state) : state_(state) {}

  detail::FutureState<T>* state_ = nullptr;
  std::optional<T> value_;
};

template <class T>
std::pair<Promise<T>, Future<T>> make_future(ReadyQueue& queue) {
  auto* state = new detail::FutureState<T>{&queue};
  return {Promise<T>(state), Future<T>(state)};
}

struct Done {};  // the value of a future that only says "it happened"

}  // namespace highwater::io
