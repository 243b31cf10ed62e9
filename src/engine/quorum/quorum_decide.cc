// Questions, one after the other. A short one is decided in the turn in which it comes; a long one goes to the worker
// with the ground on which it is decided, and comes back as batches that are written here.
#include <utility>

#include "engine/quorum/quorum_core.h"
#include "io/on_worker.h"
#include "protocol/api/error_code.h"

namespace highwater::engine {

namespace {

using api::ErrorCode;

const controller::Refusal not_controller{ErrorCode::not_controller, std::nullopt};
// What waits for its decision is no longer counted as held by a connection, which may be gone.
constexpr std::size_t waiting_bytes_max = std::size_t{256} << 20;

const controller::Refusal too_late{ErrorCode::request_timed_out, std::nullopt};
const controller::Refusal too_large{ErrorCode::record_list_too_large, std::nullopt};

}  // namespace

// A long decision, away from the loop.
struct QuorumCore::Journey {
  std::shared_ptr<Ground> ground;
  std::unique_ptr<Question> question;
  Situation situation;
  BatchPlace place;
  const controller::Refusal* refusal = nullptr;  // nothing is decided
  Draft draft;

  void run() {
    if (refusal != nullptr) return question->refuse(*refusal);
    const Wish wish = question->decide(ground->controller, situation);
    draft = engine::draft(*ground, place, wish);
    if (draft.fit == Draft::Fit::too_large) question->refuse(too_large);
  }
};

void QuorumCore::end(std::unique_ptr<Question> question, Ending ending) {
  if (!question) return;
  switch (ending) {
    case Ending::committed:
      break;
    case Ending::failed:
      question->refuse(not_controller);
      break;
    case Ending::too_large:
      question->refuse(too_large);
      break;
  }
  question->send();
}

Situation QuorumCore::situation() {
  return {{reactor_.now(), next_offset_}, Random(reactor_.random().next()), leadership()};
}

BatchPlace QuorumCore::next_place() const { return {next_offset_, raft_->epoch(), reactor_.wall_now().ms}; }

const controller::Refusal* QuorumCore::refusal_of(const Question& question) const {
  if (!active_ || !store_->ready()) return &not_controller;
  return reactor_.now() >= question.deadline() ? &too_late : nullptr;
}

void QuorumCore::ask(std::unique_ptr<Question> question) {
  if (!away_ && !question->is_long(ground_->controller)) return decide(std::move(question));
  if (!questions_.empty() && waiting_bytes_ + question->bytes() > waiting_bytes_max) {
    question->refuse(too_late);
    return question->send();
  }
  waiting_bytes_ += question->bytes();
  questions_.push_back(std::move(question));
  if (!away_) upkeep_.spawn(decide_in_turn());
}

void QuorumCore::decide(std::unique_ptr<Question> question) {
  if (const controller::Refusal* refusal = refusal_of(*question)) {
    question->refuse(*refusal);
    question->send();
    return;
  }
  Situation now = situation();
  const Wish wish = question->decide(ground_->controller, now);
  write(draft(*ground_, next_place(), wish), std::move(question));
}

// Runs from a long question until none is left; the short ones behind it come in their turn.
io::Task<void> QuorumCore::decide_in_turn() {
  away_ = true;
  while (!questions_.empty()) {
    std::unique_ptr<Question> question = std::move(questions_.front());
    questions_.pop_front();
    waiting_bytes_ -= question->bytes();
    const bool goes_to_worker = active_ && question->is_long(ground_->controller);
    if (!goes_to_worker) {
      decide(std::move(question));
      continue;
    }
    const controller::Refusal* refusal = refusal_of(*question);
    auto journey =
        std::make_shared<Journey>(Journey{ground_, std::move(question), situation(), next_place(), refusal, Draft{}});
    co_await io::on_worker(reactor_, journey, &Journey::run);
    end(*journey);
  }
  away_ = false;
  if (ground_returned_.pending()) ground_returned_.complete({});
}

void QuorumCore::end(Journey& journey) {
  const bool decided = journey.refusal == nullptr;
  // What was decided stands on what the log has lost meanwhile, or nobody may write it any more.
  const bool in_vain = std::exchange(ground_lost_, false) || !active_ || !store_->ready();
  if (in_vain && active_) stand_on(image_at(next_offset_));
  if (!decided || journey.draft.fit == Draft::Fit::too_large) {
    journey.question->send();
  } else if (in_vain) {
    end(std::move(journey.question), Ending::failed);
  } else {
    write(std::move(journey.draft), std::move(journey.question));
  }
}

io::Future<io::Done> QuorumCore::ground_returned() {
  if (!away_) return io::Future<io::Done>::ready({});
  auto [promise, future] = reactor_.make_future<io::Done>();
  ground_returned_ = std::move(promise);
  return std::move(future);
}

void QuorumCore::stand_on(metadata::ImageHandle image) {
  ground_->loader = metadata::MetadataLoader(image);
  ground_->controller.activate(std::move(image), reactor_.now());
}

}  // namespace highwater::engine
