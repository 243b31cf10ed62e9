// The checker is checked: each anomaly that it is there for, made by hand.
#include "checkers/history.h"

#include <doctest/doctest.h>

namespace highwater::sim {
namespace {

using client::Certainty;

Scenario all_checkers() {
  Scenario scenario;
  scenario.checkers = {Checker::acked,   Checker::dense,    Checker::order,   Checker::duplicates,
                       Checker::refused, Checker::metadata, Checker::answered};
  return scenario;
}

const Place place{"t", 1};

struct Story {
  Scenario scenario = all_checkers();
  History history{"node", scenario};
  std::uint32_t writer = history.add_writer({.idempotent = true, .ordered = true});

  ValueId write(Certainty certainty, Offset offset) {
    const ValueId id = history.next_value(writer);
    history.sent(id, place);
    history.reported(id, {.certainty = certainty, .offset = offset});
    return id;
  }
  std::size_t found() const { return history.violations().size(); }
};

}  // namespace

TEST_CASE("a value is recognised only whole and only in its place") {
  const std::string value = make_value({3, 7}, place, 100);
  ValueId id;
  CHECK(value.size() == 100);
  CHECK(recognise_value(value, place, id));
  CHECK(id == ValueId{3, 7});
  CHECK_FALSE(recognise_value(value, {"t", 2}, id));
  CHECK_FALSE(recognise_value(value, {"u", 1}, id));
  CHECK_FALSE(recognise_value(value.substr(1), place, id));
  std::string damaged = value;
  damaged[90] = damaged[90] == 'a' ? 'b' : 'a';
  CHECK_FALSE(recognise_value(damaged, place, id));
}

TEST_CASE("an honest history has no violation") {
  Story story;
  const ValueId first = story.write(Certainty::written, 0);
  const ValueId second = story.write(Certainty::unknown, no_offset);
  story.write(Certainty::not_written, no_offset);
  const ValueId last = story.write(Certainty::written, 2);
  Offset next = no_offset;
  for (const auto& [offset, id] : {std::pair{Offset{0}, first}, {1, second}, {2, last}}) {
    story.history.continues(place, next, offset);
    CHECK(story.history.read(place, offset, make_value(id, place, 60)));
  }
  story.history.check_final(place, {{0, first}, {1, second}, {2, last}});
  CHECK(story.found() == 0);
  CHECK(story.history.acknowledged() == 2);
}

TEST_CASE("a lost acknowledged record is found") {
  Story story;
  story.write(Certainty::written, 0);
  story.history.check_final(place, {});
  CHECK(story.found() > 0);
}

TEST_CASE("a record that is acknowledged without an offset must be there all the same") {
  Story story;
  story.write(Certainty::written, no_offset);
  story.history.check_final(place, {});
  CHECK(story.found() > 0);
}

TEST_CASE("two values at one offset are found") {
  Story story;
  story.write(Certainty::written, 0);
  const ValueId other = story.write(Certainty::unknown, no_offset);
  CHECK_FALSE(story.history.read(place, 0, make_value(other, place, 60)));
  CHECK(story.found() > 0);
}

TEST_CASE("foreign bytes, refused records, duplicates, gaps and wrong order are found") {
  Story bytes;
  CHECK_FALSE(bytes.history.read(place, 0, "anything"));
  CHECK(bytes.found() == 1);

  Story refused;
  const ValueId no = refused.write(Certainty::not_written, no_offset);
  refused.history.read(place, 0, make_value(no, place, 60));
  CHECK(refused.found() == 1);

  Story twice;
  const ValueId once = twice.write(Certainty::written, 0);
  twice.history.check_final(place, {{0, once}, {1, once}});
  CHECK(twice.found() == 1);

  Story gap;
  Offset next = no_offset;
  gap.history.continues(place, next, 5);
  gap.history.continues(place, next, 7);
  CHECK(gap.found() == 1);

  Story order;
  const ValueId first = order.write(Certainty::written, 1);
  const ValueId second = order.write(Certainty::written, 0);
  order.history.check_final(place, {{0, second}, {1, first}});
  CHECK(order.found() == 1);
}

TEST_CASE("topics that vanish, come back or change their id are found") {
  Story story;
  const Uuid id = Uuid::from_halves(1, 1);
  story.history.topic_created("kept", id);
  story.history.topic_created("deleted", id);
  story.history.topic_deletion_asked("deleted");
  story.history.topic_missing("deleted");
  story.history.topic_deleted("deleted");
  story.history.topic_listed("kept", id);
  CHECK(story.found() == 0);
  story.history.topic_missing("kept");
  CHECK(story.found() == 1);
  story.history.topic_listed("deleted", id);
  CHECK(story.found() == 2);
  story.history.topic_listed("kept", Uuid::from_halves(2, 2));
  CHECK(story.found() == 3);
}

}  // namespace highwater::sim
