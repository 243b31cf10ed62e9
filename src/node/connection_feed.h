// The node's connection counts and what limits them: static settings, below what was set for all brokers, below what
// was set for this one, and the quotas of addresses. Follows the metadata on core 0; the limits of the moment go to the
// owners. Kafka: SocketServer's reconfigure(), DynamicBrokerConfig, IpConfigHandler (ClientQuotaMetadataManager).
#pragma once

#include <string>
#include <vector>

#include "engine/quorum/metadata_publisher.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "machines/configs/broker_settings.h"
#include "machines/quota/connection_quotas.h"
#include "server/network/connection_owner.h"

namespace highwater::node {

// The limits of the listeners of these names, in this order. A value that cannot be read counts as not set. Names that
// only a name server could tell are put into `unknown_hosts`: what limits them does not act.
quota::ConnectionLimits connection_limits(const configs::ConfigMap& values, const std::vector<std::string>& listeners,
                                          std::vector<std::string>& unknown_hosts);
// Adds the quotas of addresses (connection_creation_rate of entity type `ip`).
void add_address_rates(const metadata::MetadataImage& image, quota::ConnectionLimits& limits,
                       std::vector<std::string>& unknown_hosts);

class ConnectionFeed final : public engine::MetadataListener {
 public:
  // `most` bounds the connections of brokers whatever the settings say: what the process has descriptors for.
  ConnectionFeed(engine::Cores& cores, const configs::BrokerSettings& settings, std::int32_t most, Logger log);

  // The publisher of core 0, which is destroyed before this: messages of connections may come to the last.
  void follow(engine::MetadataPublisher& publisher);
  void on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) override;

  // Who counts the connections of that listener, and its number there.
  struct Counter {
    server::ConnectionOwner* owner;
    std::uint32_t number;
  };
  Counter counter_of(const std::string& listener);

 private:
  struct Side {
    std::vector<std::string> listeners;
    server::ConnectionOwner owner;
    std::int32_t most;
  };
  void take(const metadata::MetadataImage& image);

  const configs::BrokerSettings& settings_;
  Logger log_;
  Side brokers_;
  Side controllers_;
  std::vector<std::string> told_hosts_;
};

}  // namespace highwater::node
