#include "node/partition_feed.h"

#include <algorithm>

#include "engine/partition/partition_owner.h"
#include "machines/configs/dynamic_broker.h"

namespace highwater::node {

PartitionFeed::PartitionFeed(Deps deps) : deps_(std::move(deps)), defaults_(deps_.settings.topic_defaults) {}

PartitionFeed::~PartitionFeed() {
  if (following_) deps_.publisher.unsubscribe(*this);
}

void PartitionFeed::start() {
  const metadata::ImageHandle& image = deps_.publisher.image();
  take_defaults(*image);
  for (const auto& [id, topic] : image->topics_by_id()) take_topic(*image, topic);
  deps_.publisher.subscribe(*this);
  following_ = true;
}

void PartitionFeed::on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) {
  const std::string self = std::to_string(deps_.settings.node_id);
  bool defaults_changed = false;
  for (const metadata::ConfigResource& resource : delta.configs())
    defaults_changed = defaults_changed || (resource.type == metadata::ResourceType::broker &&
                                            (resource.name.empty() || resource.name == self));
  if (defaults_changed) take_defaults(*image);

  for (const auto& [id, change] : delta.topics()) {
    const metadata::TopicImage* topic = image->find_topic(id);
    if (topic == nullptr) {
      drop_topic(id);
      continue;
    }
    const configs::TopicSettings settings = settings_of(*image, topic->name);
    for (const std::int32_t index : change.partitions) take_partition(*topic, index, settings);
  }

  if (defaults_changed) {
    configure_all(*image);
    return;
  }
  for (const metadata::ConfigResource& resource : delta.configs()) {
    if (resource.type != metadata::ResourceType::topic) continue;
    const metadata::TopicImage* topic = image->find_topic(resource.name);
    if (topic != nullptr && here_.contains(topic->id))
      deps_.host.configure(topic->id, settings_of(*image, topic->name));
  }
}

void PartitionFeed::take_topic(const metadata::MetadataImage& image, const metadata::TopicImage& topic) {
  const configs::TopicSettings settings = settings_of(image, topic.name);
  for (const auto& [index, partition] : topic.partitions) take_partition(topic, index, settings);
}

void PartitionFeed::take_partition(const metadata::TopicImage& topic, std::int32_t index,
                                   const configs::TopicSettings& settings) {
  const TopicPartition partition{topic.id, index};
  if (engine::owner_of(deps_.cores, topic, index) != deps_.self) return;
  const metadata::PartitionImage* image = topic.find_partition(index);
  if (image == nullptr) return drop_partition(partition);
  const auto replica = std::ranges::find(image->replicas, deps_.settings.node_id);
  if (replica == image->replicas.end()) return drop_partition(partition);

  engine::Assignment assignment;
  assignment.partition = partition;
  assignment.topic = topic.name;
  const auto place = static_cast<std::size_t>(replica - image->replicas.begin());
  if (place < image->directories.size() && image->directories[place] != metadata::unassigned_directory)
    assignment.directory = image->directories[place];
  assignment.leader = image->leader;
  assignment.leader_epoch = image->leader_epoch;
  assignment.replicas = image->replicas;
  assignment.in_sync = image->isr;
  here_[topic.id].insert(index);
  deps_.host.assign(std::move(assignment), settings);
}

void PartitionFeed::drop_topic(const Uuid& id) {
  const auto found = here_.find(id);
  if (found == here_.end()) return;
  for (const std::int32_t index : found->second) deps_.host.remove({id, index});
  here_.erase(found);
}

void PartitionFeed::drop_partition(const TopicPartition& partition) {
  const auto found = here_.find(partition.topic_id);
  if (found == here_.end() || found->second.erase(partition.index) == 0) return;
  if (found->second.empty()) here_.erase(found);
  deps_.host.remove(partition);
}

// Static values below what was set for all brokers, below what was set for this one (KIP-226).
void PartitionFeed::take_defaults(const metadata::MetadataImage& image) {
  const configs::ConfigMap values = configs::effective_broker_configs(
      {deps_.settings.text, image.configs(metadata::ResourceType::broker, ""),
       image.configs(metadata::ResourceType::broker, std::to_string(deps_.settings.node_id))});
  auto defaults = configs::topic_defaults(values);
  if (defaults) {
    defaults_ = *defaults;
  } else {
    deps_.log.error("Defaults of topics stay as they were: {}", defaults.error().text);
  }
}

void PartitionFeed::configure_all(const metadata::MetadataImage& image) {
  for (const auto& [id, partitions] : here_)
    if (const metadata::TopicImage* topic = image.find_topic(id); topic != nullptr)
      deps_.host.configure(id, settings_of(image, topic->name));
}

configs::TopicSettings PartitionFeed::settings_of(const metadata::MetadataImage& image,
                                                  const std::string& topic) const {
  const metadata::ConfigValues& values = image.configs(metadata::ResourceType::topic, topic);
  if (values.empty()) return defaults_;
  auto settings = configs::resolve_topic_settings(defaults_, configs::ConfigMap(values.begin(), values.end()));
  if (settings) return *settings;
  deps_.log.error("Topic {} runs with the defaults of the broker: {}", topic, settings.error().text);
  return defaults_;
}

}  // namespace highwater::node
