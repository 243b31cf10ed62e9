// An image as the records that would make it, in the order in which Kafka writes a snapshot: features (metadata.version
// first), brokers, controllers, topics with their partitions, configs, client quotas, producer ids, ACLs, SCRAM
// credentials, delegation tokens. Record versions follow the image's metadata.version; what that version cannot say is
// left out. Kafka: MetadataImage.write and ImageWriterOptions.
#pragma once

#include <cstddef>
#include <optional>

#include "machines/metadata/image.h"
#include "machines/metadata/records.h"

namespace highwater::metadata {

// The whole image at once; for small ones.
Records image_records(const MetadataImage& image);

// The same in slices, so that writing a large image never holds a core for long. Keeps the image alive.
class ImageReader {
 public:
  explicit ImageReader(ImageHandle image);
  ImageReader(const ImageReader&) = delete;
  ImageReader& operator=(const ImageReader&) = delete;

  // The next records, about `most` (> 0): the settings of one resource stay together. Empty: that was all.
  Records next(std::size_t most);

 private:
  template <class K, class V>
  using Place = typename PersistentMap<K, V>::Iterator;

  void read_cluster(std::size_t most, Records& records);
  void read_topics(std::size_t most, Records& records);
  void read_settings(std::size_t most, Records& records);

  ImageHandle image_;
  bool begun_ = false;
  bool producer_ids_read_ = false;
  Place<std::string, std::int16_t> features_;
  Place<NodeId, BrokerImage> brokers_;
  Place<NodeId, ControllerImage> controllers_;
  Place<Uuid, TopicImage> topics_;
  std::optional<Place<std::int32_t, PartitionImage>> partitions_;  // of the topic that is being read
  Place<ConfigResource, ConfigValues> configs_;
  Place<QuotaEntity, QuotaValues> quotas_;
  Place<Uuid, AclImage> acls_;
  Place<ScramKey, ScramCredentialImage> credentials_;
  Place<std::string, DelegationTokenImage> tokens_;
};

// The records of a new topic's or a registration's state, as the controller writes them too.
MetadataRecord partition_record(const Uuid& topic, std::int32_t index, const PartitionImage& partition,
                                std::int16_t metadata_version);
MetadataRecord register_broker_record(const BrokerImage& broker, std::int16_t metadata_version);
MetadataRecord register_controller_record(const ControllerImage& controller);

}  // namespace highwater::metadata
