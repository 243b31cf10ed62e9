// The client against a broker of two hundred lines that keeps its promises and fails in between, in a simulated world.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "client/admin.h"
#include "client/consumer.h"
#include "client/producer.h"
#include "foundation/wire/reader.h"
#include "foundation/wire/writer.h"
#include "io/sim/fabric.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "protocol/api/versions.h"
#include "protocol/messages/api_versions_request.h"
#include "protocol/messages/api_versions_response.h"
#include "protocol/messages/fetch_request.h"
#include "protocol/messages/fetch_response.h"
#include "protocol/messages/init_producer_id_response.h"
#include "protocol/messages/list_offsets_response.h"
#include "protocol/messages/metadata_request.h"
#include "protocol/messages/metadata_response.h"
#include "protocol/messages/produce_request.h"
#include "protocol/messages/produce_response.h"
#include "protocol/messages/request_header.h"
#include "protocol/messages/response_header.h"
#include "protocol/records/batch_patch.h"
#include "protocol/records/batch_scan.h"
#include "protocol/records/record_reader.h"

namespace highwater::client {
namespace {

namespace sim = io::sim;
using api::ErrorCode;

constexpr std::int32_t partitions = 3;

// Survives its process, as a disk does.
struct FakeLog {
  std::vector<std::vector<std::uint8_t>> batches;
  Offset end = 0;
  std::map<std::pair<ProducerId, std::int16_t>, std::map<std::int32_t, Offset>> sequences;  // base sequence → offset
  std::map<std::pair<ProducerId, std::int16_t>, std::int32_t> next_sequence;
};

struct FakeState {
  std::array<FakeLog, partitions> logs;
  ProducerId next_producer = 1000;
  std::uint32_t fault_ppm = 0;  // answers lost, refused and forged errors
  std::set<std::string> session_kinds;
};

class FakeBroker : public sim::Program {
 public:
  FakeBroker(sim::Process& process, FakeState& state)
      : reactor_(&process.reactor(0)), state_(&state), tasks_(reactor_->ready()) {
    tasks_.spawn(accept_loop());
  }

 private:
  io::Task<void> accept_loop() {
    auto listener = reactor_->network().listen({"", 9092}, {16});
    HW_CHECK(listener.has_value());
    for (;;) {
      auto socket = co_await (*listener)->accept();
      if (!socket.has_value()) co_return;
      tasks_.spawn(serve(std::move(*socket)));
    }
  }

  static io::Task<bool> read_exactly(io::Socket& socket, MutableBytes target) {
    while (!target.empty()) {
      const auto taken = socket.try_read(target);
      if (!taken.has_value()) co_return false;
      if (taken->has_value()) {
        if (**taken == 0) co_return false;
        target = target.subspan(**taken);
        continue;
      }
      const io::IoStatus status = co_await socket.readable();
      if (!status.has_value()) co_return false;
    }
    co_return true;
  }

  io::Task<void> serve(std::unique_ptr<io::Socket> socket) {
    for (;;) {
      std::array<std::uint8_t, 4> prefix;
      const bool begun = co_await read_exactly(*socket, prefix);
      if (!begun) co_return;
      std::vector<std::uint8_t> frame(static_cast<std::size_t>(wire::Reader(prefix).i32()));
      const bool whole = co_await read_exactly(*socket, frame);
      if (!whole) co_return;
      const std::vector<std::uint8_t> answer = handle(frame);
      if (reactor_->random().chance_ppm(state_->fault_ppm)) co_return;  // done, but nobody is told
      ByteView left = answer;
      while (!left.empty()) {
        const auto taken = socket->try_write({&left, 1});
        if (!taken.has_value()) co_return;
        left = left.subspan(*taken);
        if (*taken > 0) continue;
        const io::IoStatus status = co_await socket->writable();
        if (!status.has_value()) co_return;
      }
    }
  }

  template <class Request>
  static Request read(wire::Reader& reader, std::int16_t version) {
    Request request;
    HW_CHECK(decode(reader, version, request));
    return request;
  }

  std::vector<std::uint8_t> handle(ByteView frame) {
    const auto key = static_cast<api::ApiKey>(wire::Reader(frame).i16());
    const std::int16_t version = wire::Reader(frame.subspan(2)).i16();
    wire::Reader reader(frame);
    const auto header = read<messages::RequestHeader>(reader, api::request_header_version(key, version));
    wire::Writer writer;
    writer.i32(0);
    encode(writer, messages::ResponseHeader{header.correlation_id}, api::response_header_version(key, version));
    if (key == api::ApiKey::api_versions) {
      // An old broker: it knows only version 3 of this request.
      messages::ApiVersionsResponse response;
      for (const auto& each : {std::array<std::int16_t, 3>{0, 3, 13}, {1, 4, 17}, {2, 1, 10}, {3, 0, 13}, {22, 0, 5}}) {
        response.api_keys.push_back({each[0], each[1], each[2]});
      }
      response.error_code = version > 3 ? 35 : 0;
      encode(writer, response, version > 3 ? 0 : version);
    } else if (key == api::ApiKey::metadata) {
      encode(writer, metadata(read<messages::MetadataRequest>(reader, version)), version);
    } else if (key == api::ApiKey::produce) {
      encode(writer, produce(read<messages::ProduceRequest>(reader, version)), version);
    } else if (key == api::ApiKey::fetch) {
      encode(writer, fetch(read<messages::FetchRequest>(reader, version)), version);
    } else if (key == api::ApiKey::init_producer_id) {
      encode(writer, messages::InitProducerIdResponse{.producer_id = state_->next_producer++}, version);
    } else if (key == api::ApiKey::list_offsets) {
      messages::ListOffsetsResponse response;
      response.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .offset = 0}}});
      encode(writer, response, version);
    }
    writer.patch_i32(0, static_cast<std::int32_t>(writer.size() - 4));
    return writer.flatten();
  }

  messages::MetadataResponse metadata(const messages::MetadataRequest& request) {
    messages::MetadataResponse response;
    response.brokers.push_back({.node_id = 1, .host = "broker", .port = 9092});
    for (const auto& wanted : *request.topics) {
      messages::MetadataResponse::MetadataResponseTopic topic;
      topic.name = wanted.name;
      topic.topic_id = Uuid::from_halves(1, 2);
      for (std::int32_t i = 0; i < partitions; ++i) {
        topic.partitions.push_back({.partition_index = i, .leader_id = 1, .leader_epoch = 0});
      }
      response.topics.push_back(std::move(topic));
    }
    return response;
  }

  std::pair<ErrorCode, Offset> append(FakeLog& log, ByteView bytes) {
    std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    const records::BatchView batch{copy};
    if (!batch.crc_ok()) return {ErrorCode::corrupt_message, -1};
    const std::pair producer{batch.producer_id(), batch.producer_epoch()};
    if (batch.has_producer_id()) {
      const auto& known = log.sequences[producer];
      if (const auto found = known.find(batch.base_sequence()); found != known.end())
        return {ErrorCode::none, found->second};
      if (log.next_sequence[producer] != batch.base_sequence()) return {ErrorCode::out_of_order_sequence_number, -1};
      log.sequences[producer][batch.base_sequence()] = log.end;
      log.next_sequence[producer] = batch.base_sequence() + batch.record_count();
    }
    const Offset base = log.end;
    log.end += batch.record_count();
    records::set_base_offset(copy, base);
    log.batches.push_back(std::move(copy));
    return {ErrorCode::none, base};
  }

  messages::ProduceResponse produce(const messages::ProduceRequest& request) {
    messages::ProduceResponse response;
    for (const auto& topic : request.topic_data) {
      messages::ProduceResponse::TopicProduceResponse told{.name = "t", .topic_id = topic.topic_id};
      for (const auto& data : topic.partition_data) {
        std::pair<ErrorCode, Offset> outcome{ErrorCode::not_leader_or_follower, -1};
        if (!reactor_->random().chance_ppm(state_->fault_ppm)) {
          outcome = append(state_->logs[static_cast<std::size_t>(data.index)], data.records->view());
        }
        told.partition_responses.push_back(
            {.index = data.index, .error_code = api::wire_code(outcome.first), .base_offset = outcome.second});
      }
      response.responses.push_back(std::move(told));
    }
    return response;
  }

  messages::FetchResponse fetch(const messages::FetchRequest& request) {
    state_->session_kinds.insert(request.session_epoch == 0 ? "full" : "incremental");
    if (request.session_epoch == 0) {
      session_.clear();
      ++session_id_;
    }
    messages::FetchResponse response;
    if (request.session_epoch != 0 && request.session_id != session_id_) {
      response.error_code = api::wire_code(ErrorCode::fetch_session_id_not_found);
      return response;
    }
    for (const auto& topic : request.topics) {
      for (const auto& partition : topic.partitions) session_[partition.partition] = partition.fetch_offset;
    }
    response.session_id = session_id_;
    messages::FetchResponse::FetchableTopicResponse told{.topic_id = Uuid::from_halves(1, 2)};
    for (const auto& [index, offset] : session_) {
      messages::FetchResponse::PartitionData data;
      data.partition_index = index;
      const FakeLog& log = state_->logs[static_cast<std::size_t>(index)];
      for (const auto& batch : log.batches) {
        if (records::BatchView(batch).last_offset() < offset) continue;
        data.records = wire::Records(Slice::copy_of(batch));
        break;
      }
      data.high_watermark = log.end;
      if (data.records.has_value()) told.partitions.push_back(std::move(data));
    }
    if (!told.partitions.empty()) response.responses.push_back(std::move(told));
    return response;
  }

  sim::SimReactor* reactor_;
  FakeState* state_;
  std::map<std::int32_t, Offset> session_;
  std::int32_t session_id_ = 7;
  io::TaskGroup tasks_;
};

struct Seen {
  std::vector<DeliveryReport> reports;
  std::vector<std::string> read;
  std::size_t sent = 0;
};

io::Task<void> note(io::Future<DeliveryReport> future, Seen& seen) {
  const DeliveryReport report = co_await std::move(future);
  seen.reports.push_back(report);
}

class FakeUser : public sim::Program {
 public:
  FakeUser(sim::Process& process, Seen& seen, ProducerOptions options)
      : reactor_(&process.reactor(0)),
        seen_(&seen),
        cluster_(*reactor_, {.bootstrap = {{"broker", 9092}},
                             .channel = {.connect_timeout = Duration::from_seconds(2),
                                         .request_timeout = Duration::from_seconds(2)}}),
        producer_(cluster_, options),
        consumer_(cluster_, {.wait_ms_max = 5}),
        tasks_(reactor_->ready()) {
    tasks_.spawn(write());
    tasks_.spawn(read());
  }

 private:
  io::Task<void> write() {
    for (int i = 0; i < 300; ++i) {
      Message message{.topic = "t", .partition = i % partitions, .timestamp = 1, .value = std::to_string(i)};
      ++seen_->sent;
      tasks_.spawn(note(producer_.send(std::move(message)), *seen_));
      if (i % 7 == 0) co_await reactor_->sleep_until(reactor_->now() + Duration::from_ms(3));
    }
    co_await producer_.drained();
  }

  io::Task<void> read() {
    for (std::int32_t i = 0; i < partitions; ++i) consumer_.assign("t", i, i == 0 ? no_offset : 0);
    for (;;) {
      const PollResult result = co_await consumer_.poll();
      for (const auto& fetched : result.fetched) {
        for (const ByteView bytes : fetched.batches) {
          records::RecordReader reader{records::BatchView(bytes)};
          for (auto record = reader.next(); record.has_value() && record->has_value(); record = reader.next()) {
            seen_->read.emplace_back(as_text((*record)->value.bytes));
          }
        }
      }
      co_await reactor_->sleep_until(reactor_->now() + Duration::from_ms(2));
    }
  }

  sim::SimReactor* reactor_;
  Seen* seen_;
  Cluster cluster_;
  Producer producer_;
  Consumer consumer_;
  io::TaskGroup tasks_;
};

struct Outcome {
  FakeState state;
  Seen seen;
};

void run(std::uint64_t seed, std::uint32_t fault_ppm, ProducerOptions options, Outcome& outcome) {
  sim::World world(seed);
  outcome.state.fault_ppm = fault_ppm;
  sim::Machine& broker = world.add_machine({.name = "broker"});
  sim::Machine& user = world.add_machine({.name = "user"});
  const auto start_broker = [&](sim::Process& process) -> std::unique_ptr<sim::Program> {
    return std::make_unique<FakeBroker>(process, outcome.state);
  };
  broker.start({}, start_broker);
  user.start({}, [&](sim::Process& process) -> std::unique_ptr<sim::Program> {
    return std::make_unique<FakeUser>(process, outcome.seen, options);
  });
  Random faults = world.stream(sim::Purpose::faults);
  if (fault_ppm > 0) {
    for (int i = 1; i < 20; ++i) {
      world.at(Instant{} + Duration::from_ms(40 * i), [&] { world.fabric().reset_one(broker, faults); });
    }
    world.at(Instant{} + Duration::from_ms(100), [&] { broker.kill(*broker.processes().front()); });
    world.at(Instant{} + Duration::from_ms(900), [&] { broker.start({}, start_broker); });
  }
  world.run_for(Duration::from_seconds(30));
}

std::multiset<std::string> in_log(const FakeState& state) {
  std::multiset<std::string> values;
  for (const FakeLog& log : state.logs) {
    int last = -1;
    for (const auto& bytes : log.batches) {
      records::RecordReader reader{records::BatchView(bytes)};
      for (auto record = reader.next(); record.has_value() && record->has_value(); record = reader.next()) {
        values.emplace(as_text((*record)->value.bytes));
        const int value = std::stoi(std::string(as_text((*record)->value.bytes)));
        CHECK(value > last);
        last = value;
      }
    }
  }
  return values;
}

}  // namespace

TEST_CASE("every message is written once and in order, whatever is lost on the way") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Outcome outcome;
    run(seed, seed % 2 == 0 ? 150'000 : 0, {}, outcome);
    REQUIRE(outcome.seen.reports.size() == 300);
    for (const DeliveryReport& report : outcome.seen.reports) CHECK(report.certainty == Certainty::written);
    const std::multiset<std::string> values = in_log(outcome.state);
    CHECK(values.size() == 300);
    CHECK(std::set<std::string>(values.begin(), values.end()).size() == 300);
    CHECK(std::multiset<std::string>(outcome.seen.read.begin(), outcome.seen.read.end()) == values);
    CHECK(outcome.state.session_kinds.contains("incremental"));
  }
}

TEST_CASE("without acknowledgements nothing is promised and nothing is waited for") {
  Outcome outcome;
  run(3, 0, {.acks = 0, .idempotence = Idempotence::off}, outcome);
  REQUIRE(outcome.seen.reports.size() == 300);
  for (const DeliveryReport& report : outcome.seen.reports) CHECK(report.certainty == Certainty::unknown);
  CHECK(in_log(outcome.state).size() == 300);
}

TEST_CASE("a broker that never answers ends in unknown reports after the delivery timeout") {
  Outcome outcome;
  run(4, 1'000'000, {.delivery_timeout = Duration::from_seconds(5)}, outcome);
  REQUIRE(outcome.seen.reports.size() == 300);
  for (const DeliveryReport& report : outcome.seen.reports) CHECK(report.certainty != Certainty::written);
}

}  // namespace highwater::client
