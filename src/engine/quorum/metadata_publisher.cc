#include "engine/quorum/metadata_publisher.h"

#include <algorithm>
#include <utility>

#include "foundation/base/check.h"

namespace highwater::engine {

MetadataPublisher::MetadataPublisher() : image_(std::make_shared<const metadata::MetadataImage>()) {}

void MetadataPublisher::subscribe(MetadataListener& listener) { listeners_.push_back(&listener); }

void MetadataPublisher::unsubscribe(MetadataListener& listener) {
  const auto at = std::ranges::find(listeners_, &listener);
  HW_CHECK(at != listeners_.end());
  listeners_.erase(at);
}

void MetadataPublisher::publish(metadata::ImageHandle image, const metadata::MetadataDelta& delta) {
  image_ = std::move(image);
  for (MetadataListener* listener : listeners_) listener->on_image(image_, delta);
}

}  // namespace highwater::engine
