// Which core owns which partition: the partitions of a node go round its cores in the order in which they were made.
// All cores agree, because the number that decides is part of the image that they share; a core that has not yet heard
// of a topic is not asked for it.
#pragma once

#include "engine/routing/cores.h"
#include "machines/metadata/image.h"

namespace highwater::engine {

inline CoreIndex owner_of(const Cores& cores, const metadata::TopicImage& topic, std::int32_t index) {
  return cores.owner(topic.number + static_cast<std::uint32_t>(index));
}

// A topic that the metadata does not know: whatever is asked of it gets the same answer everywhere, and directories
// that were left behind by it have to be somewhere.
inline CoreIndex owner_of(const Cores& cores, const metadata::MetadataImage& image, const TopicPartition& partition) {
  if (cores.count() == 1) return 0;
  const metadata::TopicImage* topic = image.find_topic(partition.topic_id);
  if (topic != nullptr) return owner_of(cores, *topic, partition.index);
  return static_cast<CoreIndex>(Cores::spread(partition, cores.count()));
}

}  // namespace highwater::engine
