// What a client of ours can be told, and what an error code means for a request that changes something.
#pragma once

#include <cstdint>

#include "link/channel.h"
#include "protocol/api/error_code.h"

namespace highwater::client {

// Either the connection failed or the broker said no.
struct ClientError {
  enum class Origin : std::uint8_t { link, broker };
  Origin origin = Origin::link;
  link::LinkError link = link::LinkError::disconnected;
  api::ErrorCode code = api::ErrorCode::none;

  static ClientError of(link::LinkError error) { return {.origin = Origin::link, .link = error}; }
  static ClientError of(api::ErrorCode error) { return {.origin = Origin::broker, .code = error}; }
};

template <class T>
using ClientResult = Result<T, ClientError>;

// How certain an answer to one attempt to write is (the three-valued outcome of a history).
enum class Certainty : std::uint8_t {
  written,      // it is in the log
  not_written,  // this attempt left nothing in the log
  unknown       // it may be in the log, or may still get there
};

struct WriteMeaning {
  Certainty certainty;
  enum class Next : std::uint8_t { done, retry, give_up } next;
};

// org.apache.kafka.common.errors.RetriableException and its subclasses decide what is tried again.
WriteMeaning meaning_for_producer(api::ErrorCode code);
WriteMeaning meaning_for_producer(link::LinkError error);
// Errors after which the client asks for metadata anew.
bool asks_for_metadata(api::ErrorCode code);

}  // namespace highwater::client
