#include "machines/metadata/loader.h"

#include <fmt/core.h>

#include <utility>

namespace highwater::metadata {

MetadataLoader::MetadataLoader(ImageHandle start)
    : published_(std::move(start)),
      pending_(published_),
      end_{published_->offset(), published_->epoch(), published_->timestamp_ms()} {}

const MetadataImage& MetadataLoader::settled() const {
  return transaction_.has_value() ? transaction_->before.current() : pending_.current();
}

std::optional<Offset> MetadataLoader::open_transaction() const {
  if (!transaction_.has_value()) return std::nullopt;
  return transaction_->begin;
}

Result<void> MetadataLoader::on_batch(std::span<const MetadataRecord> records, const BatchEnd& end) {
  Offset offset = end.offset - static_cast<Offset>(records.size()) + 1;
  for (const MetadataRecord& record : records) {
    auto applied = on_record(record, offset);
    if (!applied.has_value()) {
      return failure(
          fmt::format("{} at offset {} of the metadata log: {}", record_name(record), offset, applied.error().text));
    }
    ++offset;
  }
  end_ = end;
  return {};
}

// Control records are in no metadata transaction: an abort does not take them back.
void MetadataLoader::on_kraft_version(std::int16_t level) {
  pending_.set_kraft_version(level);
  if (transaction_.has_value()) transaction_->before.set_kraft_version(level);
}

Result<void> MetadataLoader::on_record(const MetadataRecord& record, Offset offset) {
  if (std::holds_alternative<messages::BeginTransactionRecord>(record.value)) {
    if (transaction_.has_value()) return failure("a metadata transaction begins inside another");
    transaction_ = OpenTransaction{offset, pending_};
    return {};
  }
  if (std::holds_alternative<messages::EndTransactionRecord>(record.value)) {
    if (!transaction_.has_value()) return failure("a metadata transaction ends that did not begin");
    transaction_.reset();
    return {};
  }
  if (std::holds_alternative<messages::AbortTransactionRecord>(record.value)) {
    if (!transaction_.has_value()) return failure("a metadata transaction is aborted that did not begin");
    pending_ = std::move(transaction_->before);
    transaction_.reset();
    return {};
  }
  return pending_.apply(record);
}

std::optional<Publication> MetadataLoader::publish() {
  if (transaction_.has_value()) return std::nullopt;
  auto image = pending_.finish(end_);
  auto delta = std::make_shared<const MetadataDelta>(std::exchange(pending_, MetadataDelta(image)));
  published_ = image;
  return Publication{std::move(image), std::move(delta)};
}

}  // namespace highwater::metadata
