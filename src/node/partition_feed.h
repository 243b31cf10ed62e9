// Turns metadata changes into deeds of one core's partitions: which replicas live here, who leads them, what their
// topics' configurations say. One per core, on that core. Kafka: kafka.server.metadata.BrokerMetadataPublisher.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "engine/partition/partition_host.h"
#include "engine/quorum/metadata_publisher.h"
#include "engine/routing/cores.h"
#include "foundation/base/log.h"
#include "machines/configs/broker_settings.h"

namespace highwater::node {

class PartitionFeed final : public engine::MetadataListener {
 public:
  struct Deps {
    engine::Cores& cores;
    engine::CoreIndex self;
    engine::MetadataPublisher& publisher;
    engine::PartitionHost& host;
    const configs::BrokerSettings& settings;
    Logger log;
  };
  explicit PartitionFeed(Deps deps);
  ~PartitionFeed();
  PartitionFeed(const PartitionFeed&) = delete;
  PartitionFeed& operator=(const PartitionFeed&) = delete;

  // Takes over all that the image has now, and follows from then on.
  void start();
  void on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) override;

 private:
  void take_topic(const metadata::MetadataImage& image, const metadata::TopicImage& topic);
  void take_partition(const metadata::TopicImage& topic, std::int32_t index, const configs::TopicSettings& settings);
  void drop_topic(const Uuid& id);
  void drop_partition(const TopicPartition& partition);
  void take_defaults(const metadata::MetadataImage& image);
  void configure_all(const metadata::MetadataImage& image);
  configs::TopicSettings settings_of(const metadata::MetadataImage& image, const std::string& topic) const;

  Deps deps_;
  configs::TopicSettings defaults_;              // of topics without a configuration of their own
  std::map<Uuid, std::set<std::int32_t>> here_;  // what the host of this core was given
  bool following_ = false;
};

}  // namespace highwater::node
