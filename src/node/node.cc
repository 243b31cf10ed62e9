#include "node/node.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "engine/partition/directories.h"
#include "engine/partition/partition_owner.h"
#include "engine/quorum/broker_lifecycle.h"
#include "engine/quorum/meta_properties.h"
#include "engine/quorum/quorum.h"
#include "node/checkpoints.h"
#include "node/connection_feed.h"
#include "node/core_rooms.h"
#include "node/directory_locks.h"
#include "node/directory_watch.h"
#include "node/node_log.h"
#include "server/handlers/handlers.h"

namespace highwater::node {
namespace {

std::vector<metadata::ListenerImage> broker_listeners(const configs::BrokerSettings& settings,
                                                      const std::vector<BoundListener>& bound) {
  std::vector<metadata::ListenerImage> images;
  for (const BoundListener& listener : bound)
    if (!settings.is_controller_listener(listener.name))
      images.push_back({listener.name, listener.advertised.host, listener.advertised.port,
                        static_cast<std::int16_t>(listener.protocol)});
  std::ranges::sort(images, {}, &metadata::ListenerImage::name);
  return images;
}

// A fresh identity of this process (KIP-631); version 4.
Uuid random_incarnation(Random& random) {
  const std::uint64_t high = (random.next() & 0xFFFFFFFFFFFF0FFFull) | 0x4000;
  const std::uint64_t low = (random.next() & 0x3FFFFFFFFFFFFFFFull) | 0x8000000000000000ull;
  return Uuid::from_halves(high, low);
}

std::vector<std::string> all_directories(const configs::BrokerSettings& settings) {
  std::set<std::string> all(settings.log_dirs.begin(), settings.log_dirs.end());
  all.insert(settings.metadata_log_dir);
  return {all.begin(), all.end()};
}

controller::ControllerSettings controller_settings(const configs::BrokerSettings& settings,
                                                   const std::string& cluster_id) {
  controller::ControllerSettings result;
  result.node = settings.node_id;
  result.cluster_id = cluster_id;
  result.session_timeout = settings.lifecycle.session_timeout;
  result.default_partitions = settings.topics.num_partitions;
  result.default_replication_factor = settings.topics.default_replication_factor;
  result.topic_deletion = settings.topics.delete_enabled;
  result.topic_defaults = settings.topic_defaults;
  result.broker_configs = settings.text;
  return result;
}

// This release runs a node that is broker and only controller in one.
Result<void> check_supported(const configs::BrokerSettings& settings) {
  if (!settings.is_broker || !settings.is_controller)
    return failure(
        "process.roles must be broker,controller: this version of Highwater runs both in one process, and one node "
        "per cluster");
  if (settings.quorum.voters.size() > 1)
    return failure(
        "controller.quorum.voters names more than one voter: this version of Highwater runs one node per cluster");
  return {};
}

}  // namespace

struct Node::Body {
  configs::BrokerSettings settings;
  NodeLog log_sink;
  Logger log;
  engine::Cores cores;
  server::HandlerTable handlers;
  DirectoryLocks locks;
  engine::NodeIdentity identity;
  Uuid incarnation;
  std::vector<engine::LogDirectory> directories_read;
  std::vector<engine::Directories::Directory> log_directories;
  std::vector<BoundListener> listeners;
  std::optional<engine::Directories> directories;
  std::optional<ConnectionFeed> connections;
  server::ConnectionExchange exchange;
  std::optional<engine::Quorum> quorum;
  std::vector<std::unique_ptr<CoreRooms>> rooms;  // by core
  std::optional<engine::BrokerLifecycle> lifecycle;
  std::optional<Checkpoints> checkpoints;
  std::optional<DirectoryWatch> directory_watch;
  std::optional<io::Promise<std::string>> mourner;  // of whoever waits in failed()
  std::optional<std::string> failed;                // when nobody waited yet
  std::size_t log_files;
  std::int32_t connections_max;
  bool listening = false;
  bool loaded = false;
  bool registered = false;
  bool is_started = false;
  std::optional<io::TaskGroup> tasks;  // last: its frames go first

  Body(configs::BrokerSettings from, NodeDeps deps)
      : settings(std::move(from)),
        log_sink(deps.log),
        log(log_sink, "kafka.server.BrokerServer", fmt::format("[BrokerServer id={}] ", settings.node_id)),
        cores(std::move(deps.reactors)),
        handlers(server::all_handlers()),
        exchange(cores),
        log_files(deps.log_files_per_core),
        connections_max(deps.connections_max) {
    incarnation = random_incarnation(reactor().random());
    tasks.emplace(reactor().ready());
  }

  io::Reactor& reactor() { return cores.reactor(0); }
  Uuid metadata_directory_id() const {
    for (const engine::LogDirectory& directory : directories_read)
      if (directory.path == settings.metadata_log_dir) return directory.properties.directory_id.value_or(Uuid{});
    return {};
  }

  // Runs `work(rooms of that core)` on a core and waits.
  template <class Work>
  io::Future<io::Done> on_core(engine::CoreIndex core, Work work) {
    return cores.call<io::Done>(0, core, [this, core, work = std::move(work)](engine::Reply<io::Done> reply) mutable {
      work(rooms[core]);
      reply.complete({});
    });
  }
  // Runs the task that `make(rooms of that core)` gives on that core and waits.
  template <class Make>
  io::Future<io::Done> task_on_core(engine::CoreIndex core, Make make) {
    return cores.call<io::Done>(0, core, [this, core, make = std::move(make)](engine::Reply<io::Done> reply) mutable {
      running[core]->spawn(finish(make(*rooms[core]), std::move(reply)));
    });
  }
  static io::Task<void> finish(io::Task<void> task, engine::Reply<io::Done> reply) {
    co_await std::move(task);
    reply.complete({});
  }

  std::vector<std::unique_ptr<io::TaskGroup>> running;  // by core; what task_on_core runs

  // The start, in this order.
  io::Task<Result<void>> take_directories();
  io::Task<Result<void>> start_quorum();
  io::Task<Result<void>> make_rooms();
  io::Task<Result<void>> listen();
  io::Task<Result<void>> start_broker();
  io::Task<void> load_partitions(std::vector<engine::FoundLog> found);
  engine::CoreIndex owner(const engine::FoundLog& found);

  // What ends a node that runs.
  void fail(std::string why);
  io::Task<void> watch_directories();
  io::Task<void> watch_quorum();

  // The stop.
  io::Task<void> stop_serving();
  io::Task<Result<void>> close_partitions(BrokerEpoch epoch);
  io::Task<void> destroy_rooms();

  BoundListener bound_listener(const configs::Endpoint& endpoint, const io::Address& address) const;
};

io::Task<Result<void>> Node::Body::take_directories() {
  const std::vector<std::string> paths = all_directories(settings);
  directories_read = co_await engine::read_log_directories(reactor().files(), paths);
  auto checked = engine::check_identity(directories_read, settings.node_id);
  if (!checked) co_return std::unexpected(checked.error());
  identity = *checked;
  auto locked = co_await locks.take(reactor().files(), paths);
  if (!locked) co_return locked;
  auto given = co_await engine::give_directory_ids(reactor(), directories_read);
  if (!given) co_return given;
  for (const engine::LogDirectory& directory : directories_read) {
    const bool holds_logs = std::ranges::find(settings.log_dirs, directory.path) != settings.log_dirs.end();
    if (holds_logs) log_directories.push_back({directory.path, *directory.properties.directory_id});
  }
  co_return Result<void>();
}

io::Task<Result<void>> Node::Body::make_rooms() {
  directories.emplace(reactor(), log.named("kafka.log.LogManager"), log_directories);
  connections.emplace(cores, settings, connections_max, log.named("kafka.network.SocketServer"));
  rooms.resize(cores.count());
  running.resize(cores.count());
  for (engine::CoreIndex core = 0; core < cores.count(); ++core) {
    auto made = on_core(core, [this, core](std::unique_ptr<CoreRooms>& here) {
      running[core] = std::make_unique<io::TaskGroup>(cores.reactor(core).ready());
      here = std::make_unique<CoreRooms>(CoreDeps{cores, core, settings, handlers, *directories, *connections, exchange,
                                                  log_files, log_sink.levels(), log});
    });
    co_await std::move(made);
  }
  co_return Result<void>();
}

io::Task<Result<void>> Node::Body::start_quorum() {
  engine::QuorumOptions options;
  options.metadata_directory = settings.metadata_log_dir;
  options.directory_id = metadata_directory_id();
  options.incarnation = incarnation;
  options.static_voters = !settings.quorum.voters.empty();
  for (const configs::Endpoint& endpoint : settings.advertised_listeners)
    if (settings.is_controller_listener(endpoint.name))
      options.controller_listeners.push_back(
          {endpoint.name, endpoint.host, endpoint.port, static_cast<std::int16_t>(endpoint.protocol)});
  options.idle_interval = settings.metadata_log.max_idle_interval;
  options.segment_bytes = settings.metadata_log.segment_bytes;
  options.segment_ms = settings.metadata_log.segment_ms;
  options.snapshots.max_new_bytes = settings.metadata_log.max_record_bytes_between_snapshots;
  options.snapshots.max_interval = Duration::from_ms(settings.metadata_log.max_snapshot_interval_ms);
  options.snapshots.retention_bytes = settings.metadata_log.max_retention_bytes;
  options.snapshots.retention_ms = settings.metadata_log.max_retention_ms;
  options.controller = controller_settings(settings, identity.cluster_id);
  std::vector<engine::MetadataPublisher*> publishers;
  for (const auto& core_rooms : rooms) publishers.push_back(&core_rooms->publisher());
  quorum.emplace(
      cores, std::move(publishers), std::move(options),
      log.named("org.apache.kafka.raft.KafkaRaftClient", fmt::format("[RaftManager id={}] ", settings.node_id)));
  auto started = co_await quorum->start();
  co_return started;
}

BoundListener Node::Body::bound_listener(const configs::Endpoint& endpoint, const io::Address& address) const {
  BoundListener bound{endpoint.name, address, {endpoint.host, address.port}, endpoint.protocol};
  for (const configs::Endpoint& advertised : settings.advertised_listeners)
    if (advertised.name == endpoint.name)
      bound.advertised = {advertised.host, advertised.port == 0 ? address.port : advertised.port};
  return bound;
}

// Ports are bound before the broker registers, because registration tells them; nobody is served before the end.
io::Task<Result<void>> Node::Body::listen() {
  std::vector<io::Address> addresses;
  for (const configs::Endpoint& endpoint : settings.listeners) addresses.push_back({endpoint.host, endpoint.port});
  std::vector<engine::PartitionHost*> hosts;
  for (const auto& core_rooms : rooms) hosts.push_back(&core_rooms->host());
  connections->follow(rooms[0]->publisher());
  listening = true;
  for (engine::CoreIndex core = 0; core < cores.count(); ++core) {
    Result<void> outcome;
    std::vector<io::Address> bound;
    auto listened = on_core(core, [&](std::unique_ptr<CoreRooms>& here) {
      here->open_doors(*quorum, hosts, identity.cluster_id);
      outcome = here->listen(addresses);
      if (!outcome) return;
      for (const auto& one : here->bound()) bound.push_back(one.address);
    });
    co_await std::move(listened);
    if (!outcome) co_return outcome;
    // Port 0 was replaced by a real one on the first core; the others share that.
    for (std::size_t i = 0; i < bound.size(); ++i) {
      if (core == 0) listeners.push_back(bound_listener(settings.listeners[i], bound[i]));
      addresses[i].port = bound[i].port;
    }
  }
  co_return Result<void>();
}

// A directory belongs to the core of its partition; one without a topic id (from before Kafka 2.8, or cut short when it
// was made) to that of the topic of its name, and one that nothing is known of to the first.
engine::CoreIndex Node::Body::owner(const engine::FoundLog& found) {
  const metadata::MetadataImage& image = *rooms[0]->publisher().image();
  if (found.topic_id) return engine::owner_of(cores, image, {*found.topic_id, found.index});
  const metadata::TopicImage* named = image.find_topic(found.topic);
  return named != nullptr ? engine::owner_of(cores, *named, found.index) : 0;
}

io::Task<void> Node::Body::load_partitions(std::vector<engine::FoundLog> found) {
  std::vector<std::vector<engine::FoundLog>> by_core(cores.count());
  for (engine::FoundLog& one : found) by_core[owner(one)].push_back(std::move(one));
  std::vector<io::Future<io::Done>> loading;
  for (engine::CoreIndex core = 0; core < cores.count(); ++core)
    loading.push_back(task_on_core(
        core, [own = std::move(by_core[core])](CoreRooms& here) mutable { return here.load(std::move(own)); }));
  for (io::Future<io::Done>& one : loading) co_await std::move(one);
  directories->end_start();
}

io::Task<Result<void>> Node::Body::start_broker() {
  engine::BrokerIdentity broker;
  broker.id = settings.node_id;
  broker.cluster_id = identity.cluster_id;
  broker.incarnation = incarnation;
  broker.listeners = broker_listeners(settings, listeners);
  broker.rack = settings.rack;
  for (const engine::Directories::Directory& directory : log_directories) broker.directories.push_back(directory.id);
  auto found = co_await directories->open();
  if (!found) co_return std::unexpected(found.error());
  broker.previous_epoch = directories->previous_broker_epoch().value_or(-1);

  lifecycle.emplace(
      engine::BrokerLifecycle::Deps{reactor(), rooms[0]->controller(), *quorum,
                                    log.named("kafka.server.BrokerLifecycleManager",
                                              fmt::format("[BrokerLifecycleManager id={}] ", settings.node_id))},
      std::move(broker),
      engine::BrokerTimes{settings.lifecycle.heartbeat_interval, settings.lifecycle.initial_registration_timeout});
  auto epoch = co_await lifecycle->start();
  if (!epoch) co_return std::unexpected(epoch.error());
  registered = true;

  loaded = true;
  co_await load_partitions(std::move(*found));
  auto unfenced = co_await lifecycle->unfence();
  if (!unfenced) co_return unfenced;
  std::vector<engine::PartitionHost*> hosts;
  for (const auto& core_rooms : rooms) hosts.push_back(&core_rooms->host());
  checkpoints.emplace(
      Checkpoints::Deps{cores, std::move(hosts), *directories, settings.log, log.named("kafka.log.LogManager")});
  tasks->spawn(checkpoints->run());
  directory_watch.emplace(DirectoryWatch::Deps{cores, checkpoints->hosts(), *directories, *lifecycle,
                                               rooms[0]->controller(), settings.node_id,
                                               log.named("kafka.log.LogManager")});
  tasks->spawn(watch_directories());
  const engine::ProducerIdOwner owner{settings.node_id, *epoch};
  for (engine::CoreIndex core = 0; core < cores.count(); ++core) {
    auto serving = on_core(core, [owner](std::unique_ptr<CoreRooms>& here) { here->serve(owner); });
    co_await std::move(serving);
  }
  co_return Result<void>();
}

void Node::Body::fail(std::string why) {
  if (mourner) {
    std::exchange(mourner, std::nullopt)->complete(std::move(why));
  } else if (!failed) {
    failed = std::move(why);
  }
}

io::Task<void> Node::Body::watch_directories() {
  co_await directory_watch->run();
  fail("every log directory is offline");
}

io::Task<void> Node::Body::watch_quorum() {
  std::string why = co_await quorum->wait_fenced();
  fail(std::move(why));
}

io::Task<void> Node::Body::stop_serving() {
  std::vector<io::Future<io::Done>> stopping;
  for (engine::CoreIndex core = 0; core < cores.count(); ++core)
    stopping.push_back(task_on_core(core, [](CoreRooms& here) { return here.stop_serving(); }));
  for (io::Future<io::Done>& one : stopping) co_await std::move(one);
}

io::Task<Result<void>> Node::Body::close_partitions(BrokerEpoch epoch) {
  std::vector<io::Future<io::Done>> stopping;
  for (engine::CoreIndex core = 0; core < cores.count(); ++core)
    stopping.push_back(task_on_core(core, [](CoreRooms& here) { return here.stop_partitions(); }));
  for (io::Future<io::Done>& one : stopping) co_await std::move(one);
  if (!checkpoints) co_return Result<void>();
  auto written = co_await checkpoints->write_all();
  if (!written) co_return written;
  Result<void> all_closed;
  std::vector<std::size_t> closed;
  for (std::size_t i = 0; i < log_directories.size(); ++i) {
    const bool clean = std::ranges::all_of(rooms, [i](const auto& here) { return here->host().clean(i); });
    if (clean) closed.push_back(i);
    if (!clean && !directories->is_offline(i))
      all_closed = failure(fmt::format(
          "a log in {} could not be closed cleanly; the next start recovers this directory", log_directories[i].path));
  }
  auto marked = co_await directories->mark_clean(epoch, std::move(closed));
  co_return marked.has_value() ? all_closed : marked;
}

io::Task<void> Node::Body::destroy_rooms() {
  for (engine::CoreIndex core = 0; core < rooms.size(); ++core) {
    auto destroyed = on_core(core, [this, core](std::unique_ptr<CoreRooms>& here) {
      running[core].reset();
      here.reset();
    });
    co_await std::move(destroyed);
  }
  rooms.clear();
}

Node::Node(configs::BrokerSettings settings, NodeDeps deps)
    : body_(std::make_unique<Body>(std::move(settings), std::move(deps))) {}

Node::~Node() = default;

io::Task<Result<void>> Node::start() {
  Body& body = *body_;
  body.log.info("Transition from SHUTDOWN to STARTING");
  auto done = check_supported(body.settings);
  if (done) done = co_await body.take_directories();
  if (done) done = co_await body.make_rooms();
  if (done) done = co_await body.start_quorum();
  if (done) done = co_await body.listen();
  if (done) done = co_await body.start_broker();
  if (!done) co_return done;
  body.is_started = true;
  body.log.info("Transition from STARTING to STARTED");
  co_return done;
}

io::Task<Result<void>> Node::stop() {
  Body& body = *body_;
  body.log.info("Transition from {} to SHUTTING_DOWN", body.is_started ? "STARTED" : "STARTING");
  BrokerEpoch epoch = -1;
  if (body.registered) epoch = co_await body.lifecycle->stop();
  if (body.listening) co_await body.stop_serving();
  body.tasks.emplace(body.reactor().ready());  // ends the rounds of checkpoints
  Result<void> closed;
  if (body.loaded) closed = co_await body.close_partitions(epoch);
  if (body.quorum) co_await body.quorum->stop();
  body.lifecycle.reset();
  co_await body.destroy_rooms();
  body.quorum.reset();
  body.locks.release();
  body.log.info("Transition from SHUTTING_DOWN to SHUTDOWN");
  co_return closed;
}

const std::vector<BoundListener>& Node::listeners() const { return body_->listeners; }

io::Future<std::string> Node::failed() {
  Body& body = *body_;
  auto [promise, future] = body.reactor().make_future<std::string>();
  body.mourner.emplace(std::move(promise));
  body.tasks->spawn(body.watch_quorum());
  if (body.failed) body.fail(std::move(*body.failed));
  return std::move(future);
}

}  // namespace highwater::node
