#include "server/network/test_stage.h"

namespace highwater::server {

TEST_CASE("produce overlaps produce and answers leave in the order of the requests") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + produce(2, "b") + produce(3, "hold-c"));
  CHECK(stage.doors().events == Events{"start hold-a", "start b", "end b", "start hold-c"});
  CHECK(client.received.empty());
  stage.release("hold-c");
  CHECK(client.received.empty());
  stage.release("hold-a");
  CHECK(client.correlations() == Correlations{1, 2, 3});
}

TEST_CASE("any other request starts when all earlier ones of its connection are answered") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + fetch(2, "hold-b") + produce(3, "c"));
  CHECK(stage.doors().events == Events{"start hold-a"});
  stage.release("hold-a");
  CHECK(stage.doors().events == Events{"start hold-a", "end hold-a", "start hold-b"});
  CHECK(client.correlations() == Correlations{1});
  stage.release("hold-b");
  CHECK(client.correlations() == Correlations{1, 2, 3});
}

TEST_CASE("a request without an answer leaves no bytes and holds up nobody") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "silent") + produce(2, "b"));
  CHECK(client.correlations() == Correlations{2});
  CHECK_FALSE(client.ended);
}

TEST_CASE("a handler that hangs up closes after the earlier answers and before the later ones") {
  Stage stage;
  Client client;
  stage.connect(client, produce(1, "hold-a") + produce(2, "hang-up") + produce(3, "c"));
  CHECK_FALSE(client.ended);
  stage.release("hold-a");
  CHECK(client.correlations() == Correlations{1});
  CHECK(client.ended);
  CHECK(stage.program->server->connection_count() == 0);
}

TEST_CASE("what cannot be served closes the connection after the earlier answers") {
  for (const std::string& bad :
       {request(32767, 0, 9, "x"), request(-1, 0, 9, "x"), request(1, 99, 9, "x"), request(1, 3, 9, "x"),
        request(3, 1, 9, "x"), number(0), number(3) + "abc", number(-1), number(0x7fffffff),
        number(10) + number(4 << 0) + number(1) + std::string("\x7f\xff")}) {
    Stage stage;
    Client client;
    stage.connect(client, fetch(7, "a") + bad + fetch(8, "b"));
    CHECK(client.correlations() == Correlations{7});
    CHECK(client.ended);
  }
}

TEST_CASE("records that are answered at once are answered before the connection closes behind them") {
  for (const std::string& bad : {number(-1), request(1, 99, 9, "x")}) {
    Stage stage;
    Client client;
    stage.connect(client, produce(1, "a") + produce(2, "b") + bad);
    CHECK(client.correlations() == Correlations{1, 2});
    CHECK(client.ended);
    CHECK(stage.open() == 0);
  }
}

TEST_CASE("an unknown version of ApiVersions is answered in version 0 and the connection goes on") {
  Stage stage;
  Client client;
  stage.connect(client, request(18, 99, 5, "a") + request(18, 0, 6, "b"));
  CHECK(client.correlations() == Correlations{5, 6});
  const std::string body = client.received.substr(8, 2 + 4 + 6);
  CHECK(body == std::string("\0\x23\0\0\0\x01\0\x12\0\0\0\x04", 12));
  CHECK_FALSE(client.ended);
}

TEST_CASE("a request that does not arrive in time is given up, and an idle connection too") {
  ConnectionLimits limits;
  limits.frame_time_max = Duration::from_ms(400);
  limits.idle_time_max = Duration::from_seconds(3);
  Stage stage(limits);
  Client slow;
  stage.connect(slow, number(100) + "begun");
  Client quiet;
  stage.connect(quiet, fetch(1, "a"));
  stage.run(Duration::from_ms(600));
  CHECK(slow.ended);
  CHECK_FALSE(quiet.ended);
  stage.run(Duration::from_seconds(3));
  CHECK(quiet.ended);
}

TEST_CASE("a client that goes away frees its parked request") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "hold-a"));
  CHECK(stage.program->server->connection_count() == 1);
  client.socket->close();
  stage.run();
  CHECK(stage.program->server->connection_count() == 0);
  CHECK_FALSE(stage.doors().held.at("hold-a").wanted());
}

TEST_CASE("large answers leave as the client takes them") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "large") + fetch(2, "b"));
  stage.run(Duration::from_seconds(20));
  CHECK(client.correlations() == Correlations{1, 2});
}

TEST_CASE("a client that does not take its answers is given up") {
  ConnectionLimits limits;
  limits.write_time_max = Duration::from_ms(400);
  Stage stage(limits);
  Client client;
  stage.clients->spawn(send_only(stage.client_process->reactor(0), client, fetch(1, "large")));
  stage.run();
  CHECK(stage.program->server->connection_count() == 1);
  stage.run(Duration::from_seconds(2));
  CHECK(stage.program->server->connection_count() == 0);
  CHECK(stage.program->server->counters().timed_out == 1);
}

TEST_CASE("a connection with too much waiting is not read until it has room") {
  Stage stage;
  Client client;
  stage.connect(client, fetch(1, "hold-a"));
  for (int part = 0; part < 4; ++part) {
    std::string waiting;
    for (int i = 0; i < 90; ++i) waiting += fetch(90 * part + i + 2, std::string(1000, 'w'));
    stage.send(client, waiting);
  }
  CHECK(stage.program->server->counters().bytes_in < 350'000);
  stage.release("hold-a");
  stage.run(Duration::from_seconds(2));
  CHECK(client.correlations().size() == 361);
}

TEST_CASE("stopping waits for records on their way and for nothing else") {
  Stage stage;
  Client producer;
  Client consumer;
  stage.connect(producer, produce(1, "hold-a"));
  stage.connect(consumer, fetch(1, "hold-b"));
  stage.program->stopping->spawn(stage.program->server->stop());
  stage.server_process->reactor(0).kick();
  stage.run();
  CHECK(consumer.ended);
  CHECK_FALSE(producer.ended);
  stage.release("hold-a");
  CHECK(producer.correlations() == Correlations{1});
  CHECK(producer.ended);
  CHECK(stage.program->stopping->size() == 0);
}

TEST_CASE("a kill at any await leaves nothing behind") {
  for (std::uint64_t count = 1; count < 40; ++count) {
    Stage stage;
    stage.server_process->kill_after_resumptions(count);
    Client client;
    stage.connect(client, produce(1, "a") + produce(2, "b") + fetch(3, "c") + fetch(4, "large"));
    stage.run(Duration::from_seconds(1));
  }
}

}  // namespace highwater::server
