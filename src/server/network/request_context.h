// Everything about one request that is not in its body. Lives in the coroutine that answers the request; handlers get a
// reference. The frame is held to the end, so that views of the decoded request stay valid; so is one metadata image
// (rule S2), so that an answer never mixes two states of the cluster.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "foundation/base/slice.h"
#include "foundation/base/time.h"
#include "machines/metadata/image.h"
#include "server/network/access.h"
#include "server/network/core_affinity.h"
#include "server/network/doors.h"
#include "server/network/request_header.h"
#include "server/network/telemetry_clients.h"

namespace highwater::server {

enum class ListenerKind : std::uint8_t { broker, controller };

struct ListenerInfo {
  std::string name;  // as configured, "PLAINTEXT"
  ListenerKind kind = ListenerKind::broker;
};

// Who is at the other end of a connection.
struct Peer {
  Principal principal;
  std::string address;  // numeric, without port
  std::uint16_t port = 0;
  const ListenerInfo* listener = nullptr;
  std::string software_name;  // from ApiVersions (KIP-511); only what passed Kafka's pattern
  std::string software_version;
  CoreAffinity affinity;           // of the partitions that its requests name
  std::int32_t fetch_session = 0;  // the last one that it used
  TelemetryClients telemetry;      // that speak through it
};

enum class AnswerKind : std::uint8_t {
  send,    // the usual
  silent,  // acks=0: no bytes
  hang_up  // no bytes, and the connection is closed: the only way to tell an acks=0 producer of a failure
};

enum class AnswerLength : std::uint8_t { usual, long_list };

struct RequestContext {
  Slice frame;
  RequestHeader header;
  Peer& peer;
  Doors& doors;
  metadata::ImageHandle image;
  Instant received;
  Duration throttle;  // set by the quota step
  AnswerKind answer = AnswerKind::send;
  // Of a long request: what keeps it, and the frame it borrows from, whatever becomes of this context.
  std::shared_ptr<const void> held;
  // Set by handlers whose answer takes longer to encode than a turn of the loop may last.
  AnswerLength answer_length = AnswerLength::usual;

  std::int16_t version() const { return header.version; }
  std::string_view client_id() const { return header.client_id.value_or(std::string_view()); }
  std::string_view listener() const { return peer.listener->name; }
  bool allows(Operation operation, Resource resource, std::string_view name) const {
    return doors.access.allows(peer.principal, operation, resource, name);
  }
  // The counted part of the frame that `view`, which lies in it, shows.
  Slice slice_of(ByteView view) const {
    return frame.part(static_cast<std::size_t>(view.data() - frame.data()), view.size());
  }
};

}  // namespace highwater::server
