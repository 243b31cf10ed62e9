#include "node/core_rooms.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/quorum/quorum.h"

namespace highwater::node {
namespace {

engine::HostOptions host_options(const CoreDeps& deps) {
  const configs::BrokerSettings& settings = deps.settings;
  engine::HostOptions options;
  options.node_id = settings.node_id;
  options.directories = deps.directories.all();
  options.open_files = deps.log_files;
  options.producer_check_interval = settings.log.producer_id_expiration_check_interval;
  options.initial_task_delay = settings.log.initial_task_delay;
  options.retention_check_interval = settings.log.retention_check_interval;
  options.producer_expiration_ms = settings.log.producer_id_expiration.ms();
  options.max_decompressed_batch_bytes = static_cast<std::uint64_t>(settings.own.max_decompressed_batch_bytes);
  options.tail_bytes = static_cast<std::size_t>(settings.own.tail_bytes);
  options.index_bytes = static_cast<std::size_t>(settings.own.index_bytes);
  return options;
}

// Each core has an equal share.
server::RequestMemoryLimits request_memory(const configs::NetworkSettings& network, std::size_t cores) {
  server::RequestMemoryLimits limits;
  if (network.queued_max_request_bytes > 0) limits.bytes = static_cast<std::size_t>(network.queued_max_request_bytes);
  limits.bytes /= cores;
  limits.answer_bytes /= cores;
  limits.waiting_requests = std::max<std::size_t>(1, static_cast<std::size_t>(network.queued_max_requests) / cores);
  return limits;
}

std::string broker_context(const configs::BrokerSettings& settings, std::string_view room) {
  return fmt::format("[{} id={}] ", room, settings.node_id);
}

}  // namespace

CoreRooms::CoreRooms(CoreDeps deps)
    : deps_(std::move(deps)),
      reactor_(deps_.cores.reactor(deps_.self)),
      host_({deps_.cores, deps_.self,
             deps_.log.named("kafka.log.LogManager", broker_context(deps_.settings, "LogManager")), deps_.directories},
            host_options(deps_)) {}

void CoreRooms::open_doors(engine::Quorum& quorum, std::vector<engine::PartitionHost*> hosts, std::string cluster_id) {
  partitions_.emplace(deps_.cores, deps_.self, std::move(hosts), publisher_.image());
  controller_.emplace(deps_.cores, deps_.self, quorum);
  producer_ids_.emplace(reactor_, *controller_);
  server::FetchSessionOptions sessions;
  sessions.core = deps_.self;
  sessions.cores = deps_.cores.count();
  sessions.slots = static_cast<std::size_t>(deps_.settings.fetch.session_slots) / sessions.cores;
  fetch_sessions_.emplace(sessions, reactor_.random().split(deps_.self));
  topic_creation_.emplace(
      server::TopicCreation::Deps{reactor_, deps_.settings, *controller_, *partitions_,
                                  deps_.log.named("kafka.server.DefaultAutoTopicCreationManager",
                                                  broker_context(deps_.settings, "AutoTopicCreationManager"))});
  feed_.emplace(PartitionFeed::Deps{deps_.cores, deps_.self, publisher_, host_, deps_.settings,
                                    deps_.log.named("kafka.server.metadata.BrokerMetadataPublisher",
                                                    broker_context(deps_.settings, "BrokerMetadataPublisher"))});
  doors_.reactor = &reactor_;
  doors_.settings = &deps_.settings;
  doors_.cluster_id = std::move(cluster_id);
  doors_.metadata = &publisher_;
  doors_.partitions = &*partitions_;
  doors_.controller = &*controller_;
  doors_.producer_ids = &*producer_ids_;
  doors_.fetch_sessions = &*fetch_sessions_;
  doors_.belongings = &*fetch_sessions_;
  doors_.topic_creation = &*topic_creation_;
  doors_.log_levels = &deps_.log_levels;
}

Result<void> CoreRooms::listen(const std::vector<io::Address>& addresses) {
  server::ServerOptions options;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const std::string& name = deps_.settings.listeners[i].name;
    const auto kind =
        deps_.settings.is_controller_listener(name) ? server::ListenerKind::controller : server::ListenerKind::broker;
    const ConnectionFeed::Counter counter = deps_.connections.counter_of(name);
    options.listeners.push_back({{name, kind}, addresses[i], counter.owner, counter.number});
  }
  const configs::NetworkSettings& network = deps_.settings.network;
  options.sockets = {network.listen_backlog, network.send_buffer_bytes, network.receive_buffer_bytes};
  options.core = deps_.self;
  if (deps_.cores.count() > 1) options.exchange = &deps_.exchange;
  options.limits.memory = request_memory(deps_.settings.network, deps_.cores.count());
  options.limits.frame_bytes_max = static_cast<std::size_t>(deps_.settings.network.request_max_bytes);
  options.limits.frame_time_max = deps_.settings.own.request_read_timeout;
  options.limits.write_time_max = deps_.settings.own.response_write_timeout;
  const Duration idle = deps_.settings.network.connections_max_idle;
  options.limits.idle_time_max = idle < Duration{} ? Duration{INT64_MAX} : idle;  // negative: for ever, as in Kafka
  const Logger log =
      deps_.log.named("kafka.network.SocketServer",
                      fmt::format("[SocketServer listenerType=BROKER, nodeId={}] ", deps_.settings.node_id));
  server_.emplace(deps_.handlers, doors_, std::move(options), log);
  return server_->listen();
}

io::Task<void> CoreRooms::load(std::vector<engine::FoundLog> found) {
  for (engine::FoundLog& log : found) host_.found(std::move(log));
  feed_->start();
  if (deps_.self == 0) {
    watch_.emplace(publisher_, deps_.settings.node_id, deps_.log.named("kafka.server.KafkaConfig"));
    watch_->start();
  }
  host_.retire_strays();
  co_await host_.settled();
}

void CoreRooms::serve(engine::ProducerIdOwner owner) {
  producer_ids_->set_owner(owner);
  server_->serve();
}

io::Task<void> CoreRooms::stop_serving() {
  if (server_) co_await server_->stop();
}

io::Task<void> CoreRooms::stop_partitions() {
  watch_.reset();
  feed_.reset();
  co_await host_.stop();
}

}  // namespace highwater::node
