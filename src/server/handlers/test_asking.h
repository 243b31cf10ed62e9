// For the tests of this room: a broker that answers one request after the other, through the whole pipeline.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/quorum/metadata_publisher.h"
#include "io/sim/machine.h"
#include "io/sim/process.h"
#include "io/sim/reactor.h"
#include "machines/configs/broker_settings.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/records.h"
#include "server/handlers/handlers.h"

namespace highwater::server::asking {

using namespace messages;

inline constexpr Uuid alpha = Uuid::from_halves(7, 1);
inline constexpr Uuid beta = Uuid::from_halves(7, 2);

enum class Standing : std::uint8_t { active, fenced };

inline metadata::MetadataRecord broker(NodeId id, std::string_view listener, Standing standing) {
  RegisterBrokerRecord record;
  record.broker_id = id;
  record.broker_epoch = 10 + id;
  record.fenced = standing == Standing::fenced;
  RegisterBrokerRecord::BrokerEndpoint endpoint;
  endpoint.name = listener;
  endpoint.host = "host" + std::to_string(id);
  endpoint.port = 9092;
  record.end_points.push_back(endpoint);
  return {record, 3};
}

inline metadata::MetadataRecord topic(std::string_view name, const Uuid& id) {
  TopicRecord record;
  record.name = name;
  record.topic_id = id;
  return {record, 0};
}

inline metadata::MetadataRecord partition(const Uuid& id, std::int32_t index, NodeId leader) {
  PartitionRecord record;
  record.topic_id = id;
  record.partition_id = index;
  record.replicas = {1, 2};
  record.isr = {1, 2};
  record.leader = leader;
  record.leader_epoch = 4;
  return {record, 0};
}

// A broker that knows two topics: alpha with three partitions, beta with one whose leader 3 has no client listener.
class Asking {
 public:
  explicit Asking(const std::vector<metadata::MetadataRecord>& more = {}) : world_(5) {
    settings_.node_id = 1;
    settings_.topics.auto_create = false;
    metadata::MetadataDelta delta(publisher_.image());
    for (const auto& record :
         {broker(1, "PLAINTEXT", Standing::active), broker(2, "PLAINTEXT", Standing::fenced),
          broker(3, "OTHER", Standing::active), topic("alpha", alpha), partition(alpha, 0, 1), partition(alpha, 1, 2),
          partition(alpha, 2, 1), topic("beta", beta), partition(beta, 0, 3)}) {
      REQUIRE(delta.apply(record).has_value());
    }
    for (const auto& record : more) REQUIRE(delta.apply(record).has_value());
    metadata::ImageHandle image = delta.finish({.offset = 77, .epoch = 1});
    publisher_.publish(image, delta);
    io::sim::Machine& machine = world_.add_machine({.name = "broker"});
    process_ = &machine.start({}, [](io::sim::Process&) { return std::make_unique<io::sim::Program>(); });
    doors_.reactor = &process_->reactor(0);
    doors_.settings = &settings_;
    doors_.cluster_id = "the-cluster";
    doors_.metadata = &publisher_;
    peer_.listener = &listener_;
  }

  // Through the whole pipeline: bytes in, bytes out.
  template <class Response, class Request>
  Response ask(const Request& request, std::int16_t version) {
    wire::Writer writer;
    encode(writer, request, version);
    RequestHeader header;
    header.key = Request::message_key;
    header.version = version;
    header.correlation_id = 9;
    header.api = api::find_api(header.key);
    header.version_known = true;
    context_.emplace(RequestContext{Slice::copy_of(writer.flatten()), header, peer_, doors_, publisher_.image(), {}});
    const HandlerTable table(all_handlers());
    const Handler* handler = table.find(header, listener_.kind);
    REQUIRE(handler != nullptr);
    io::TaskGroup tasks(process_->reactor(0).ready());
    tasks.spawn(keep(*handler));
    turns_ = 0;
    for (; tasks.size() != 0 && turns_ < 10'000; ++turns_) world_.run_for(Duration::from_us(1));
    REQUIRE(tasks.size() == 0);
    bytes_.clear();
    for (const Piece& piece : answer_.pieces) {
      const ByteView view = piece.bytes.view();
      bytes_.insert(bytes_.end(), view.begin(), view.end());
    }
    wire::Reader reader(bytes_);
    CHECK(reader.i32() == static_cast<std::int32_t>(bytes_.size()) - 4);
    CHECK(reader.i32() == 9);
    const bool tagged = version >= header.api->flexible_from && header.api->key != api::ApiKey::api_versions;
    if (tagged) CHECK(reader.uvarint() == 0);
    Response response;
    REQUIRE(decode(reader, version, response));
    CHECK(reader.remaining() == 0);
    return response;
  }

  void speak_to_controller() { listener_.kind = ListenerKind::controller; }

  // Of the loop that the last request took beyond its first.
  int turns() const { return turns_; }

  configs::BrokerSettings settings_;

 private:
  io::Task<void> keep(const Handler& handler) { answer_ = co_await handler.serve(*context_); }

  io::sim::World world_;
  io::sim::Process* process_ = nullptr;
  engine::MetadataPublisher publisher_;
  ListenerInfo listener_{"PLAINTEXT", ListenerKind::broker};
  Doors doors_;
  Peer peer_;
  std::optional<RequestContext> context_;
  Answer answer_;
  std::vector<std::uint8_t> bytes_;
  int turns_ = 0;
};

}  // namespace highwater::server::asking
