#include <algorithm>
#include <span>
#include <utility>

#include "engine/quorum/question.h"
#include "foundation/base/check.h"
#include "machines/controller/limits.h"

namespace highwater::engine {

namespace {

// Kafka reads no larger batch of this log (KafkaRaftClient.MAX_BATCH_SIZE_BYTES).
constexpr std::size_t batch_bytes_max = std::size_t{8} << 20;
constexpr std::size_t records_max = controller::records_per_operation_max;

using Span = std::span<const metadata::MetadataRecord>;

void add(Ground& ground, BatchPlace& place, Span records, BatchBytes bytes, Draft& draft) {
  const records::BatchView view(bytes);
  place.base_offset = view.last_offset() + 1;
  auto applied = ground.loader.on_batch(records, {view.last_offset(), view.leader_epoch(), view.max_timestamp()});
  HW_CHECK(applied.has_value());  // the controller decided on this very image
  auto publication = ground.loader.publish();
  if (publication.has_value()) ground.controller.on_image(publication->image, *publication->delta);
  draft.batches.push_back({std::move(bytes), std::move(publication)});
}

// In batches of at most so many records and bytes.
void add_in_pieces(Ground& ground, BatchPlace place, Span records, Draft& draft) {
  std::size_t most = records_max;
  while (!records.empty()) {
    const Span piece = records.first(std::min(records.size(), most));
    BatchBytes bytes = encode_records_batch(place, piece);
    if (bytes.size() > batch_bytes_max && piece.size() > 1) {
      most = piece.size() / 2;
      continue;
    }
    records = records.subspan(piece.size());
    add(ground, place, piece, std::move(bytes), draft);
  }
}

}  // namespace

Draft draft(Ground& ground, BatchPlace place, const Wish& wish) {
  Draft draft;
  switch (wish.atomicity) {
    case controller::Atomicity::divisible:
      add_in_pieces(ground, place, wish.records, draft);
      break;
    case controller::Atomicity::atomic: {
      if (wish.records.empty()) break;
      // Decisions keep to the number; no request of a peer may end the process should one not.
      BatchBytes bytes;
      if (wish.records.size() <= records_max) bytes = encode_records_batch(place, wish.records);
      if (bytes.empty() || bytes.size() > batch_bytes_max) {
        draft.fit = Draft::Fit::too_large;
      } else {
        add(ground, place, wish.records, std::move(bytes), draft);
      }
      break;
    }
  }
  if (draft.fit == Draft::Fit::fits) draft.kraft_version = wish.kraft_version;
  return draft;
}

}  // namespace highwater::engine
