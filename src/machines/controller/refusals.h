// What a request is told that was refused as a whole: nothing was decided, or nobody knows whether it will stand. Each
// answer has the shape that Kafka's XRequest.getErrorResponse gives it. Most responses carry one error code on top; the
// others repeat it for everything that the request names and are spelled out in refusals.cc.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "machines/controller/limits.h"
#include "protocol/api/error_code.h"
#include "protocol/messages/fwd.h"

namespace highwater::controller {

struct Refusal {
  api::ErrorCode error;
  std::optional<std::string> message;  // none: the code says it all
};

inline std::unexpected<Refusal> refusal(api::ErrorCode error, std::string text) {
  return std::unexpected(Refusal{error, std::move(text)});
}

// Whether a message of an answer is still told (answer_text_bytes_max).
class TextAllowance {
 public:
  bool covers(const std::string& message) {
    const bool fits = message.size() <= left_;
    left_ = fits ? left_ - message.size() : 0;
    return fits;
  }

 private:
  std::size_t left_ = answer_text_bytes_max;
};

// Kafka's to a request that would need more records than one batch may hold.
Refusal too_large_operation();

void refuse(const messages::AlterConfigsRequest& request, const Refusal& why, messages::AlterConfigsResponse& answer);
void refuse(const messages::AlterPartitionReassignmentsRequest& request, const Refusal& why,
            messages::AlterPartitionReassignmentsResponse& answer);
void refuse(const messages::AlterUserScramCredentialsRequest& request, const Refusal& why,
            messages::AlterUserScramCredentialsResponse& answer);
void refuse(const messages::AlterClientQuotasRequest& request, const Refusal& why,
            messages::AlterClientQuotasResponse& answer);
void refuse(const messages::CreatePartitionsRequest& request, const Refusal& why,
            messages::CreatePartitionsResponse& answer);
void refuse(const messages::CreateTopicsRequest& request, const Refusal& why, messages::CreateTopicsResponse& answer);
void refuse(const messages::DeleteTopicsRequest& request, const Refusal& why, messages::DeleteTopicsResponse& answer);
void refuse(const messages::ElectLeadersRequest& request, const Refusal& why, messages::ElectLeadersResponse& answer);
void refuse(const messages::IncrementalAlterConfigsRequest& request, const Refusal& why,
            messages::IncrementalAlterConfigsResponse& answer);

template <class Request, class Response>
  requires requires(Response answer) { answer.error_code; }
void refuse(const Request&, const Refusal& why, Response& answer) {
  answer.error_code = api::wire_code(why.error);
  if constexpr (requires { answer.error_message; }) {
    answer.error_message.reset();
    if (why.message.has_value()) answer.error_message = *why.message;
  }
}

template <class Response, class Request>
Response refused(const Request& request, const Refusal& why) {
  Response answer;
  refuse(request, why, answer);
  return answer;
}

}  // namespace highwater::controller
