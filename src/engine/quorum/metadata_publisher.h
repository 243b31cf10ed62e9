// One core's view of the metadata: the newest image that this core has applied, and the listeners that turn changes
// into deeds (partitions, listeners' addresses, quotas). Core 0 hands images on in log order; each core applies them in
// that order and reports back, so that the broker's heartbeat can name the minimum over cores (rule S2).
// One per core, owned by the node's core; used on that core only.
#pragma once

#include <memory>
#include <vector>

#include "foundation/base/ids.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/image.h"

namespace highwater::engine {

class MetadataListener {
 public:
  virtual ~MetadataListener() = default;
  // In metadata order, on the publisher's core. `delta.base()` is the image of the call before.
  virtual void on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) = 0;
};

class MetadataPublisher {
 public:
  MetadataPublisher();

  // Never null; an empty image before the first publication. Hold one handle for the length of a request.
  const metadata::ImageHandle& image() const { return image_; }
  // Of the newest image all listeners here have seen.
  Offset applied() const { return image_->offset(); }

  // Listeners are called in the order in which they subscribed; each must unsubscribe before it is destroyed.
  // A listener that comes late reads image() itself.
  void subscribe(MetadataListener& listener);
  void unsubscribe(MetadataListener& listener);

  // For the quorum (and tests): `delta` has been finished, and its base is image().
  void publish(metadata::ImageHandle image, const metadata::MetadataDelta& delta);

 private:
  metadata::ImageHandle image_;
  std::vector<MetadataListener*> listeners_;
};

}  // namespace highwater::engine
