// Which directories are shown as cordoned.
#include "server/handlers/cordoned.h"

#include <doctest/doctest.h>

#include <memory>

#include "machines/metadata/delta.h"
#include "machines/metadata/records.h"

namespace highwater::server {
namespace {

using namespace messages;

metadata::ImageHandle image(std::int16_t metadata_version, std::string_view cordoned_by_one) {
  metadata::MetadataDelta delta(std::make_shared<const metadata::MetadataImage>());
  FeatureLevelRecord level;
  level.name = "metadata.version";
  level.feature_level = metadata_version;
  REQUIRE(delta.apply({level, 0}).has_value());
  if (!cordoned_by_one.empty()) {
    ConfigRecord record;
    record.resource_type = 4;
    record.resource_name = "1";
    record.name = "cordoned.log.dirs";
    record.value = cordoned_by_one;
    REQUIRE(delta.apply({record, 0}).has_value());
  }
  return delta.finish({.offset = 5, .epoch = 1});
}

configs::BrokerSettings settings(std::string_view cordoned) {
  configs::BrokerSettings made;
  made.node_id = 1;
  if (!cordoned.empty()) made.text["cordoned.log.dirs"] = cordoned;
  return made;
}

}  // namespace

TEST_CASE("directories are cordoned by the file, and by what was set since, which hides the file") {
  const auto plain = image(30, "");
  CHECK_FALSE(CordonedDirectories(settings(""), *plain).contains("/a"));
  CHECK(CordonedDirectories(settings("*"), *plain).contains("/a"));
  const CordonedDirectories listed(settings("/a,/b"), *plain);
  CHECK(listed.contains("/b"));
  CHECK_FALSE(listed.contains("/c"));
  const auto changed = image(30, "/c");
  const CordonedDirectories running(settings("/a"), *changed);
  CHECK(running.contains("/c"));
  CHECK_FALSE(running.contains("/a"));
}

TEST_CASE("below the metadata version that knows of it no directory is cordoned") {
  const auto old = image(29, "*");
  CHECK_FALSE(CordonedDirectories(settings("*"), *old).contains("/a"));
}

}  // namespace highwater::server
