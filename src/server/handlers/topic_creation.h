// Creates topics that clients asked for and that do not exist yet (Kafka: AutoTopicCreationManager). Kafka tells the
// client at once that the topic is unknown; stock clients then wait between 100 ms and a second before they ask again.
// We answer when the topic is there and its partitions are open, which takes milliseconds, and as Kafka does when that
// takes longer than `wait_max`. One per core; bounded: what does not fit is asked for again by the client's next
// request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "foundation/base/log.h"
#include "io/task.h"
#include "machines/configs/broker_settings.h"
#include "server/network/request_context.h"

namespace highwater::server {

class TopicCreation {
 public:
  static constexpr std::size_t asked_for_max = 1000;

  struct Deps {
    io::Reactor& reactor;
    const configs::BrokerSettings& settings;
    engine::ControllerDoor& controller;
    engine::Partitions& partitions;
    Logger log;
  };
  explicit TopicCreation(Deps deps);

  // Asks the controller for those of `topics` that are not asked for already. Names must be valid. Ready when these
  // were made or refused, or wait_max is over: a look at the metadata tells.
  io::Future<io::Done> ask_for(const std::vector<std::string>& topics, const RequestContext& context);

 private:
  static constexpr Duration wait_max = Duration::from_ms(500);

  io::Task<void> create(std::vector<std::string> topics, Principal principal, std::string client_id, Instant deadline);
  io::Task<void> create_and_tell(std::uint64_t waiter, io::Task<void> creation);
  io::Task<void> give_up(std::uint64_t waiter);
  void tell(std::uint64_t waiter);

  io::Reactor& reactor_;
  const configs::BrokerSettings& settings_;
  engine::ControllerDoor& controller_;
  engine::Partitions& partitions_;
  Logger log_;
  std::uint64_t last_waiter_ = 0;
  std::map<std::uint64_t, io::Promise<io::Done>> waiters_;
  std::set<std::string, std::less<>> asked_for_;
  io::TaskGroup tasks_;
};

}  // namespace highwater::server
