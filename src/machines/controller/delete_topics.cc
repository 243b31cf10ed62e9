#include <set>
#include <string>
#include <utility>

#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/refusals.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/delete_topics_request.h"
#include "protocol/messages/delete_topics_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::DeleteTopicsRequest;
using Response = messages::DeleteTopicsResponse;

constexpr Uuid no_id;

// Keeps what came once and what came more often apart, each in order.
template <class T>
struct Mentions {
  std::set<T> once;
  std::set<T> repeated;

  void add(const T& item) {
    if (repeated.contains(item)) return;
    if (!once.insert(item).second) {
      once.erase(item);
      repeated.insert(item);
    }
  }
};

class Answers {
 public:
  explicit Answers(Response& response) : response_(response) {}

  void add(std::optional<std::string_view> name, const Uuid& id, ErrorCode error, std::string_view problem) {
    Response::DeletableTopicResult result;
    result.name = std::nullopt;
    if (name.has_value()) result.name = *name;
    result.topic_id = id;
    result.error_code = api::wire_code(error);
    if (error != ErrorCode::none) result.error_message = problem;
    response_.responses.push_back(std::move(result));
  }

 private:
  Response& response_;
};

struct Mentioned {
  Mentions<std::string> names;
  Mentions<Uuid> ids;
};

Mentioned collect(const Request& request, Answers& answers) {
  Mentioned mentioned;
  for (const auto& name : request.topic_names) mentioned.names.add(name.str());
  for (const auto& topic : request.topics) {
    if (!topic.name.has_value()) {
      if (topic.topic_id.is_zero()) {
        answers.add(std::nullopt, no_id, ErrorCode::invalid_request, "Neither topic name nor id were specified.");
      } else {
        mentioned.ids.add(topic.topic_id);
      }
    } else if (topic.topic_id.is_zero()) {
      mentioned.names.add(topic.name->str());
    } else {
      answers.add(topic.name->view(), topic.topic_id, ErrorCode::invalid_request,
                  "You may not specify both topic name and topic id.");
    }
  }
  for (const auto& name : mentioned.names.repeated) {
    answers.add(name, no_id, ErrorCode::invalid_request, "Duplicate topic name.");
  }
  for (const auto& id : mentioned.ids.repeated) {
    answers.add(std::nullopt, id, ErrorCode::invalid_request, "Duplicate topic id.");
  }
  return mentioned;
}

}  // namespace

Decision<Response> Controller::delete_topics(const Request& request) {
  Decision<Response> decision;
  Answers answers(decision.answer);
  if (!settings_.topic_deletion) {
    refuse(request, {ErrorCode::topic_deletion_disabled, std::nullopt}, decision.answer);
    return decision;
  }
  Mentioned mentioned = collect(request, answers);
  std::set<Uuid> doomed;
  for (const Uuid& id : mentioned.ids.once) {
    if (image_->find_topic(id) == nullptr) {
      answers.add(std::nullopt, id, ErrorCode::unknown_topic_id, "This server does not host this topic ID.");
    } else {
      doomed.insert(id);
    }
  }
  for (const auto& name : mentioned.names.once) {
    const metadata::TopicImage* topic = image_->find_topic(name);
    if (topic == nullptr) {
      answers.add(name, no_id, ErrorCode::unknown_topic_or_partition,
                  "This server does not host this topic-partition.");
    } else if (mentioned.ids.repeated.contains(topic->id) || !doomed.insert(topic->id).second) {
      doomed.erase(topic->id);
      answers.add(name, topic->id, ErrorCode::invalid_request,
                  "The provided topic name maps to an ID that was already supplied.");
    }
  }
  if (doomed.size() > records_per_operation_max) {
    decision.answer.responses.clear();
    refuse(request, too_large_operation(), decision.answer);
    return decision;
  }
  for (const Uuid& id : doomed) {
    messages::RemoveTopicRecord record;
    record.topic_id = id;
    decision.records.push_back({std::move(record), 0});
    answers.add(image_->find_topic(id)->name, id, ErrorCode::none, {});
  }
  return decision;
}

}  // namespace highwater::controller
