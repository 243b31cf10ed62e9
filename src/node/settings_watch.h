// Says which settings of topics and brokers are kept and change nothing yet: one warning per topic when its
// configuration is made, changed or found at the start, one per change for the brokers. Names only, so that no secret
// gets into the log. On core 0.
#pragma once

#include "engine/quorum/metadata_publisher.h"
#include "foundation/base/log.h"
#include "machines/configs/topic_settings.h"

namespace highwater::node {

class SettingsWatch final : public engine::MetadataListener {
 public:
  // The publisher outlives this.
  SettingsWatch(engine::MetadataPublisher& publisher, NodeId node, Logger log);
  ~SettingsWatch();
  SettingsWatch(const SettingsWatch&) = delete;
  SettingsWatch& operator=(const SettingsWatch&) = delete;

  // Tells of what is there, and follows from then on.
  void start();
  void on_image(const metadata::ImageHandle& image, const metadata::MetadataDelta& delta) override;

 private:
  void tell(const metadata::ConfigResource& resource, const configs::ConfigMap& before, const configs::ConfigMap& now);

  engine::MetadataPublisher& publisher_;
  std::string node_;
  Logger log_;
  bool following_ = false;
};

}  // namespace highwater::node
