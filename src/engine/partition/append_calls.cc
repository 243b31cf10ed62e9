#include "engine/partition/append_calls.h"

#include <utility>

namespace highwater::engine {

namespace {

std::size_t slot_of(std::uint64_t number) { return number & (append_calls_max - 1); }

}  // namespace

AppendCall::~AppendCall() {
  if (under_way_in_ != nullptr) under_way_in_->remove(*this);
}

void AppendCall::on_deadline() { under_way_in_->listener_.on_append_expired(*this); }

AppendCalls::~AppendCalls() {
  for (const Slot& slot : slots_) {
    if (slot.call == nullptr) continue;
    slot.call->under_way_in_ = nullptr;
    slot.call->withdraw();
    slot.call->waiter().on_given_up();
  }
}

void AppendCalls::add(AppendCall& call) {
  std::size_t index = first_free_;
  if (index == none) {
    index = slots_.size();
    slots_.emplace_back();
  } else {
    first_free_ = slots_[index].next_free;
    if (first_free_ == none) last_free_ = none;
  }
  Slot& slot = slots_[index];
  slot.call = &call;
  call.number_ = (slot.taken++ << ticket_slot_bits | index) & (~std::uint64_t{0} >> ticket_part_bits);
  call.under_way_in_ = this;
}

AppendCall* AppendCalls::find(replica::TicketId ticket) const {
  const std::uint64_t number = ticket >> ticket_part_bits;
  const std::size_t index = slot_of(number);
  if (index >= slots_.size()) return nullptr;
  AppendCall* call = slots_[index].call;
  return call != nullptr && call->number_ == number ? call : nullptr;
}

void AppendCalls::remove(AppendCall& call) {
  const std::size_t index = slot_of(call.number_);
  Slot& slot = slots_[index];
  slot.call = nullptr;
  slot.next_free = none;
  (last_free_ == none ? first_free_ : slots_[last_free_].next_free) = index;
  last_free_ = index;
  call.under_way_in_ = nullptr;
  call.withdraw();
}

}  // namespace highwater::engine
