#include "machines/metadata/image.h"

namespace highwater::metadata {

namespace {

// Looks a resource up without building a key with its own copy of the name.
struct ResourceView {
  ResourceType type;
  std::string_view name;
};
bool operator<(const ResourceView& left, const ConfigResource& right) {
  return left.type != right.type ? left.type < right.type : left.name < right.name;
}
bool operator<(const ConfigResource& left, const ResourceView& right) {
  return left.type != right.type ? left.type < right.type : left.name < right.name;
}

}  // namespace

const ListenerImage* BrokerImage::find_listener(std::string_view name) const {
  for (const auto& listener : listeners) {
    if (listener.name == name) return &listener;
  }
  return nullptr;
}

const TopicImage* MetadataImage::find_topic(std::string_view name) const {
  const Uuid* id = topic_ids_.find(name);
  return id == nullptr ? nullptr : topics_.find(*id);
}

const PartitionImage* MetadataImage::find_partition(const TopicPartition& partition) const {
  const TopicImage* topic = topics_.find(partition.topic_id);
  return topic == nullptr ? nullptr : topic->find_partition(partition.index);
}

const ConfigValues& MetadataImage::configs(ResourceType type, std::string_view name) const {
  static const ConfigValues nothing;
  const ConfigValues* found = configs_.find(ResourceView{type, name});
  return found == nullptr ? nothing : *found;
}

std::int16_t MetadataImage::feature_level(std::string_view name) const {
  const std::int16_t* level = features_.find(name);
  return level == nullptr ? std::int16_t{0} : *level;
}

}  // namespace highwater::metadata
