// Turns the batches of the metadata log into images. Records of a metadata transaction (KIP-868) become visible when it
// ends and vanish when it is aborted. One owner; the active controller feeds what it appends, the loader at start what
// it reads: the same function for both. Kafka: org.apache.kafka.image.loader.MetadataBatchLoader.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "foundation/base/result.h"
#include "machines/metadata/delta.h"
#include "machines/metadata/image.h"
#include "machines/metadata/records.h"

namespace highwater::metadata {

struct Publication {
  ImageHandle image;
  std::shared_ptr<const MetadataDelta> delta;  // its base is the image of the publication before
};

class MetadataLoader {
 public:
  explicit MetadataLoader(ImageHandle start);

  // All records of one batch (none of a control batch). The failure names the record; the loader is useless then.
  Result<void> on_batch(std::span<const MetadataRecord> records, const BatchEnd& end);
  // A control batch sets kraft.version; its on_batch() follows.
  void on_kraft_version(std::int16_t level);

  // The state after every record, those of an open transaction included: what the active controller decides on.
  const MetadataImage& tail() const { return pending_.current(); }
  // The state without the records of an open transaction.
  const MetadataImage& settled() const;
  const BatchEnd& tail_end() const { return end_; }
  // Where the open transaction begins.
  std::optional<Offset> open_transaction() const;

  // What happened since the last call; nothing inside an open transaction.
  std::optional<Publication> publish();

 private:
  struct OpenTransaction {
    Offset begin;
    MetadataDelta before;
  };
  Result<void> on_record(const MetadataRecord& record, Offset offset);

  ImageHandle published_;
  MetadataDelta pending_;
  std::optional<OpenTransaction> transaction_;
  BatchEnd end_;
};

}  // namespace highwater::metadata
