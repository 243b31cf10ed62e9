// AlterUserScramCredentials. The salted password of a request becomes two keys that prove but do not reveal it; neither
// goes into any log line. Kafka: ScramControlManager (KIP-554).
#include <utility>

#include "foundation/crypto/scram.h"
#include "machines/controller/controller.h"
#include "machines/controller/limits.h"
#include "machines/controller/refusals.h"
#include "machines/metadata/features.h"
#include "protocol/messages/alter_user_scram_credentials_request.h"
#include "protocol/messages/alter_user_scram_credentials_response.h"

namespace highwater::controller {

namespace {

using api::ErrorCode;
using Request = messages::AlterUserScramCredentialsRequest;
using Response = messages::AlterUserScramCredentialsResponse;
using Verdict = std::optional<Refusal>;

constexpr std::int32_t iterations_min = 4096;
constexpr std::int32_t iterations_max = 16'384;

Verdict refusal(ErrorCode error, const char* text) { return Refusal{error, text}; }

Verdict check_user(std::string_view user, std::int8_t mechanism) {
  if (user.empty()) return refusal(ErrorCode::unacceptable_credential, "Username must not be empty");
  if (!crypto::scram_mechanism(mechanism).has_value()) {
    return refusal(ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism");
  }
  return std::nullopt;
}

Verdict check(const Request::ScramCredentialUpsertion& upsertion) {
  if (auto refused = check_user(upsertion.name.view(), upsertion.mechanism)) return refused;
  if (upsertion.iterations < iterations_min) return refusal(ErrorCode::unacceptable_credential, "Too few iterations");
  if (upsertion.iterations > iterations_max) return refusal(ErrorCode::unacceptable_credential, "Too many iterations");
  return std::nullopt;
}

Verdict check(const metadata::MetadataImage& image, const Request::ScramCredentialDeletion& deletion) {
  if (auto refused = check_user(deletion.name.view(), deletion.mechanism)) return refused;
  const metadata::ScramKey key{deletion.mechanism, deletion.name.str()};
  if (image.scram_credentials().find(key) != nullptr) return std::nullopt;
  return refusal(ErrorCode::resource_not_found, "Attempt to delete a user credential that does not exist");
}

metadata::MetadataRecord record_of(const Request::ScramCredentialDeletion& deletion) {
  messages::RemoveUserScramCredentialRecord record;
  record.name = deletion.name.owned();
  record.mechanism = deletion.mechanism;
  return {std::move(record), 0};
}

metadata::MetadataRecord record_of(const Request::ScramCredentialUpsertion& upsertion) {
  const auto keys = crypto::scram_keys(*crypto::scram_mechanism(upsertion.mechanism), upsertion.salted_password.view());
  messages::UserScramCredentialRecord record;
  record.name = upsertion.name.owned();
  record.mechanism = upsertion.mechanism;
  record.salt = upsertion.salt.owned();
  record.stored_key = wire::Blob(ByteView(keys.stored_key));
  record.server_key = wire::Blob(ByteView(keys.server_key));
  record.iterations = upsertion.iterations;
  return {std::move(record), 0};
}

// What shall become of one user. A user may be named once in a request, whatever the mechanisms.
struct UserWish {
  const Request::ScramCredentialDeletion* deletion = nullptr;
  const Request::ScramCredentialUpsertion* upsertion = nullptr;
  Verdict refused;
};

class Wishes {
 public:
  explicit Wishes(const metadata::MetadataImage& image) : image_(image) {}

  void add(const Request::ScramCredentialDeletion& deletion) {
    if (UserWish* wish = first_mention(deletion.name.view())) {
      wish->deletion = &deletion;
      if (!wish->refused.has_value()) wish->refused = check(image_, deletion);
    }
  }
  void add(const Request::ScramCredentialUpsertion& upsertion) {
    if (UserWish* wish = first_mention(upsertion.name.view())) {
      wish->upsertion = &upsertion;
      if (!wish->refused.has_value()) wish->refused = check(upsertion);
    }
  }
  std::map<std::string_view, UserWish>& users() { return users_; }

 private:
  UserWish* first_mention(std::string_view user) {
    const auto [place, fresh] = users_.try_emplace(user);
    UserWish& wish = place->second;
    if (!fresh) {
      if (!wish.refused.has_value()) {
        wish.refused =
            refusal(ErrorCode::duplicate_resource, "A user credential cannot be altered twice in the same request");
      }
      return nullptr;
    }
    if (!metadata::has_scram(image_.metadata_version())) {
      wish.refused = refusal(ErrorCode::unsupported_version, "The current metadata.version does not support SCRAM");
    }
    return &wish;
  }

  const metadata::MetadataImage& image_;
  std::map<std::string_view, UserWish> users_;
};

}  // namespace

Decision<Response> Controller::alter_scram_credentials(const Request& request) const {
  Decision<Response> decision;
  Wishes wishes(*image_);
  for (const auto& deletion : request.deletions) wishes.add(deletion);
  for (const auto& upsertion : request.upsertions) wishes.add(upsertion);
  std::size_t altered = 0;
  for (auto& [user, wish] : wishes.users()) {
    // An empty key is no key: Kafka's own crypto throws.
    const bool no_key = wish.upsertion != nullptr && wish.upsertion->salted_password.empty();
    if (!wish.refused.has_value() && no_key) wish.refused = Refusal{ErrorCode::unknown_server_error, std::nullopt};
    if (!wish.refused.has_value()) ++altered;
  }
  // Before any keys are derived, which takes its time.
  if (altered > records_per_operation_max) {
    decision.answer = refused<Response>(request, {ErrorCode::unknown_server_error, std::nullopt});
    return decision;
  }
  for (auto& [user, wish] : wishes.users()) {
    auto& result = decision.answer.results.emplace_back();
    result.user = user;
    result.error_message.reset();
    if (wish.refused.has_value()) {
      result.error_code = api::wire_code(wish.refused->error);
      if (wish.refused->message.has_value()) result.error_message = *wish.refused->message;
    } else if (wish.deletion != nullptr) {
      decision.records.push_back(record_of(*wish.deletion));
    } else {
      decision.records.push_back(record_of(*wish.upsertion));
    }
  }
  return decision;
}

}  // namespace highwater::controller
