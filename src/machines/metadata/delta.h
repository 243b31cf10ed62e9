// From one image to the next. Records go in, in log order; out come the new image and the list of what changed, which
// is what listeners read so that a publication costs what changed and not what exists. One owner; after finish() it is
// read-only. apply() is the only place where a metadata record changes anything: the active controller, a standby,
// a broker and the loader of a snapshot all call it. Kafka: org.apache.kafka.image.MetadataDelta.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "foundation/base/result.h"
#include "machines/metadata/image.h"

namespace highwater::metadata {

struct MetadataRecord;  // records.h

struct TopicChange {
  std::string name;
  bool created = false;               // not in the base image under this id
  bool removed = false;               // not in the new image
  std::set<std::int32_t> partitions;  // made or changed; of a removed topic: empty
};

enum class BrokerChange : std::uint8_t { registered, changed, removed };

struct BatchEnd {
  Offset offset = no_offset;  // of the last record
  Epoch epoch = no_epoch;
  std::int64_t timestamp_ms = -1;
};

class MetadataDelta {
 public:
  explicit MetadataDelta(ImageHandle base);

  // Failure: the record contradicts the image (an unknown topic, for example). The log is not ours to mend: stop.
  Result<void> apply(const MetadataRecord& record);
  void set_kraft_version(std::int16_t level) { next_.kraft_version_ = level; }
  // The image after all records so far; the delta takes no records afterwards.
  ImageHandle finish(const BatchEnd& end);

  const ImageHandle& base() const { return base_; }
  // The image as of the records so far; for the machine that goes on deciding before finish().
  const MetadataImage& current() const { return next_; }

  const std::map<Uuid, TopicChange>& topics() const { return topics_; }
  const std::set<ConfigResource>& configs() const { return configs_; }
  const std::map<NodeId, BrokerChange>& brokers() const { return brokers_; }
  const std::set<std::string>& features() const { return features_; }
  bool quotas_changed() const { return quotas_changed_; }
  // Nothing but the offset moved.
  bool empty() const;

 private:
  friend struct RecordApplier;  // delta.cc and apply_*.cc: one function per record type

  ImageHandle base_;
  MetadataImage next_;
  std::map<Uuid, TopicChange> topics_;
  std::set<ConfigResource> configs_;
  std::map<NodeId, BrokerChange> brokers_;
  std::set<std::string> features_;
  bool producer_ids_changed_ = false;
  bool security_changed_ = false;  // ACLs, SCRAM credentials, delegation tokens
  bool quotas_changed_ = false;
  bool controllers_changed_ = false;
};

}  // namespace highwater::metadata
