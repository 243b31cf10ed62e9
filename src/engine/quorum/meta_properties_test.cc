#include "engine/quorum/meta_properties.h"

#include <doctest/doctest.h>

namespace highwater::engine {

namespace {

LogDirectory formatted(std::string path, std::string_view text) {
  LogDirectory directory;
  directory.path = std::move(path);
  directory.state = DirectoryState::formatted;
  auto parsed = parse_meta_properties(text);
  REQUIRE(parsed.has_value());
  directory.properties = *parsed;
  return directory;
}

constexpr std::string_view plain =
    "#\n#Sat Nov 21 13:16:18 UTC 2026\nnode.id=1\ndirectory.id=3tudIK30S5-qnFgcf5rNig\nversion=1\n"
    "cluster.id=AAAAAAAAAAAAAAAAAAAABQ\n";

}  // namespace

TEST_CASE("meta.properties as Java writes it is read in any order, and unknown keys are kept") {
  const auto read = parse_meta_properties(std::string(plain) + "some.key : a\\=b \\\\ c\n");
  REQUIRE(read.has_value());
  CHECK(read->version == 1);
  CHECK(read->node_id == 1);
  CHECK(read->cluster_id == "AAAAAAAAAAAAAAAAAAAABQ");
  CHECK(read->directory_id->to_text() == "3tudIK30S5-qnFgcf5rNig");
  CHECK(read->others.at("some.key") == "a=b \\ c");
  CHECK(*parse_meta_properties(print_meta_properties(*read)) == *read);
}

TEST_CASE("unknown keys of meta.properties keep their blanks when they are written again") {
  const auto read = parse_meta_properties("version=1\ncluster.id=c\nnode.id=1\nan\\ odd\\\tkey=\\ with blanks \\\r\n");
  REQUIRE(read.has_value());
  REQUIRE(read->others.size() == 1);
  CHECK(parse_meta_properties(print_meta_properties(*read)) == *read);
}

TEST_CASE("meta.properties of version 0 calls the node a broker and may lack everything else") {
  const auto read = parse_meta_properties("broker.id=7\n");
  REQUIRE(read.has_value());
  CHECK(read->version == 0);
  CHECK(read->node_id == 7);
  CHECK(!read->cluster_id.has_value());
}

TEST_CASE("a meta.properties that says too little or nonsense is refused with the reason") {
  CHECK(parse_meta_properties("").error().text == "it is empty");
  CHECK(parse_meta_properties("version=2\n").error().text == "it has version 2, not 0 or 1");
  CHECK(parse_meta_properties("version=1\nnode.id=1\n").error().text == "cluster.id is missing");
  CHECK(parse_meta_properties("version=1\ncluster.id=x\n").error().text == "node.id is missing");
  CHECK(parse_meta_properties("version=1\ncluster.id=x\nnode.id=one\n").error().text == "its node id is no number");
  CHECK(!parse_meta_properties("version=1\ncluster.id=x\nnode.id=1\ndirectory.id=short\n").has_value());
  CHECK(!parse_meta_properties(std::string(100, '\0')).has_value());
}

TEST_CASE("directories that do not belong together keep the node from starting, and the file is named") {
  const auto one = formatted("/a", plain);
  CHECK(check_identity({one}, 1)->cluster_id == "AAAAAAAAAAAAAAAAAAAABQ");
  CHECK(
      check_identity({one}, 2).error().text.starts_with("Stored node id 1 doesn't match previous node id 2 in "
                                                        "/a/meta.properties."));
  const auto other_cluster = formatted("/b", "version=1\ncluster.id=other\nnode.id=1\n");
  CHECK(check_identity({one, other_cluster}, 1).error().text.starts_with("Invalid cluster.id in: /b/meta.properties."));
  const auto copy = formatted("/c", plain);
  CHECK(check_identity({one, copy}, 1).error().text.starts_with("/c/meta.properties has the same directory.id"));
  LogDirectory empty;
  empty.path = "/d";
  CHECK(check_identity({one, empty}, 1).error().text.starts_with("/d/meta.properties is missing"));
}

TEST_CASE("a directory of a broker in ZooKeeper mode is refused, one that Kafka migrated is not") {
  LogDirectory old = formatted("/z", "broker.id=1\nversion=0\ncluster.id=AAAAAAAAAAAAAAAAAAAABQ\n");
  CHECK(check_identity({old}, 1).error().text.find("is the directory of a broker in ZooKeeper mode") !=
        std::string::npos);
  old.holds_metadata_log = true;
  CHECK(check_identity({old}, 1)->cluster_id == "AAAAAAAAAAAAAAAAAAAABQ");
}

}  // namespace highwater::engine
