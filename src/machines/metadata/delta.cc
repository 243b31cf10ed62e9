#include "machines/metadata/delta.h"

#include <utility>

#include "machines/metadata/apply.h"

namespace highwater::metadata {

MetadataDelta::MetadataDelta(ImageHandle base) : base_(std::move(base)), next_(*base_) {}

Result<void> MetadataDelta::apply(const MetadataRecord& record) {
  return std::visit(RecordApplier{*this}, record.value);
}

ImageHandle MetadataDelta::finish(const BatchEnd& end) {
  next_.offset_ = end.offset;
  next_.epoch_ = end.epoch;
  next_.timestamp_ms_ = end.timestamp_ms;
  if (!features_.empty()) next_.features_offset_ = end.offset;
  return std::make_shared<const MetadataImage>(next_);
}

bool MetadataDelta::empty() const {
  return topics_.empty() && configs_.empty() && brokers_.empty() && features_.empty() && !producer_ids_changed_ &&
         !security_changed_ && !quotas_changed_ && !controllers_changed_;
}

}  // namespace highwater::metadata
