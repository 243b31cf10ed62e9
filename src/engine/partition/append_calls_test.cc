#include "engine/partition/append_calls.h"

#include <doctest/doctest.h>

#include <memory>

namespace highwater::engine {
namespace {

class NoListener final : public AppendListener {
 public:
  void on_append_expired(AppendCall&) override {}
};

class Call final : public AppendCall {
 public:
  void on_appended() override {}
  void on_given_up() override { given_up = true; }
  bool given_up = false;
};

TEST_CASE("a ticket finds its request until that ends, also when its place is taken again") {
  NoListener listener;
  AppendCalls calls(listener);
  Call first;
  calls.add(first);
  const replica::TicketId of_first = first.ticket(3);
  CHECK(calls.find(of_first) == &first);
  CHECK(part_of(of_first) == 3);
  calls.remove(first);
  CHECK(calls.find(of_first) == nullptr);
  Call second;
  calls.add(second);
  CHECK(calls.find(of_first) == nullptr);
  CHECK(calls.find(second.ticket(0)) == &second);
}

TEST_CASE("a request that is given up leaves its place") {
  NoListener listener;
  AppendCalls calls(listener);
  auto call = std::make_unique<Call>();
  calls.add(*call);
  const replica::TicketId ticket = call->ticket(0);
  call.reset();
  CHECK(calls.find(ticket) == nullptr);
}

TEST_CASE("requests under way are told when the partitions go") {
  NoListener listener;
  Call call;
  {
    AppendCalls calls(listener);
    calls.add(call);
  }
  CHECK(call.given_up);
}

}  // namespace
}  // namespace highwater::engine
