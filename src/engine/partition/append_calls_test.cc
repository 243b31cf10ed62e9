#include "engine/partition/append_calls.h"

#include <doctest/doctest.h>

#include <memory>

namespace highwater::engine {
namespace {

class NoListener final : public AppendListener {
 public:
  void on_append_expired(AppendCall&) override {}
};

class Request final : public AppendWaiter {
 public:
  void on_appended() override {}
  void on_given_up() override { given_up = true; }
  AppendCall call{*this};
  bool given_up = false;
};

TEST_CASE("a ticket finds its request until that ends, also when its slot is taken again") {
  NoListener listener;
  AppendCalls calls(listener);
  Request first;
  calls.add(first.call);
  const replica::TicketId of_first = first.call.ticket(3);
  CHECK(calls.find(of_first) == &first.call);
  CHECK(part_of(of_first) == 3);
  calls.remove(first.call);
  CHECK(calls.find(of_first) == nullptr);
  Request second;
  calls.add(second.call);
  CHECK(calls.find(of_first) == nullptr);
  CHECK(calls.find(second.call.ticket(0)) == &second.call);
}

TEST_CASE("a request that is given up leaves its slot") {
  NoListener listener;
  AppendCalls calls(listener);
  auto request = std::make_unique<Request>();
  calls.add(request->call);
  const replica::TicketId ticket = request->call.ticket(0);
  request.reset();
  CHECK(calls.find(ticket) == nullptr);
}

TEST_CASE("requests under way are told when the partitions go") {
  NoListener listener;
  Request request;
  {
    AppendCalls calls(listener);
    calls.add(request.call);
  }
  CHECK(request.given_up);
}

}  // namespace
}  // namespace highwater::engine
