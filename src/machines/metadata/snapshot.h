// An image as the records that would make it, in the order in which Kafka writes a snapshot: features (metadata.version
// first), brokers, controllers, topics with their partitions, configs, client quotas, producer ids, ACLs, SCRAM
// credentials, delegation tokens. Record versions follow the image's metadata.version; what that version cannot say is
// left out. Kafka: MetadataImage.write and ImageWriterOptions.
#pragma once

#include "machines/metadata/image.h"
#include "machines/metadata/records.h"

namespace highwater::metadata {

Records image_records(const MetadataImage& image);

// The records of a new topic's or a registration's state, as the controller writes them too.
MetadataRecord partition_record(const Uuid& topic, std::int32_t index, const PartitionImage& partition,
                                std::int16_t metadata_version);
MetadataRecord register_broker_record(const BrokerImage& broker, std::int16_t metadata_version);
MetadataRecord register_controller_record(const ControllerImage& controller);

}  // namespace highwater::metadata
