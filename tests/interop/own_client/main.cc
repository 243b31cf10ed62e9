// Our own client on io/linux, for the interop tests: the same code that runs in the simulator, against real sockets.
//   own_client read HOST PORT TOPIC PARTITION                    the whole partition to stdout
//   own_client write HOST PORT TOPIC PARTITION CODEC ACKS|idempotent    from stdin
// Records are `key 0x1f value 0x1e`, as kcat reads and writes them with -K and -D.
#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "client/consumer.h"
#include "client/producer.h"
#include "io/linux/cores.h"
#include "protocol/records/record_reader.h"

namespace highwater {

namespace {

constexpr char after_key = '\x1f';
constexpr char after_value = '\x1e';
constexpr std::size_t waiting_max = 20'000;
constexpr int troubles_max = 50;

struct Target {
  io::Address address;
  std::string topic;
  std::int32_t partition = 0;
};

io::Task<void> read_all(io::LinuxReactor& reactor, Target target, int& status) {
  client::Cluster cluster(reactor, {.bootstrap = {target.address}});
  client::Consumer consumer(cluster, {});
  const auto end = co_await consumer.offset_for(target.topic, target.partition, client::latest_timestamp);
  if (!end.has_value()) {
    fmt::print(stderr, "the end of {} is not known\n", target.topic);
    co_return reactor.stop();
  }
  consumer.assign(target.topic, target.partition, no_offset);
  int troubles = 0;
  bool damaged = false;
  while (consumer.position(target.topic, target.partition) < *end && troubles < troubles_max && !damaged) {
    const client::PollResult result = co_await consumer.poll();
    troubles += static_cast<int>(result.troubles.size());
    for (const client::FetchedBatches& fetched : result.fetched) {
      for (const ByteView bytes : fetched.batches) {
        records::RecordReader reader{records::BatchView(bytes)};
        auto record = reader.next();
        for (; record.has_value() && record->has_value(); record = reader.next()) {
          const ByteView key = (*record)->key.bytes;
          const ByteView value = (*record)->value.bytes;
          std::fwrite(key.data(), 1, key.size(), stdout);
          std::fputc(after_key, stdout);
          std::fwrite(value.data(), 1, value.size(), stdout);
          std::fputc(after_value, stdout);
        }
        damaged = damaged || !record.has_value();
      }
    }
  }
  std::fflush(stdout);
  status = troubles < troubles_max && !damaged ? 0 : 1;
  reactor.stop();
}

bool read_record(client::Message& message) {
  std::string key;
  std::string value;
  int byte = 0;
  while ((byte = std::fgetc(stdin)) != EOF && byte != after_key) key.push_back(static_cast<char>(byte));
  while ((byte = std::fgetc(stdin)) != EOF && byte != after_value) value.push_back(static_cast<char>(byte));
  message.key = std::move(key);
  message.value = std::move(value);
  return byte == after_value;
}

io::Task<void> note(io::Future<client::DeliveryReport> future, std::map<client::Certainty, std::size_t>& outcomes) {
  const client::DeliveryReport report = co_await std::move(future);
  ++outcomes[report.certainty];
}

io::Task<void> write_all(io::LinuxReactor& reactor, Target target, client::ProducerOptions options, int& status) {
  client::Cluster cluster(reactor, {.bootstrap = {target.address}});
  client::Producer producer(cluster, options);
  io::TaskGroup reports(reactor.ready());
  std::map<client::Certainty, std::size_t> outcomes;
  client::Message message{.topic = target.topic, .partition = target.partition};
  std::size_t sent = 0;
  while (read_record(message)) {
    message.timestamp = reactor.wall_now().ms;
    reports.spawn(note(producer.send(message), outcomes));
    ++sent;
    if (producer.queued() >= waiting_max) co_await producer.drained();
  }
  co_await producer.drained();
  co_await reports.drained();
  const client::Certainty wanted = options.acks == 0 ? client::Certainty::unknown : client::Certainty::written;
  fmt::print(stderr, "{} sent, {} as promised\n", sent, outcomes[wanted]);
  status = outcomes[wanted] == sent ? 0 : 1;
  reactor.stop();
}

int run(const std::vector<std::string>& words) {
  if (words.size() < 6) {
    fmt::print(stderr, "own_client read|write HOST PORT TOPIC PARTITION [CODEC ACKS|idempotent]\n");
    return 2;
  }
  auto cores = io::Cores::start(1, {});
  if (!cores.has_value()) {
    fmt::print(stderr, "{}\n", cores.error().text);
    return 1;
  }
  io::LinuxReactor& reactor = (*cores)->reactor(0);
  Target target{{words[2], static_cast<std::uint16_t>(std::stoi(words[3]))}, words[4], std::stoi(words[5])};
  int status = 1;
  io::TaskGroup tasks(reactor.ready());
  if (words[1] == "read") {
    tasks.spawn(read_all(reactor, target, status));
  } else {
    const std::map<std::string, records::Codec> codecs = {{"none", records::Codec::none},
                                                          {"gzip", records::Codec::gzip},
                                                          {"snappy", records::Codec::snappy},
                                                          {"lz4", records::Codec::lz4},
                                                          {"zstd", records::Codec::zstd}};
    client::ProducerOptions options;
    options.limits.bytes_max = 200'000;
    if (words.size() > 6) options.codec = codecs.at(words[6]);
    if (words.size() > 7 && words[7] != "idempotent") {
      options.idempotence = client::Idempotence::off;
      options.acks = static_cast<std::int16_t>(words[7] == "all" ? -1 : std::stoi(words[7]));
    }
    tasks.spawn(write_all(reactor, target, options, status));
  }
  reactor.run();
  return status;
}

}  // namespace

}  // namespace highwater

int main(int argc, char** argv) { return highwater::run({argv, argv + argc}); }
