// The checker is checked: each anomaly that it is there for, made by hand.
#include "checkers/registers.h"

#include <doctest/doctest.h>

namespace highwater::sim {
namespace {

using client::Certainty;

Instant at(std::int64_t second) { return Instant{} + Duration::from_seconds(second); }

struct Story {
  Registers registers;

  void write(const std::string& value, Certainty certainty, std::int64_t begin) {
    const auto ticket = registers.begin_write("k", value, at(begin));
    CHECK_FALSE(registers.end_write(ticket, certainty, at(begin + 1)).has_value());
  }
  bool reads(const std::string& value, std::int64_t begin) {
    return !registers.read("k", value, at(begin), at(begin + 1)).has_value();
  }
};

}  // namespace

TEST_CASE("an acknowledged write is what every later read sees") {
  Story story;
  CHECK(story.reads(Registers::absent, 1));
  story.write("a", Certainty::written, 10);
  CHECK(story.reads("a", 12));
  CHECK_FALSE(story.reads(Registers::absent, 14));
  CHECK_FALSE(story.reads("b", 16));
  story.write("b", Certainty::written, 20);
  CHECK_FALSE(story.reads("a", 22));
  CHECK(story.reads("b", 24));
}

TEST_CASE("a read beside a write may see both sides of it, and then only the newer one") {
  Story story;
  story.write("a", Certainty::written, 10);
  const auto ticket = story.registers.begin_write("k", "b", at(20));
  CHECK(story.reads("a", 21));
  CHECK(story.reads("b", 23));
  CHECK_FALSE(story.reads("a", 25));
  CHECK_FALSE(story.registers.end_write(ticket, Certainty::written, at(30)).has_value());
}

TEST_CASE("a write in doubt may come late, once") {
  Story story;
  story.write("a", Certainty::written, 10);
  story.write("b", Certainty::unknown, 20);
  CHECK(story.reads("a", 22));
  story.write("c", Certainty::written, 24);
  CHECK(story.reads("b", 26));
  CHECK_FALSE(story.reads("c", 28));
  CHECK_FALSE(story.reads("a", 30));
  CHECK(story.reads("b", 32));
}

TEST_CASE("a write in doubt that was seen is lost by nobody") {
  Story story;
  story.write("a", Certainty::written, 10);
  story.write("b", Certainty::unknown, 20);
  CHECK(story.reads("b", 22));
  CHECK_FALSE(story.reads("a", 24));
  CHECK_FALSE(story.reads(Registers::absent, 26));
}

TEST_CASE("a refused write is never seen") {
  Story story;
  story.write("a", Certainty::not_written, 10);
  CHECK_FALSE(story.reads("a", 12));
  CHECK(story.reads(Registers::absent, 14));
  const auto ticket = story.registers.begin_write("k", "b", at(20));
  CHECK(story.reads("b", 21));
  CHECK(story.registers.end_write(ticket, Certainty::not_written, at(23)).has_value());
}

TEST_CASE("an id is told by the answer or found by a read, and is never given again") {
  Story story;
  auto ticket = story.registers.begin_write("k", std::nullopt, at(10));
  CHECK_FALSE(story.registers.end_write(ticket, "id1", at(11)).has_value());
  CHECK(story.reads("id1", 12));
  CHECK_FALSE(story.reads("id2", 14));
  story.write(Registers::absent, Certainty::written, 20);
  CHECK_FALSE(story.reads("id1", 22));
  ticket = story.registers.begin_write("k", std::nullopt, at(30));
  CHECK_FALSE(story.registers.end_write(ticket, Certainty::unknown, at(31)).has_value());
  CHECK_FALSE(story.reads("id1", 32));
  CHECK(story.reads(Registers::absent, 34));
  CHECK(story.reads("id3", 36));
  CHECK_FALSE(story.reads(Registers::absent, 38));
  ticket = story.registers.begin_write("other", std::nullopt, at(40));
  CHECK(story.registers.end_write(ticket, "id3", at(41)).has_value());
}

TEST_CASE("absence comes back only with a write that may have made it") {
  Story story;
  story.write("a", Certainty::written, 10);
  story.write(Registers::absent, Certainty::unknown, 20);
  CHECK(story.reads("a", 22));
  CHECK(story.reads(Registers::absent, 24));
  CHECK_FALSE(story.reads("a", 26));
}

}  // namespace highwater::sim
