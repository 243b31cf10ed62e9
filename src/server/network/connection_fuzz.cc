// One connection, any bytes, cut in any way. Input: steps of two bytes, a kind and a number. Requests of scripted
// handlers, frames of junk, half frames and pauses make one stream, which is sent in pieces of random size. The answers
// leave in the order of the requests and once each; after what closes a connection nothing is answered; nothing stays
// behind.
#include <algorithm>
#include <array>
#include <string>

#include "engine/quorum/metadata_publisher.h"
#include "foundation/base/check.h"
#include "foundation/base/random.h"
#include "io/sim/fabric.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "server/network/server.h"
#include "tests/fuzz/target.h"

namespace highwater::fuzz {
namespace {

using namespace server;
using io::Task;

constexpr std::size_t frame_max = 64 << 10;
constexpr std::size_t steps_max = 64;

// The client id says what a handler does: "later" waits for a timer, "hang-up" closes, "silent" does not answer.
Task<Answer> scripted(RequestContext& context) {
  const std::string name(context.client_id());
  if (name == "later") co_await context.doors.reactor->sleep_until(context.received + Duration::from_ms(3));
  if (name == "hang-up") co_return Answer{AnswerKind::hang_up, {}, "as the script says"};
  if (name == "silent") co_return Answer{AnswerKind::silent, {}, {}};
  wire::Writer writer;
  pipeline::begin_answer(writer, context.header);
  if (name == "large") writer.slice(Slice::allocate(40'000));
  co_return pipeline::take_answer(writer);
}

constexpr Handler handlers[] = {
    {api::ApiKey::produce, 3, 13, scripted},
    {api::ApiKey::fetch, 4, 18, scripted},
    {api::ApiKey::api_versions, 0, 4, scripted},
};

struct ServerProgram : io::sim::Program {
  ServerProgram(io::sim::Process& process, Doors& doors) : table(handlers) {
    doors.reactor = &process.reactor(0);
    doors.metadata = &publisher;
    ServerOptions options;
    options.listeners.push_back({{"PLAINTEXT", ListenerKind::broker}, {"", 9092}});
    options.limits.frame_bytes_max = frame_max;
    server = std::make_unique<Server>(table, doors, std::move(options), Logger(silent_log_sink(), "fuzz"));
    HW_CHECK(server->start().has_value());
  }
  engine::MetadataPublisher publisher;
  HandlerTable table;
  std::unique_ptr<Server> server;
};

struct ClientProgram : io::sim::Program {
  explicit ClientProgram(io::sim::Process& process) : tasks(process.reactor(0).ready()) {}
  std::unique_ptr<io::Socket> socket;
  std::string received;
  bool ended = false;
  io::TaskGroup tasks;
};

Task<void> talk(io::Reactor& reactor, ClientProgram& client) {
  const io::Address address{"server", 9092};
  auto socket = co_await reactor.network().connect(address, Duration::from_seconds(2));
  HW_CHECK(socket.has_value());
  client.socket = std::move(*socket);
  std::array<std::uint8_t, 4096> buffer;
  for (;;) {
    const io::IoStatus status = co_await client.socket->readable();
    if (!status) break;
    const auto got = client.socket->try_read(buffer);
    if (!got || (got->has_value() && **got == 0)) break;
    if (got->has_value()) client.received += as_text(ByteView(buffer).first(**got));
  }
  client.ended = true;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

bool has_tags(std::int16_t key, std::int16_t version) { return key == 18 && version >= 3; }

std::string request(std::int16_t key, std::int16_t version, std::uint32_t correlation, std::string_view client) {
  std::string body;
  put(body, static_cast<std::uint16_t>(key), 2);
  put(body, static_cast<std::uint16_t>(version), 2);
  put(body, correlation, 4);
  put(body, static_cast<std::uint32_t>(client.size()), 2);
  body += client;
  if (has_tags(key, version)) body += '\0';
  std::string frame;
  put(frame, static_cast<std::uint32_t>(body.size()), 4);
  return frame + body;
}

// The stream that an input stands for, and the answers that it must bring.
struct Speech {
  std::string bytes;
  std::vector<std::uint32_t> answered;
  bool may_close = false;
  // Whatever follows is not foreseen; only the order is.
  bool open_end = false;
  // Bytes that a closed connection leaves unread reset it, and a reset takes answers with it that are on their way.
  bool goes_on = false;
};

Speech speech_of(ByteView input) {
  constexpr std::string_view clients[] = {"now", "later", "large", "silent", "hang-up"};
  Speech speech;
  std::uint32_t correlation = 0;
  for (std::size_t at = 0; at + 2 <= input.size() && at < 2 * steps_max; at += 2) {
    const unsigned kind = input[at] % 8;
    const unsigned number = input[at + 1];
    ++correlation;
    speech.goes_on = speech.open_end;
    if (kind < 5) {
      const std::int16_t key = kind < 2 ? 0 : 1;
      const std::string_view client = clients[number % std::size(clients)];
      speech.bytes += request(key, key == 0 ? 3 : 4, correlation, client);
      if (speech.open_end) continue;
      if (client == "hang-up") {
        speech.may_close = speech.open_end = true;
      } else if (client != "silent") {
        speech.answered.push_back(correlation);
      }
    } else if (kind == 5) {  // ApiVersions is answered in every version, foreign ones too
      speech.bytes += request(18, static_cast<std::int16_t>(number % 8), correlation, "now");
      if (!speech.open_end) speech.answered.push_back(correlation);
    } else if (kind == 6) {  // an API or a version that nobody serves, or junk in a frame
      speech.bytes += number % 2 == 0 ? request(static_cast<std::int16_t>(number + 100), 0, correlation, "now")
                                      : std::string("\0\0\0\5junk!", 9);
      speech.may_close = speech.open_end = true;
    } else {  // bytes as they are
      put(speech.bytes, number << (number % 25), 4);
      speech.may_close = speech.open_end = true;
    }
  }
  return speech;
}

std::vector<std::uint32_t> correlations(const std::string& received) {
  std::vector<std::uint32_t> list;
  const ByteView bytes = as_bytes(received);
  const auto load = [&](std::size_t from) {
    return static_cast<std::uint32_t>(bytes[from]) << 24 | static_cast<std::uint32_t>(bytes[from + 1]) << 16 |
           static_cast<std::uint32_t>(bytes[from + 2]) << 8 | bytes[from + 3];
  };
  std::size_t at = 0;
  while (at + 8 <= bytes.size() && at + 4 + load(at) <= bytes.size()) {
    list.push_back(load(at + 4));
    at += 4 + load(at);
  }
  return list;
}

void send(io::sim::World& world, ClientProgram& client, std::string_view bytes, Random random) {
  while (!bytes.empty() && !client.ended && client.socket != nullptr) {
    const std::size_t size = std::min<std::size_t>(bytes.size(), 1 + random.below(random.below(2) == 0 ? 8 : 400));
    const ByteView piece = as_bytes(bytes.substr(0, size));
    const auto taken = client.socket->try_write({&piece, 1});
    if (!taken) return;
    bytes.remove_prefix(*taken);
    world.run_for(Duration::from_us(static_cast<std::int64_t>(random.below(3000))));
  }
}

}  // namespace

void run(ByteView input) {
  const Speech speech = speech_of(input);
  Doors doors;
  io::sim::World world(1);
  auto& server_machine = world.add_machine({.name = "server"});
  auto& client_machine = world.add_machine({.name = "client"});
  ServerProgram* server = nullptr;
  server_machine.start({}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
    auto made = std::make_unique<ServerProgram>(process, doors);
    server = made.get();
    return made;
  });
  ClientProgram* client = nullptr;
  client_machine.start({}, [&](io::sim::Process& process) -> std::unique_ptr<io::sim::Program> {
    auto made = std::make_unique<ClientProgram>(process);
    client = made.get();
    made->tasks.spawn(talk(process.reactor(0), *made));
    return made;
  });
  world.run_for(Duration::from_ms(20));
  send(world, *client, speech.bytes, Random(input.size()));
  world.run_for(Duration::from_seconds(1));

  const auto got = correlations(client->received);
  const std::size_t foreseen = std::min(got.size(), speech.answered.size());
  HW_CHECK(std::ranges::equal(std::span(got).first(foreseen), std::span(speech.answered).first(foreseen)));
  if (!speech.open_end) HW_CHECK(got == speech.answered && !client->ended);
  if (!speech.may_close) HW_CHECK(!client->ended);
  // What came before the end of the foreseeable part is answered, even when the connection closes behind it.
  if (!speech.goes_on) HW_CHECK(got.size() >= speech.answered.size());
  // A request that is begun and not ended is given up in the end.
  if (client->ended) return;
  world.run_for(Duration::from_seconds(700));
  HW_CHECK(client->ended && server->server->connection_count() == 0);
}

std::vector<Input> seeds() {
  std::vector<Input> all;
  for (unsigned kind = 0; kind < 8; ++kind) {
    for (unsigned number = 0; number < 6; ++number) {
      Input input;
      for (const unsigned byte : {kind, number, 2u, 1u, 0u, 0u, kind, number + 1, 5u, 9u, 0u, 2u}) {
        input.push_back(static_cast<std::uint8_t>(byte));
      }
      all.push_back(std::move(input));
    }
  }
  return all;
}

}  // namespace highwater::fuzz
