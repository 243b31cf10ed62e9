#include "checkers/placement.h"

#include <doctest/doctest.h>

namespace highwater::sim {
namespace {

using client::LogPlace;

client::DescribedDirectory directory(std::string path, std::vector<LogPlace> places) {
  client::DescribedDirectory described{.path = std::move(path)};
  for (const LogPlace place : places) described.logs.push_back({.topic = "t", .partition = 0, .place = place});
  return described;
}

}  // namespace

TEST_CASE("a log may lie in one directory while its copy grows in another") {
  const std::vector<client::DescribedDirectory> told = {directory("/a", {LogPlace::current}),
                                                        directory("/b", {LogPlace::future})};
  CHECK_FALSE(contradiction_in(told).has_value());
  const Whereabouts where = whereabouts_in(told).at({"t", 0});
  CHECK(where.current == "/a");
  CHECK(where.future == "/b");
}

TEST_CASE("a log in two directories, and a copy beside its log or without one, are contradictions") {
  CHECK(contradiction_in({directory("/a", {LogPlace::current}), directory("/b", {LogPlace::current})}).has_value());
  CHECK(contradiction_in({directory("/a", {LogPlace::current, LogPlace::future})}).has_value());
  CHECK(contradiction_in({directory("/a", {LogPlace::future})}).has_value());
  CHECK(contradiction_in({directory("/a", {}), directory("/a", {})}).has_value());
}

TEST_CASE("a directory that fails tells of no logs") {
  client::DescribedDirectory failing = directory("/a", {LogPlace::current});
  failing.code = api::ErrorCode::kafka_storage_error;
  CHECK(contradiction_in({failing}).has_value());
  failing.logs.clear();
  CHECK_FALSE(contradiction_in({failing}).has_value());
}

}  // namespace highwater::sim
