// Listener and voter lists of a configuration, parsed. Kafka: SocketServerConfigs.listenerListToEndPoints,
// AbstractKafkaConfig.effectiveListenerSecurityProtocolMap, QuorumConfig.parseVoterConnections.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "machines/configs/broker_settings.h"
#include "machines/configs/values.h"

namespace highwater::configs {

using ProtocolMap = std::map<std::string, SecurityProtocol, std::less<>>;  // listener name, upper case, to protocol

std::string upper_case(std::string_view text);

// listener.security.protocol.map; when it is not set, controller listeners are PLAINTEXT as long as no listener is
// named after SSL or SASL.
Result<ProtocolMap> security_protocols(const ConfigReader& config);

enum class SamePorts : std::uint8_t { refused, allowed };  // advertised addresses may share a port

// `key` is the configuration the list came from, for the sentences.
Result<std::vector<Endpoint>> parse_endpoints(std::string_view key, const std::vector<std::string>& list,
                                              const ProtocolMap& protocols, SamePorts same_ports);

Result<std::vector<QuorumVoter>> parse_voters(const std::vector<std::string>& list);
Result<void> check_bootstrap_servers(const std::vector<std::string>& list);

}  // namespace highwater::configs
