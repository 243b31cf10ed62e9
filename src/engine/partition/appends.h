// The append requests under way on one core: each is cut into a part for each partition, and ends when all its parts
// have, or its time is over. Kafka: ReplicaManager.appendRecords, DelayedProduce.
#pragma once

#include <vector>

#include "engine/partition/append_calls.h"
#include "engine/partition/host_shared.h"

namespace highwater::engine {

class Appends final : public AppendEvents, private AppendListener {
 public:
  explicit Appends(HostShared& host);

  void append(std::vector<AppendPart> parts, AppendOptions options, Reply<std::vector<AppendOutcome>> reply);
  // False, and nothing done, when one of its partitions cannot be asked.
  bool append_here(AppendCall& call);

  void on_answered(replica::TicketId ticket, ErrorCode error) override;
  void on_admitted(replica::TicketId ticket, AppendOutcome&& outcome) override;

 private:
  void start(AppendCall& call);
  void close_part(AppendCall& call, std::size_t part);
  void finish_if_done(AppendCall& call);
  void on_append_expired(AppendCall& call) override;

  HostShared& host_;
  AppendCalls calls_{*this};
};

}  // namespace highwater::engine
