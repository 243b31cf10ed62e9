// Inside this room: what is asked of the active controller, and the state on which it is decided. Decisions are made
// one after the other, each on what the one before left; a long one is made by the worker of core 0, and whoever comes
// meanwhile waits (rule L1). Kafka: the event queue of QuorumController.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/quorum/describe_quorum.h"
#include "engine/quorum/metadata_batches.h"
#include "foundation/base/random.h"
#include "machines/controller/controller.h"
#include "machines/metadata/loader.h"

namespace highwater::engine {

// Taken by core 0 before the decision.
struct Situation {
  controller::Moment moment;
  Random random;
  QuorumLeader leader;  // touched on core 0 only
};

// What a decision wants written.
struct Wish {
  metadata::Records records;
  controller::Atomicity atomicity = controller::Atomicity::atomic;
  std::optional<std::int16_t> kraft_version = std::nullopt;  // to raise to
};

// Made on core 0 and ended there, once: by send(). In between it has an answer, from decide() or refuse().
class Question {
 public:
  virtual ~Question() = default;
  // From then on nothing is begun.
  virtual Instant deadline() const = 0;
  // Of its request, which it keeps to its end.
  virtual std::size_t bytes() const = 0;
  // Whether decide() and refuse() may take longer than a turn of the loop.
  virtual bool is_long(const controller::Controller& controller) const = 0;
  virtual Wish decide(controller::Controller& controller, Situation& situation) = 0;
  virtual void refuse(const controller::Refusal& why) = 0;
  virtual void send() = 0;
};

// What decisions stand on. Touched by core 0, or by its worker as long as a long decision is under way.
struct Ground {
  metadata::MetadataLoader loader;
  controller::Controller controller;
};

// Records as batches of the log: the ground has moved already, the log has not.
struct Draft {
  struct Batch {
    BatchBytes bytes;
    std::optional<metadata::Publication> publication;
  };
  enum class Fit : std::uint8_t { fits, too_large };

  std::vector<Batch> batches;
  std::optional<std::int16_t> kraft_version;  // to raise to, behind the batches
  Fit fit = Fit::fits;                        // too large: nothing has moved
};

// The first record gets the place's offset; all of it must fit what the controller decided on.
Draft draft(Ground& ground, BatchPlace place, const Wish& wish);

}  // namespace highwater::engine
