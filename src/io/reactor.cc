#include "io/reactor.h"

namespace highwater::io {

TurnEndHook::~TurnEndHook() {
  if (requested_on_ == nullptr) return;
  Reactor& reactor = *requested_on_;
  TurnEndHook* before = nullptr;
  TurnEndHook* at = reactor.hooks_first_;
  while (at != this) {
    before = at;
    at = at->next_;
  }
  (before == nullptr ? reactor.hooks_first_ : before->next_) = next_;
  if (reactor.hooks_last_ == this) reactor.hooks_last_ = before;
}

void Reactor::request_turn_end(TurnEndHook& hook) {
  if (hook.requested_on_ != nullptr) return;
  hook.requested_on_ = this;
  hook.next_ = nullptr;
  (hooks_last_ == nullptr ? hooks_first_ : hooks_last_->next_) = &hook;
  hooks_last_ = &hook;
}

bool Reactor::run_ready(std::size_t resume_limit) {
  for (;;) {
    for (; !ready_.empty() && resume_limit > 0; --resume_limit) ready_.pop().resume();
    // Hooks also end a turn that was cut short: under steady load group commits and sends must not wait for calm.
    if (hooks_first_ == nullptr) return ready_.empty();
    TurnEndHook* hook = hooks_first_;
    hooks_first_ = hook->next_;
    if (hooks_first_ == nullptr) hooks_last_ = nullptr;
    hook->requested_on_ = nullptr;
    hook->at_turn_end();
  }
}

}  // namespace highwater::io
