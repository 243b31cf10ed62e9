#include "machines/configs/endpoints.h"

#include <fmt/format.h>

#include <algorithm>

namespace highwater::configs {
namespace {

std::optional<SecurityProtocol> protocol_of(std::string_view name) {
  if (name == "PLAINTEXT") return SecurityProtocol::plaintext;
  if (name == "SSL") return SecurityProtocol::ssl;
  if (name == "SASL_PLAINTEXT") return SecurityProtocol::sasl_plaintext;
  if (name == "SASL_SSL") return SecurityProtocol::sasl_ssl;
  return std::nullopt;
}

bool names_ssl_or_sasl(std::string_view listener) {
  const auto protocol = protocol_of(listener);
  return protocol.has_value() && *protocol != SecurityProtocol::plaintext;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '%' ||
         c == '.' || c == '_' || c == ':';
}

struct HostPort {
  std::string host;
  std::uint16_t port;
};

// "host:port", "[v6]:port" or ":port".
std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!std::ranges::all_of(host, is_host_character)) return std::nullopt;
  const auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool is_v6(std::string_view host) { return host.find(':') != std::string_view::npos; }

Result<void> check_distinct(std::string_view key, const std::vector<Endpoint>& endpoints, SamePorts same_ports) {
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Endpoint &a = endpoints[i], &b = endpoints[j];
      if (a.name == b.name)
        return failure(
            fmt::format("Invalid value for configuration {}: each listener must have a different name, but "
                        "{} is there twice",
                        key, a.name));
      const bool families_differ = !a.host.empty() && !b.host.empty() && is_v6(a.host) != is_v6(b.host);
      if (same_ports == SamePorts::refused && a.port == b.port && a.port != 0 && !families_differ)
        return failure(
            fmt::format("Invalid value for configuration {}: each listener must have a different port, but "
                        "{} and {} both use {}",
                        key, b.name, a.name, a.port));
    }
  }
  return {};
}

}  // namespace

std::string_view security_protocol_name(SecurityProtocol protocol) {
  switch (protocol) {
    case SecurityProtocol::plaintext:
      return "PLAINTEXT";
    case SecurityProtocol::ssl:
      return "SSL";
    case SecurityProtocol::sasl_plaintext:
      return "SASL_PLAINTEXT";
    case SecurityProtocol::sasl_ssl:
      return "SASL_SSL";
  }
  return "?";
}

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

Result<ProtocolMap> security_protocols(const ConfigReader& config) {
  constexpr std::string_view key = "listener.security.protocol.map";
  ProtocolMap protocols;
  for (const std::string& entry : config.list(key)) {
    const std::size_t colon = entry.rfind(':');
    if (colon == std::string::npos)
      return failure(
          fmt::format("Invalid value for configuration {}: `{}` is not of the form NAME:PROTOCOL", key, entry));
    const auto protocol = protocol_of(upper_case(trim(std::string_view(entry).substr(colon + 1))));
    if (!protocol)
      return failure(
          fmt::format("Invalid security protocol `{}` defined in {}: use PLAINTEXT, SSL, SASL_PLAINTEXT or "
                      "SASL_SSL",
                      trim(std::string_view(entry).substr(colon + 1)), key));
    std::string name = upper_case(trim(std::string_view(entry).substr(0, colon)));
    if (protocols.contains(name))
      return failure(
          fmt::format("Invalid value for configuration {}: listener {} is there twice, take one out", key, name));
    protocols.emplace(std::move(name), *protocol);
  }
  if (config.is_set(key)) return protocols;
  const auto controllers = config.list("controller.listener.names");
  const auto listeners = config.list("listeners");
  const auto listener_is_secure = [](const std::string& listener) {
    return names_ssl_or_sasl(upper_case(std::string_view(listener).substr(0, listener.find(':'))));
  };
  if (std::ranges::any_of(controllers, names_ssl_or_sasl) || std::ranges::any_of(listeners, listener_is_secure))
    return protocols;
  for (const std::string& name : controllers) protocols.try_emplace(upper_case(name), SecurityProtocol::plaintext);
  return protocols;
}

Result<std::vector<Endpoint>> parse_endpoints(std::string_view key, const std::vector<std::string>& list,
                                              const ProtocolMap& protocols, SamePorts same_ports) {
  std::vector<Endpoint> endpoints;
  for (const std::string& entry : list) {
    const std::size_t separator = entry.find("://");
    const auto address =
        separator == std::string::npos ? std::nullopt : parse_host_port(std::string_view(entry).substr(separator + 3));
    if (!address)
      return failure(
          fmt::format("Invalid value {} for configuration {}: write it as NAME://host:port, for example "
                      "PLAINTEXT://localhost:9092",
                      entry, key));
    std::string name = upper_case(std::string_view(entry).substr(0, separator));
    const auto protocol = protocols.find(name);
    if (protocol == protocols.end())
      return failure(
          fmt::format("No security protocol defined for listener {} of {}: add {}:PLAINTEXT (or SSL, "
                      "SASL_SSL) to listener.security.protocol.map",
                      name, key, name));
    endpoints.push_back({std::move(name), address->host, address->port, protocol->second});
  }
  if (auto distinct = check_distinct(key, endpoints, same_ports); !distinct) return std::unexpected(distinct.error());
  return endpoints;
}

Result<std::vector<QuorumVoter>> parse_voters(const std::vector<std::string>& list) {
  std::vector<QuorumVoter> voters;
  for (const std::string& entry : list) {
    const std::size_t at = entry.find('@');
    const auto id = at == std::string::npos ? std::nullopt : parse_integer(std::string_view(entry).substr(0, at));
    const auto address =
        at == std::string::npos ? std::nullopt : parse_host_port(std::string_view(entry).substr(at + 1));
    if (!id || *id < 0 || *id > INT32_MAX || !address || address->host.empty())
      return failure(
          fmt::format("Invalid value {} for configuration controller.quorum.voters: each entry should be in "
                      "the form {{id}}@{{host}}:{{port}}",
                      entry));
    voters.push_back({static_cast<NodeId>(*id), address->host, address->port});
  }
  return voters;
}

Result<void> check_bootstrap_servers(const std::vector<std::string>& list) {
  for (const std::string& entry : list) {
    const auto address = parse_host_port(entry);
    if (!address || address->host.empty())
      return failure(
          fmt::format("Invalid value {} for configuration controller.quorum.bootstrap.servers: each entry "
                      "should be in the form {{host}}:{{port}}",
                      entry));
  }
  return {};
}

}  // namespace highwater::configs
