// A log's directory after anything happened to its files. Input: how the log was left (one byte), then damages of
// six bytes each (file, kind, position, length, value). The log is refused with a sentence and its bytes below the
// recovery point stay as they are; or it opens, reaches the recovery point, holds every batch from before the first
// damage, can be read offset by offset, takes another batch, and is the same after the next start.
#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "engine/storage/log_store.h"
#include "foundation/base/check.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "io/sim/world.h"
#include "protocol/records/batch_builder.h"
#include "protocol/records/batch_scan.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using namespace engine;
using io::sim::Machine;
using io::sim::Process;
using io::sim::Program;
using io::sim::World;

constexpr Offset batches = 20;
constexpr std::size_t damage_size = 6;
constexpr std::size_t damages_max = 16;

class Listener : public StoreListener {
 public:
  void on_progress() override {}
  void on_rolled_back(Offset) override {}
  void on_ready() override {}
  void on_fenced(const std::string&) override {}
};

configs::TopicSettings settings() {
  configs::TopicSettings made;
  made.segment_bytes = 2000;
  made.index_interval_bytes = 500;
  return made;
}

struct Store : Program {
  explicit Store(Process& process)
      : shared(process.reactor(0).files(), 16, 1 << 20, 1 << 20),
        log({process.reactor(0), shared, counters, Logger(silent_log_sink(), "fuzz")}, "/log", settings(), listener),
        tasks(process.reactor(0).ready()) {}

  void append() {
    const std::string value(300, static_cast<char>('a' + log.end() % 26));
    records::BatchOptions options{.base_offset = log.end(), .leader_epoch = static_cast<Epoch>(log.end() / 5)};
    if (log.end() % 3 == 0) {
      options.producer_id = 7;
      options.producer_epoch = 0;
      options.base_sequence = static_cast<std::int32_t>(log.end() / 3);
    }
    const auto batch = records::single_record_batch(
        options, {.timestamp = 1000 + log.end(), .value = records::Nullable::of(as_bytes(value))});
    records::BatchScanner scanner(batch);
    log.append(batch, log::facts_of(*scanner.next()));
  }

  StoreShared shared;
  StoreCounters counters;
  Listener listener;
  LogStore log;
  bool opened = false;
  std::string refusal;
  OpenPlan plan;
  std::string bytes;  // all that was read
  io::TaskGroup tasks;
};

using Script = io::Task<void> (*)(Store&);
using Files = std::map<std::string, std::string>;

// A machine of its own for each life, so that nothing but the files goes from one to the next.
struct Life {
  explicit Life(const Files& files) : world(1), machine(world.add_machine({.name = "m"})) {
    HW_CHECK(machine.disk().make_directories("/log").has_value());
    for (const auto& [path, content] : files) {
      auto inode = machine.disk().open(path, io::OpenMode::create);
      HW_CHECK(inode.has_value());
      HW_CHECK(machine.disk().write(**inode, 0, {Slice::copy_of(as_bytes(content))}).has_value());
    }
  }

  Store& run(Script script, const OpenPlan& plan) {
    Process& process = machine.start({}, [&](Process& started) -> std::unique_ptr<Program> {
      auto made = std::make_unique<Store>(started);
      made->plan = plan;
      made->tasks.spawn(script(*made));
      return made;
    });
    world.run_for(Duration::from_seconds(30));
    auto& store = *static_cast<Store*>(process.program());
    HW_CHECK(store.tasks.size() == 0);
    return store;
  }

  Files files() {
    Files found;
    const auto listed = machine.disk().list("/log");
    HW_CHECK(listed.has_value());
    for (const io::DirectoryEntry& entry : *listed) {
      const std::string path = "/log/" + entry.name;
      if (auto content = machine.disk().content(path)) found[path] = std::move(*content);
    }
    return found;
  }

  World world;
  Machine& machine;
};

io::Task<void> write_twenty(Store& store) {
  auto opened = co_await store.log.open(store.plan);
  HW_CHECK(opened.has_value());
  for (Offset at = 0; at < batches; ++at) store.append();
  auto flushed = co_await store.log.flush();
  HW_CHECK(flushed.has_value());
}

io::Task<void> write_and_close(Store& store) {
  co_await write_twenty(store);
  auto closed = co_await store.log.close();
  HW_CHECK(closed.has_value());
}

io::Task<void> read_all(Store& store) {
  store.bytes.clear();
  for (Offset at = store.log.start(); at < store.log.end();) {
    ReadLimits limits;
    limits.from = at;
    limits.upper = store.log.end();
    limits.max_bytes = 4096;
    limits.first = ReadLimits::FirstBatch::whole;
    auto read = co_await store.log.read(limits);
    if (!read) co_return;  // damage that opening did not look at is found by reading
    // Below the recovery point files are believed: a reader may find nothing where something was.
    if (read->next_offset <= at && at < store.plan.recovery_point) co_return;
    HW_CHECK(read->next_offset > at);
    for (const Slice& slice : read->slices) store.bytes += as_text(slice.view());
    at = read->next_offset;
  }
}

io::Task<void> open_and_use(Store& store) {
  auto opened = co_await store.log.open(store.plan);
  store.opened = opened.has_value();
  if (!opened) {
    store.refusal = opened.error().text;
    co_return;
  }
  HW_CHECK(store.log.end() >= store.plan.recovery_point);
  co_await read_all(store);
  auto by_time = co_await store.log.find_by_time(1005, store.log.end());
  static_cast<void>(by_time);
  auto largest = co_await store.log.find_largest_time();
  static_cast<void>(largest);
  static_cast<void>(store.log.aborted_between(store.log.start(), store.log.end()));
  if (!store.log.ready()) co_return;
  store.append();
  auto flushed = co_await store.log.flush();
  HW_CHECK(flushed.has_value());
  co_await read_all(store);
  auto closed = co_await store.log.close();
  HW_CHECK(closed.has_value());
}

io::Task<void> open_and_read(Store& store) {
  auto opened = co_await store.log.open(store.plan);
  store.opened = opened.has_value();
  if (opened) co_await read_all(store);
}

const Files& left_by(bool cleanly) {
  static const auto made = [] {
    std::array<Files, 2> both;
    for (const bool closed : {false, true}) {
      Life life({});
      life.run(closed ? write_and_close : write_twenty, {});
      both[closed ? 1 : 0] = life.files();
    }
    return both;
  }();
  return made[cleanly ? 1 : 0];
}

Offset base_of(const std::string& path) { return std::stoll(path.substr(path.find_last_of('/') + 1, 20)); }
bool is_segment(const std::string& path) { return path.ends_with(".log"); }

// The first offset that a damage at this place of a segment can touch.
Offset touched(const Files& files, const std::string& path, std::size_t position) {
  Offset offset = base_of(path);
  records::for_each_batch(as_bytes(files.at(path)), [&](const records::RawBatch& batch) {
    if (batch.position + batch.bytes.size() <= position) offset = batch.view().last_offset() + 1;
  });
  return offset;
}

// Does one damage; gives the first offset that it may have touched.
Offset damage(Files& files, const Files& before, ByteView how) {
  if (files.empty()) return batches;
  auto file = std::next(files.begin(), how[0] % static_cast<std::ptrdiff_t>(files.size()));
  const std::string path = file->first;
  std::string& content = file->second;
  const std::size_t position = content.empty() ? 0 : (std::size_t{how[2]} << 8 | how[3]) % content.size();
  const std::size_t length = std::min<std::size_t>(how[4] + 1u, content.size() - position);
  Offset first = batches;
  if (is_segment(path) && before.contains(path)) first = touched(before, path, position);
  // An index carries no checksum and is believed below the recovery point, as Kafka believes it.
  if (path.ends_with("index")) first = base_of(path);
  switch (how[1] % 7) {
    case 0:
      if (!content.empty()) content[position] = static_cast<char>(content[position] ^ (1 << how[5] % 8));
      break;
    case 1:
      content.resize(position);
      break;
    case 2:
      content.replace(position, length, std::string(length, static_cast<char>(how[5])));
      break;
    case 3:
      content += std::string(how[4], static_cast<char>(how[5]));
      if (is_segment(path))
        first = std::max(first, touched(before, path, before.contains(path) ? before.at(path).size() : 0));
      break;
    case 4:
      content.insert(position, content.substr(position, length));
      break;
    case 5: {
      const char* endings[] = {".deleted", ".cleaned", ".swap", ".tmp"};
      if (is_segment(path)) first = base_of(path);
      files[path + endings[how[5] % 4]] = content;
      if (how[4] % 2 == 0) files.erase(path);
      break;
    }
    default:
      if (is_segment(path)) first = base_of(path);
      files.erase(file);
  }
  return first;
}

// The bytes of all whole batches below `end`.
std::string prefix(const Files& files, Offset end) {
  std::string all;
  for (const auto& [path, content] : files) {
    if (!is_segment(path)) continue;
    records::for_each_batch(as_bytes(content), [&](const records::RawBatch& batch) {
      if (batch.view().base_offset() < end) all += as_text(batch.bytes);
    });
  }
  return all;
}

}  // namespace

void run(ByteView input) {
  if (input.size() < 1 + damage_size) return;
  const bool cleanly = (input[0] & 1) != 0;
  const Files& before = left_by(cleanly);
  const OpenPlan plan{.was_closed_cleanly = cleanly,
                      .recovery_point = cleanly ? batches : Offset{(input[0] >> 1) % (batches + 1)}};
  Files files = before;
  Offset sound = batches;
  for (std::size_t at = 1, left = damages_max; left > 0 && at + damage_size <= input.size();
       at += damage_size, --left) {
    sound = std::min(sound, damage(files, before, input.subspan(at, damage_size)));
  }

  Life life(files);
  const Store& store = life.run(open_and_use, plan);
  if (!store.opened) {
    HW_CHECK(!store.refusal.empty());
    const Files after = life.files();
    for (const auto& [path, content] : files) {
      // The rewritten segment takes the place of the old one, as Kafka's does.
      const bool rewritten = files.contains(path + ".swap");
      if (is_segment(path) && base_of(path) < plan.recovery_point && after.contains(path) && !rewritten)
        HW_CHECK(after.at(path) == content);
    }
    return;
  }
  const std::string expected = prefix(before, sound);
  // A clean stop is believed: damage is found when somebody reads. Else nothing from before the damage may be missing.
  if (!cleanly) HW_CHECK(store.bytes.starts_with(expected));
  Life next(life.files());
  const OpenPlan next_plan{.was_closed_cleanly = true, .recovery_point = store.log.end()};
  const Store& again = next.run(open_and_read, next_plan);
  if (!cleanly) HW_CHECK(again.opened && again.bytes == store.bytes);
}

// Found by fuzzing.
const std::vector<Input> found{
    // A base offset so changed that the batch goes on behind its segment.
    {100, 5,  29, 29, 31, 29, 31, 29, 29, 48, 48,  48,  48,  48,  48,  48, 48, 48,  48, 48,
     48,  48, 48, 48, 48, 48, 48, 48, 53, 46, 105, 110, 100, 101, 120, 29, 47, 254, 0},
    // A rewritten segment in place of the old one, in a log that is then refused.
    {39, 12,  233, 233, 233, 233, 215, 112, 12, 233, 47, 108, 111, 103, 47, 48, 100, 3,  66, 0,
     48, 100, 3,   66,  0,   0,   0,   0,   48, 48,  48, 48,  48,  48,  0,  48, 48,  48, 48},
};

std::vector<Input> seeds() {
  std::vector<Input> all = found;
  for (unsigned left = 0; left < 42; left += 13) {
    for (unsigned kind = 0; kind < 7; ++kind) {
      for (unsigned file = 0; file < 14; file += 4) {
        Input input;
        for (const unsigned byte : {left, file, kind, 3u, 100u + file, 40u, 3u})
          input.push_back(static_cast<std::uint8_t>(byte));
        all.push_back(std::move(input));
      }
    }
  }
  return all;
}

}  // namespace highwater::fuzz
