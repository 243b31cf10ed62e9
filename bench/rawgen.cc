// rawgen: loads a Kafka server over plain sockets and prints one line of JSON. It costs so little itself that the
// server is what is measured. Every answer is checked, and after producing the topic's end offset is.
//   rawgen produce port=9092 topic=t partitions=1 bytes=65536 window=16 connections=1 seconds=10 acks=-1
//   rawgen delete  port=9092 topic=t
//   rawgen fetch   port=9092 topic=t bytes=1048576 window=2 connections=1 seconds=10   (a topic of one `produce` run)
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <ctime>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "wire.h"
#include "words.h"

namespace bench {
namespace {

constexpr int topic_already_exists = 36;

struct Options {
  int port = 9092;
  std::string topic = "rawgen";
  int partitions = 1;
  std::size_t bytes = 65'536;
  std::size_t batch = 65'536;  // fetch: of what size the topic's batches are
  int window = 16;
  int connections = 1;
  double seconds = 10;
  int acks = -1;
};

std::int64_t now_ns() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// How often each latency came, to within 3 %. It never grows: a list of all of them would stop the client for as long
// as the kernel takes to find it new memory, and the server would wait with it.
class Latencies {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
    const int shift = std::max(static_cast<int>(std::bit_width(value)) - fine_bits - 1, 0);
    ++counts_[(static_cast<std::size_t>(shift) << fine_bits) + (value >> shift)];
    ++total_;
  }
  double percentile_us(double part) const {
    std::uint64_t left = static_cast<std::uint64_t>(part * static_cast<double>(total_));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] > left) return static_cast<double>(lowest(i)) / 1e3;
      left -= counts_[i];
    }
    return 0.0;
  }

 private:
  static constexpr int fine_bits = 5;
  static constexpr std::size_t fine = std::size_t{1} << fine_bits;

  static std::uint64_t lowest(std::size_t index) {
    if (index < 2 * fine) return index;
    const std::size_t shift = index / fine - 1;
    return (index - shift * fine) << shift;
  }

  std::array<std::uint64_t, (64 - fine_bits + 1) * fine> counts_{};
  std::uint64_t total_ = 0;
};

struct Totals {
  std::int64_t requests = 0;
  std::int64_t bytes = 0;
  Latencies latencies;
  double seconds = 0;

  void add(std::int64_t latency, std::size_t answered_bytes) {
    ++requests;
    bytes += static_cast<std::int64_t>(answered_bytes);
    latencies.add(latency);
  }
};

void print(const char* mode, const Totals& totals) {
  std::printf(
      "{\"mode\":\"%s\",\"seconds\":%.3f,\"requests\":%lld,\"bytes\":%lld,\"mb_per_s\":%.1f,\"requests_per_s\":%.0f,"
      "\"p50_us\":%.1f,\"p99_us\":%.1f,\"client_cpu_s\":%.2f}\n",
      mode, totals.seconds, static_cast<long long>(totals.requests), static_cast<long long>(totals.bytes),
      static_cast<double>(totals.bytes) / 1e6 / totals.seconds, static_cast<double>(totals.requests) / totals.seconds,
      totals.latencies.percentile_us(0.5), totals.latencies.percentile_us(0.99), own_cpu_seconds());
}

// The end offset, as soon as the partition has a leader that tells it.
std::int64_t wait_for_end_offset(Connection& control, const Target& target) {
  const std::int64_t deadline = now_ns() + 30'000'000'000;
  for (;;) {
    const EndOffset end = end_offset(control.ask(end_offset_request(target)));
    if (end.error == 0) return end.offset;
    if (now_ns() > deadline) fail("partition has no leader: error code " + std::to_string(end.error));
    ::poll(nullptr, 0, 10);
  }
}

// Connections with requests under way; each turn takes what has come and fills the windows again.
class Load {
 public:
  // `next` makes the request of a lane; `check` looks at its answer and returns how many bytes count.
  virtual std::string_view next(std::size_t lane) = 0;
  virtual std::size_t check(std::size_t lane, std::string_view answer) = 0;

  Totals run(const Options& options);

 protected:
  ~Load() = default;

 private:
  struct Lane {
    std::unique_ptr<Connection> connection;
    std::deque<std::int64_t> sent_at;
  };
  void fill(const Options& options, std::size_t lane);
  void take(std::size_t lane, Totals& totals);

  std::vector<Lane> lanes_;
  std::string outgoing_;
};

void Load::fill(const Options& options, std::size_t lane) {
  Lane& one = lanes_[lane];
  outgoing_.clear();
  const std::int64_t now = now_ns();
  while (one.sent_at.size() < static_cast<std::size_t>(options.window)) {
    outgoing_ += next(lane);
    one.sent_at.push_back(now);
    if (outgoing_.size() < 262'144) continue;
    one.connection->send(outgoing_);
    outgoing_.clear();
  }
  one.connection->send(outgoing_);
}

void Load::take(std::size_t lane, Totals& totals) {
  Lane& one = lanes_[lane];
  const std::int64_t now = now_ns();
  std::string_view answer;
  while (one.connection->next_answer(answer)) {
    const std::size_t counted = check(lane, answer);
    totals.add(now - one.sent_at.front(), counted);
    one.sent_at.pop_front();
  }
}

Totals Load::run(const Options& options) {
  for (int i = 0; i < options.connections; ++i) lanes_.push_back({std::make_unique<Connection>(options.port), {}});
  std::vector<pollfd> polls;
  for (const Lane& lane : lanes_) polls.push_back({lane.connection->fd(), POLLIN, 0});
  Totals totals;
  const std::int64_t start = now_ns();
  const auto end = start + static_cast<std::int64_t>(options.seconds * 1e9);
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) fill(options, lane);
  bool sending = true;
  for (std::size_t open = lanes_.size(); open > 0;) {
    if (lanes_.size() > 1 && ::poll(polls.data(), polls.size(), 60'000) == 0) fail("no answer for a minute");
    sending = sending && now_ns() < end;
    open = 0;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
      Lane& one = lanes_[lane];
      const auto wait = lanes_.size() == 1 ? Connection::Wait::yes : Connection::Wait::no;
      if (!one.sent_at.empty() && one.connection->receive(wait)) {
        take(lane, totals);
        if (sending) fill(options, lane);
      }
      if (!one.sent_at.empty()) ++open;
    }
  }
  totals.seconds = static_cast<double>(now_ns() - start) / 1e9;
  return totals;
}

class ProduceLoad final : public Load {
 public:
  explicit ProduceLoad(const Options& options) : batch_(build_batch(options.bytes)) {
    for (int i = 0; i < options.partitions; ++i) {
      requests_.push_back(produce_request({options.topic, i}, options.acks, batch_.bytes));
    }
  }
  std::string_view next(std::size_t) override { return requests_[turn_++ % requests_.size()]; }
  std::size_t check(std::size_t, std::string_view answer) override {
    if (const int error = produce_error(answer); error != 0) {
      fail("a Produce was refused: error code " + std::to_string(error));
    }
    return batch_.bytes.size();
  }
  const Batch& batch() const { return batch_; }

 private:
  Batch batch_;
  std::vector<std::string> requests_;
  std::size_t turn_ = 0;
};

// Nothing answers acks=0: what was sent counts, and is checked by the end offset.
Totals run_unanswered(ProduceLoad& load, const Options& options) {
  Connection connection(options.port);
  Totals totals;
  const std::int64_t start = now_ns();
  const auto end = start + static_cast<std::int64_t>(options.seconds * 1e9);
  while (now_ns() < end) {
    connection.send(load.next(0));
    totals.add(0, load.batch().bytes.size());
  }
  // The connection must be read to its end before it is closed: an answered request behind them all says that it was.
  connection.ask(end_offset_request({options.topic, 0}));
  totals.seconds = static_cast<double>(now_ns() - start) / 1e9;
  return totals;
}

int produce(const Options& options) {
  Connection control(options.port);
  const int error = topic_error(control.ask(create_topic_request(options.topic, options.partitions)));
  if (error != 0 && error != topic_already_exists)
    fail("CreateTopics was refused: error code " + std::to_string(error));
  const auto count = [&] {
    std::int64_t sum = 0;
    for (int i = 0; i < options.partitions; ++i) sum += wait_for_end_offset(control, {options.topic, i});
    return sum;
  };
  const std::int64_t before = count();
  ProduceLoad load(options);
  const Totals totals = options.acks == 0 ? run_unanswered(load, options) : load.run(options);
  const std::int64_t stored = count() - before;
  const std::int64_t sent = totals.requests * load.batch().records;
  if (stored != sent) fail("the topic holds " + std::to_string(stored) + " records of " + std::to_string(sent));
  print("produce", totals);
  return 0;
}

// Goes through the topic in steps of what one answer holds, from its start again when it comes to the end.
class FetchLoad final : public Load {
 public:
  FetchLoad(const Options& options, std::int64_t end) : options_(options), end_(end) {
    const Batch batch = build_batch(options.batch);
    const auto batches = std::max<std::size_t>(1, options.bytes / batch.bytes.size());
    step_ = static_cast<std::int64_t>(batches) * batch.records;
    least_ = batch.bytes.size();  // an answer may end where a segment ends
    if (end < step_) fail("the topic holds less than one answer: produce first");
    asked_.resize(static_cast<std::size_t>(options.connections));
  }
  std::string_view next(std::size_t lane) override {
    if (offset_ + step_ > end_) offset_ = 0;
    asked_[lane].push_back(offset_);
    request_ = fetch_request({options_.topic, 0}, offset_, static_cast<std::int32_t>(options_.bytes));
    offset_ += step_;
    return request_;
  }
  std::size_t check(std::size_t lane, std::string_view answer) override {
    const std::int64_t expected = asked_[lane].front();
    asked_[lane].pop_front();
    const Fetched got = fetched(answer);
    if (got.error != 0) fail("a Fetch was refused: error code " + std::to_string(got.error));
    if (got.records.size() < least_) fail("a Fetch answered " + std::to_string(got.records.size()) + " bytes");
    if (Reader(got.records).i64() != expected) fail("a Fetch answered from another offset than asked for");
    return got.records.size();
  }

 private:
  Options options_;
  std::int64_t end_;
  std::int64_t step_;
  std::size_t least_;
  std::int64_t offset_ = 0;
  std::string request_;
  std::vector<std::deque<std::int64_t>> asked_;
};

int fetch(const Options& options) {
  Connection control(options.port);
  FetchLoad load(options, wait_for_end_offset(control, {options.topic, 0}));
  const Totals totals = load.run(options);
  print("fetch", totals);
  return 0;
}

int delete_topic(const Options& options) {
  Connection control(options.port);
  const int error = topic_error(control.ask(delete_topic_request(options.topic)));
  if (error != 0) fail("DeleteTopics was refused: error code " + std::to_string(error));
  return 0;
}

Options parse(int count, char** words) {
  Options options;
  parse_words(count, words,
              {{"port", &options.port},
               {"topic", &options.topic},
               {"partitions", &options.partitions},
               {"bytes", &options.bytes},
               {"batch", &options.batch},
               {"window", &options.window},
               {"connections", &options.connections},
               {"seconds", &options.seconds},
               {"acks", &options.acks}});
  return options;
}

}  // namespace
}  // namespace bench

int main(int count, char** words) {
  const std::string mode = count > 1 ? words[1] : "";
  const bench::Options options = bench::parse(count, words);
  if (mode == "produce") return bench::produce(options);
  if (mode == "fetch") return bench::fetch(options);
  if (mode == "delete") return bench::delete_topic(options);
  bench::fail("the first word is `produce`, `fetch` or `delete`");
}
