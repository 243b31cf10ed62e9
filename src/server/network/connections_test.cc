// Limits of connections, and deadlines of those that are slow.
#include "server/network/test_stage.h"

namespace highwater::server {
namespace {

quota::ConnectionLimits at_most(std::int32_t connections) {
  quota::ConnectionLimits limits;
  limits.connections = connections;
  return limits;
}

bool is_served(const Client& client) { return client.correlations() == Correlations{1}; }

}  // namespace

TEST_CASE("a client above the limit is served when another one leaves") {
  Stage stage;
  stage.limit(at_most(2));
  std::array<Client, 3> clients;
  for (Client& client : clients) stage.connect(client, fetch(1, "a"));
  CHECK(is_served(clients[0]));
  CHECK(is_served(clients[1]));
  stage.run(Duration::from_seconds(5));
  CHECK_FALSE(is_served(clients[2]));
  CHECK_FALSE(clients[2].ended);
  clients[0].socket->close();
  stage.run();
  CHECK(is_served(clients[2]));
  CHECK(stage.open() == 2);
}

TEST_CASE("a connection of brokers takes the place of the client that was longest silent") {
  Stage stage;
  stage.limit(at_most(2));
  Client first;
  Client second;
  stage.connect(first, fetch(1, "a"));
  stage.connect(second, fetch(1, "a"));
  stage.send(first, fetch(2, "a"));
  Client broker;
  broker.port = inside_port;
  stage.connect(broker, fetch(1, "a"));
  CHECK(is_served(broker));
  CHECK_FALSE(first.ended);
  CHECK(second.ended);
  CHECK(stage.program->connections.quotas().connections() == 2);
}

TEST_CASE("a lowered limit closes the clients that were longest silent and no broker") {
  Stage stage;
  std::array<Client, 4> clients;
  for (Client& client : clients) stage.connect(client, fetch(1, "a"));
  Client broker;
  broker.port = inside_port;
  stage.connect(broker, fetch(1, "a"));
  stage.limit(at_most(3));
  CHECK(clients[0].ended);
  CHECK(clients[1].ended);
  CHECK_FALSE(clients[2].ended);
  CHECK_FALSE(clients[3].ended);
  stage.limit(at_most(0));
  CHECK(clients[3].ended);
  CHECK_FALSE(broker.ended);
  CHECK(stage.open() == 1);
}

TEST_CASE("too many connections of one address are closed at once and told once") {
  Stage stage;
  quota::ConnectionLimits limits;
  limits.connections_per_address = 1;
  stage.limit(limits);
  std::array<Client, 3> clients;
  for (Client& client : clients) stage.connect(client, fetch(1, "a"));
  CHECK(is_served(clients[0]));
  CHECK(clients[1].ended);
  CHECK(clients[2].ended);
  CHECK(clients[1].received.empty());
  REQUIRE(stage.log().size() == 1);
  CHECK(stage.log()[0].find("address already has the configured maximum of 1 connections") != std::string::npos);
  CHECK(stage.program->server->counters().turned_away == 2);
}

TEST_CASE("connections above the rate are served later") {
  Stage stage;
  quota::ConnectionLimits limits;
  limits.new_per_second = 1;
  stage.limit(limits);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 13; ++i) {
    clients.push_back(std::make_unique<Client>());
    stage.clients->spawn(receive(stage.client_process->reactor(0), *clients.back(), fetch(1, "a")));
  }
  stage.client_process->reactor(0).kick();
  stage.run();
  // One per second over ten seconds, at once.
  CHECK(stage.open() == 10);
  stage.run(Duration::from_seconds(2));
  CHECK(stage.open() == 12);
  stage.run(Duration::from_seconds(2));
  CHECK(stage.open() == 13);
}

TEST_CASE("connections of an address above its rate are closed after a pause") {
  Stage stage;
  quota::ConnectionLimits limits;
  limits.new_per_second_per_address = 1;
  stage.limit(limits);
  std::array<Client, 11> clients;
  for (Client& client : clients) stage.clients->spawn(receive(stage.client_process->reactor(0), client, fetch(1, "a")));
  stage.client_process->reactor(0).kick();
  stage.run(Duration::from_ms(500));
  CHECK_FALSE(std::ranges::any_of(clients, &Client::ended));
  stage.run(Duration::from_seconds(2));
  CHECK(std::ranges::count_if(clients, &Client::ended) == 1);
  CHECK(std::ranges::count_if(clients, is_served) == 10);
  CHECK(stage.program->connections.quotas().connections() == 10);
}

TEST_CASE("stopping gives up who waits for a place") {
  Stage stage;
  stage.limit(at_most(1));
  Client served;
  Client waiting;
  stage.connect(served, fetch(1, "a"));
  stage.connect(waiting, fetch(1, "a"));
  stage.program->stopping->spawn(stage.program->server->stop());
  stage.server_process->reactor(0).kick();
  stage.run();
  CHECK(served.ended);
  CHECK(waiting.ended);
  CHECK(waiting.received.empty());
  CHECK(stage.program->connections.quotas().connections() == 0);
}

TEST_CASE("a request that drips is given up with one line, however steadily it drips") {
  ConnectionLimits limits;
  limits.frame_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client client;
  stage.connect(client, fetch(1, "a") + number(1 << 20));
  for (int i = 0; i < 50 && !client.ended; ++i) {
    stage.send(client, "x");
    stage.run(Duration::from_ms(50));
  }
  stage.run(Duration::from_seconds(1));
  CHECK(client.ended);
  CHECK(is_served(client));
  REQUIRE(stage.log().size() == 1);
  CHECK(stage.log()[0].find("a request did not arrive in time, closed") != std::string::npos);
  CHECK(stage.program->server->counters().timed_out == 1);
}

TEST_CASE("a whole request in each interval is in time, however long the stream") {
  ConnectionLimits limits;
  limits.frame_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client client;
  stage.connect(client, fetch(1, "a"));
  for (int i = 2; i < 12; ++i) {
    const std::string whole = fetch(i, "a");
    stage.send(client, whole.substr(0, 6));
    stage.run(Duration::from_seconds(1));
    stage.send(client, whole.substr(6));
  }
  CHECK(client.correlations().size() == 11);
  CHECK_FALSE(client.ended);
}

TEST_CASE("answers that are not taken end the connection with one line") {
  ConnectionLimits limits;
  limits.write_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client client;
  stage.clients->spawn(send_only(stage.client_process->reactor(0), client, fetch(1, "large")));
  stage.run(Duration::from_seconds(2));
  CHECK(stage.open() == 1);
  stage.run(Duration::from_seconds(4));
  CHECK(stage.open() == 0);
  REQUIRE(stage.log().size() == 1);
  CHECK(stage.log()[0].find("answers are not taken, closed") != std::string::npos);
}

TEST_CASE("a client that takes its answer in small pieces is not given up") {
  ConnectionLimits limits;
  limits.write_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client client;
  stage.clients->spawn(send_only(stage.client_process->reactor(0), client, fetch(1, "large")));
  std::vector<std::uint8_t> buffer(256 << 10);
  for (int i = 0; i < 12; ++i) {
    stage.run(Duration::from_seconds(1));
    static_cast<void>(client.socket->try_read(buffer));
  }
  CHECK(stage.open() == 1);
}

TEST_CASE("requests that are begun and do not end are bounded in all, and given up for those who wait") {
  ConnectionLimits limits;
  limits.memory.bytes = 64 << 10;
  Stage stage(limits);
  Client old;
  stage.connect(old, fetch(1, "a"));
  std::vector<std::unique_ptr<Client>> hostile;
  for (int i = 0; i < 60; ++i) {
    hostile.push_back(std::make_unique<Client>());
    stage.clients->spawn(
        receive(stage.client_process->reactor(0), *hostile.back(), number(1 << 20) + std::string(2000, 'x')));
  }
  stage.client_process->reactor(0).kick();
  stage.run(Duration::from_ms(500));
  CHECK(stage.program->server->request_bytes() <= (64 << 10) + (8 << 10));
  CHECK(stage.program->server->counters().bytes_in < 60 * 2000);
  stage.send(old, fetch(2, "a"));
  CHECK(old.correlations() == Correlations{1});
  stage.run(Duration::from_seconds(4));
  CHECK(old.correlations() == Correlations{1, 2});
  CHECK(stage.program->server->counters().shed > 0);
  CHECK_FALSE(old.ended);
  for (const auto& client : hostile)
    if (client->socket) client->socket->close();
  stage.run(Duration::from_seconds(1));
  CHECK(stage.program->server->request_bytes() == 0);
}

TEST_CASE("one whole request is read however full the memory is") {
  ConnectionLimits limits;
  limits.memory.bytes = 10'000;
  Stage stage(limits);
  Client client;
  stage.connect(client, fetch(1, "a"));
  stage.send(client, fetch(2, std::string(30'000, 'w')));
  stage.run(Duration::from_seconds(1));
  CHECK(client.correlations() == Correlations{1, 2});
  CHECK(stage.program->server->request_bytes() == 0);
}

TEST_CASE("with too many requests waiting only those are read who have none under way") {
  ConnectionLimits limits;
  limits.memory.waiting_requests = 10;
  Stage stage(limits);
  Client greedy;
  std::string many = fetch(1, "hold-a");
  for (int i = 2; i < 40; ++i) many += fetch(i, "b");
  stage.connect(greedy, many);
  const auto read = stage.program->server->counters().bytes_in;
  stage.send(greedy, fetch(40, "b"));
  CHECK(stage.program->server->counters().bytes_in == read);
  Client modest;
  stage.connect(modest, fetch(1, "a"));
  CHECK(modest.correlations() == Correlations{1});
  stage.release("hold-a");
  stage.run(Duration::from_seconds(1));
  CHECK(greedy.correlations().size() == 40);
}

TEST_CASE("answers that nobody takes are bounded in all, and the largest are given up for the others") {
  ConnectionLimits limits;
  limits.memory.answer_bytes = 20 << 20;
  Stage stage(limits);
  std::array<Client, 6> hostile;
  for (Client& client : hostile) {
    stage.clients->spawn(send_only(stage.client_process->reactor(0), client, fetch(1, "large")));
    stage.client_process->reactor(0).kick();
    stage.run(Duration::from_ms(20));
  }
  CHECK(stage.open() == 6);
  Client modest;
  stage.connect(modest, produce(1, "a") + fetch(2, "b"));
  CHECK(modest.correlations() == Correlations{1});
  stage.run(Duration::from_seconds(2));
  CHECK(modest.correlations() == Correlations{1, 2});
  CHECK(stage.program->server->counters().shed > 0);
  CHECK(stage.program->server->counters().shed < 6);
}

}  // namespace highwater::server
