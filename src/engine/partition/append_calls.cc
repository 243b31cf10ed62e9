#include "engine/partition/append_calls.h"

#include <utility>

namespace highwater::engine {

namespace {

std::size_t place_of(std::uint64_t number) { return number & (append_calls_max - 1); }

}  // namespace

AppendCall::~AppendCall() {
  if (under_way_in_ != nullptr) under_way_in_->remove(*this);
}

void AppendCall::on_deadline() { under_way_in_->listener_.on_append_expired(*this); }

AppendCalls::~AppendCalls() {
  for (const Place& place : places_) {
    if (place.call == nullptr) continue;
    place.call->under_way_in_ = nullptr;
    place.call->withdraw();
    place.call->on_given_up();
  }
}

void AppendCalls::add(AppendCall& call) {
  std::size_t index = first_free_;
  if (index == none) {
    index = places_.size();
    places_.emplace_back();
  } else {
    first_free_ = places_[index].next_free;
    if (first_free_ == none) last_free_ = none;
  }
  Place& place = places_[index];
  place.call = &call;
  call.number_ = (place.taken++ << ticket_place_bits | index) & (~std::uint64_t{0} >> ticket_part_bits);
  call.under_way_in_ = this;
}

AppendCall* AppendCalls::find(replica::TicketId ticket) const {
  const std::uint64_t number = ticket >> ticket_part_bits;
  const std::size_t index = place_of(number);
  if (index >= places_.size()) return nullptr;
  AppendCall* call = places_[index].call;
  return call != nullptr && call->number_ == number ? call : nullptr;
}

void AppendCalls::remove(AppendCall& call) {
  const std::size_t index = place_of(call.number_);
  Place& place = places_[index];
  place.call = nullptr;
  place.next_free = none;
  (last_free_ == none ? first_free_ : places_[last_free_].next_free) = index;
  last_free_ = index;
  call.under_way_in_ = nullptr;
  call.withdraw();
}

}  // namespace highwater::engine
