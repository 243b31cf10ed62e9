#include "io/sim/disk.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"

namespace highwater::io::sim {
namespace {

class Coroutines : public Program {
 public:
  explicit Coroutines(Process& process) : group(process.reactor(0).ready()) {}
  TaskGroup group;
};

Slice text_slice(std::string_view text) { return Slice::copy_of(as_bytes(text)); }

// What one program did to a disk, seen after the machine lost its power at some moment.
Task<void> append_and_sync(SimReactor& reactor, int& synced) {
  (void)co_await reactor.files().make_directories("/data");
  (void)co_await reactor.files().sync_directory("/");
  auto file = co_await reactor.files().open("/data/log", OpenMode::create);
  (void)co_await reactor.files().sync_directory("/data");
  for (int i = 0; i < 8; ++i) {
    std::vector<Slice> slices;
    slices.push_back(text_slice(std::string(3000, static_cast<char>('a' + i))));
    (void)co_await (*file)->write(static_cast<std::uint64_t>(i) * 3000, std::move(slices));
    if (i % 2 == 0) continue;
    const IoStatus status = co_await (*file)->sync(SyncKind::data);
    if (status.has_value()) synced = i + 1;
  }
}

Machine::Factory appender(int& synced) {
  return [&synced](Process& process) -> std::unique_ptr<Program> {
    auto program = std::make_unique<Coroutines>(process);
    program->group.spawn(append_and_sync(process.reactor(0), synced));
    return program;
  };
}

std::string written(int blocks) {
  std::string text;
  for (int i = 0; i < blocks; ++i) text += std::string(3000, static_cast<char>('a' + i));
  return text;
}

}  // namespace

TEST_CASE("what a sync covered survives a power cut, the rest is lost or torn") {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    int synced = 0;
    machine.start({}, appender(synced));
    world.run_for(Duration::from_us(static_cast<std::int64_t>(seed) * 40));
    machine.power_cut();
    machine.boot();
    const std::string content = machine.disk().content("/data/log").value_or("");
    const std::string safe = written(synced);
    REQUIRE(content.substr(0, safe.size()) == safe);
    outcomes.insert(content.substr(safe.size()));
  }
  CHECK(outcomes.size() > 10);
}

TEST_CASE("a killed process leaves all that it wrote, and a part of what it was writing") {
  for (std::uint64_t resumptions = 1; resumptions < 20; ++resumptions) {
    World world(resumptions);
    Machine& machine = world.add_machine({.name = "m"});
    int synced = 0;
    Process& process = machine.start({}, appender(synced));
    process.kill_after_resumptions(resumptions);
    world.run_for(Duration::from_seconds(1));
    const std::string content = machine.disk().content("/data/log").value_or("");
    CHECK(content.size() >= static_cast<std::size_t>(synced) * 3000);
    CHECK(content == written(8).substr(0, content.size()));
    CHECK(machine.processes().size() == (resumptions < 18 ? 0 : 1));
    int again = 0;
    machine.start({}, appender(again));
    world.run_for(Duration::from_seconds(1));
    CHECK(again == 8);
  }
}

TEST_CASE("names that no folder sync covered may be lost in a power cut, in order") {
  std::set<int> outcomes;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    Disk& disk = machine.disk();
    REQUIRE(disk.make_directories("/a").has_value());
    REQUIRE(disk.open("/a/kept", OpenMode::create).has_value());
    REQUIRE(disk.sync_directory("/").has_value());
    REQUIRE(disk.sync_directory("/a").has_value());
    REQUIRE(disk.open("/a/one", OpenMode::create).has_value());
    REQUIRE(disk.rename("/a/one", "/a/two").has_value());
    REQUIRE(disk.remove("/a/kept").has_value());
    machine.power_cut();
    machine.boot();
    const bool kept = disk.content("/a/kept").has_value();
    const bool one = disk.content("/a/one").has_value();
    const bool two = disk.content("/a/two").has_value();
    CHECK_FALSE((one && two));
    CHECK((kept || two));
    outcomes.insert(kept * 4 + one * 2 + two);
  }
  CHECK(outcomes == std::set<int>{1, 4, 5, 6});
}

TEST_CASE("a rename between folders is there or not, never both and never neither") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    Disk& disk = machine.disk();
    for (const char* path : {"/a", "/b"}) REQUIRE(disk.make_directories(path).has_value());
    REQUIRE(disk.open("/a/file", OpenMode::create).has_value());
    for (const char* path : {"/", "/a"}) REQUIRE(disk.sync_directory(path).has_value());
    REQUIRE(disk.open("/b/other", OpenMode::create).has_value());
    REQUIRE(disk.rename("/a/file", "/b/file").has_value());
    if (seed % 2 == 0) REQUIRE(disk.sync_directory("/a").has_value());
    machine.power_cut();
    machine.boot();
    CHECK(disk.content("/a/file").has_value() != disk.content("/b/file").has_value());
    if (seed % 2 == 0) CHECK(disk.content("/b/file").has_value());
  }
}

namespace {

Task<void> replace_twice(SimReactor& reactor, int& replaced) {
  for (int i = 1; i <= 2; ++i) {
    const IoStatus status =
        co_await reactor.files().replace_file("/checkpoint", text_slice(std::string(5000, static_cast<char>('0' + i))));
    if (status.has_value()) replaced = i;
  }
  const IoStatus removed = co_await reactor.files().remove_tree("/tree");
  if (removed.has_value()) replaced = 3;
}

Machine::Factory replacer(int& replaced) {
  return [&replaced](Process& process) -> std::unique_ptr<Program> {
    auto program = std::make_unique<Coroutines>(process);
    program->group.spawn(replace_twice(process.reactor(0), replaced));
    return program;
  };
}

}  // namespace

namespace {

std::string numbered(int file) { return "/many/" + std::to_string(file); }

constexpr int many = 12;

Task<void> replace_many(SimReactor& reactor, int& replaced) {
  for (int i = 1; i <= 2; ++i) {
    std::vector<NewFile> files;
    for (int file = 0; file < many; ++file)
      files.push_back({numbered(file), text_slice(std::string(5000, static_cast<char>('0' + i)))});
    const IoStatus status = co_await reactor.files().replace_files(std::move(files));
    if (status.has_value()) replaced = i;
  }
}

}  // namespace

TEST_CASE("each of many files that are replaced together is the old one or the new one at a power cut") {
  int cut_between = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    REQUIRE(machine.disk().make_directories("/many").has_value());
    REQUIRE(machine.disk().sync_directory("/").has_value());
    int replaced = 0;
    machine.start({}, [&replaced](Process& process) -> std::unique_ptr<Program> {
      auto program = std::make_unique<Coroutines>(process);
      program->group.spawn(replace_many(process.reactor(0), replaced));
      return program;
    });
    world.run_for(Duration::from_us(static_cast<std::int64_t>(100 * seed)));
    machine.power_cut();
    machine.boot();
    for (int file = 0; file < many; ++file) {
      const auto content = machine.disk().content(numbered(file));
      const int found = content.has_value() ? content->front() - '0' : 0;
      CHECK(found >= replaced);
      if (content.has_value()) CHECK(*content == std::string(5000, static_cast<char>('0' + found)));
      cut_between += found > replaced ? 1 : 0;
    }
  }
  CHECK(cut_between > 0);
}

TEST_CASE("a replaced file is the old one or the new one at every moment of a power cut") {
  bool half_a_tree = false;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    Machine& machine = world.add_machine({.name = "m"});
    for (const char* path : {"/tree/x/1", "/tree/x/2", "/tree/y"}) {
      REQUIRE(machine.disk().make_directories("/tree/x").has_value());
      REQUIRE(machine.disk().open(path, OpenMode::create).has_value());
    }
    int replaced = 0;
    machine.start({}, replacer(replaced));
    world.run_for(Duration::from_us(static_cast<std::int64_t>(seed) * 10));
    half_a_tree |= machine.disk().content("/tree/y").has_value() && !machine.disk().content("/tree/x/1").has_value();
    machine.power_cut();
    machine.boot();
    const auto content = machine.disk().content("/checkpoint");
    if (replaced == 0 && !content.has_value()) continue;
    REQUIRE(content.has_value());
    CHECK(content->size() == 5000);
    CHECK(content->front() - '0' >= std::min(replaced, 2));
    CHECK(content->front() == content->back());
  }
  CHECK(half_a_tree);
}

TEST_CASE("faults of the disk are errors, and a full disk takes a part") {
  World world(9);
  Machine& machine = world.add_machine({.name = "m", .disk_capacity = 10'000});
  Disk& disk = machine.disk();
  const InodePtr file = *disk.open("/f", OpenMode::create);
  CHECK(disk.write(*file, 0, {text_slice(std::string(8000, 'x'))}).has_value());
  CHECK(disk.write(*file, 8000, {text_slice(std::string(4000, 'y'))}).error() == IoError::no_space);
  CHECK(disk.content("/f")->size() == 10'000);
  CHECK(disk.write(*file, 100, {text_slice("over old bytes")}).has_value());
  CHECK(disk.truncate(*file, 8000).has_value());
  CHECK(disk.space().usable_bytes == 2'000);
  disk.conditions().sync_error_ppm = 1'000'000;
  CHECK(disk.sync(*file, file->file.generation()).error() == IoError::media);
  disk.conditions().sync_error_ppm = 0;
  CHECK(disk.open("/none", OpenMode::read).error() == IoError::not_found);
  CHECK(disk.open("/f", OpenMode::create_new).error() == IoError::already_exists);
  CHECK(disk.list("/f").error() == IoError::not_directory);
  CHECK(disk.flip_bit("/f", 5, 0));
  CHECK((*disk.content("/f"))[5] == 'y');
}

}  // namespace highwater::io::sim
