// Random histories of producers, step by step against what Apache's producer state answered
// (golden/log/producer_histories.txt, made by tests/golden/ProducerVectors.java).
#include <doctest/doctest.h>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "machines/log/producer_snapshot.h"
#include "machines/log/producers.h"

namespace highwater::log {
namespace {

std::string_view vectors() {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
  static constexpr unsigned char text[] = {
#embed "../../../golden/log/producer_histories.txt"
  };
#pragma clang diagnostic pop
  return {reinterpret_cast<const char*>(text), sizeof(text)};
}

// The numbers of a line's first part, behind its first word.
std::vector<std::int64_t> numbers(std::string_view step) {
  std::vector<std::int64_t> found;
  for (std::size_t at = step.find(' '); at != std::string_view::npos; at = step.find(' ', at + 1)) {
    std::int64_t value = 0;
    std::from_chars(step.data() + at + 1, step.data() + step.size(), value);
    found.push_back(value);
  }
  return found;
}

std::string code(AppendReject reject) { return std::to_string(static_cast<int>(kafka_error(reject))); }

// Does what storage does around a table: duplicates first, then the check, then apply at the log's end.
class History {
 public:
  std::string run(std::string_view step) {
    const auto n = numbers(step);
    if (step.starts_with("data")) return data(n);
    if (step.starts_with("marker")) return marker(n);
    table_.on_high_watermark(n[0]);
    return "ok";
  }
  std::string unstable() const { return std::to_string(table_.first_unstable_offset().value_or(-1)); }

  // A snapshot taken and loaded keeps open transactions and each producer's last batch.
  bool survives_a_restart() const {
    const auto content = encode_snapshot(table_);
    ProducerTable loaded;
    return load_snapshot(content, end_, {0}, INT64_MAX, loaded).has_value() && encode_snapshot(loaded) == content &&
           loaded.first_undecided_offset() == table_.first_undecided_offset();
  }

 private:
  BatchFacts batch(const std::vector<std::int64_t>& n, std::int64_t count) const {
    return {.base_offset = end_,
            .last_offset = end_ + count - 1,
            .leader_epoch = 1,
            .max_timestamp = 1000 + end_,
            .producer_id = n[0],
            .producer_epoch = static_cast<std::int16_t>(n[1]),
            .size_bytes = 100,
            .marker = std::nullopt};
  }

  std::string data(const std::vector<std::int64_t>& n) {
    BatchFacts facts = batch(n, n[3]);
    facts.base_sequence = static_cast<std::int32_t>(n[2]);
    facts.last_sequence = records::sequence_after(facts.base_sequence, static_cast<std::int32_t>(n[3] - 1));
    facts.scope = n[4] == 1 ? BatchScope::transactional : BatchScope::plain;
    if (const auto known = table_.find_duplicate(facts)) {
      return "dup " + std::to_string(known->first_offset()) + " " + std::to_string(known->last_offset) + " " +
             std::to_string(known->timestamp);
    }
    if (const auto reject = table_.check(facts, {.verification = Verification::disabled})) return code(*reject);
    table_.apply(facts);
    end_ += n[3];
    return "ok";
  }

  std::string marker(const std::vector<std::int64_t>& n) {
    BatchFacts facts = batch(n, 1);
    facts.kind = BatchKind::control;
    facts.scope = BatchScope::transactional;
    facts.marker = TxnMarker{.outcome = n[3] == 1 ? TxnOutcome::commit : TxnOutcome::abort,
                             .coordinator_epoch = static_cast<std::int32_t>(n[2]),
                             .timestamp = 1000 + end_};
    const WriteTerms terms{.origin = AppendOrigin::coordinator, .transaction_version = static_cast<std::int16_t>(n[4])};
    if (const auto reject = table_.check(facts, terms)) return code(*reject);
    const auto completed = table_.apply(facts);
    ++end_;
    if (!completed) return "ok";
    return "done " + std::to_string(completed->first_offset) + " " + std::to_string(completed->last_stable_offset);
  }

  ProducerTable table_;
  Offset end_ = 0;
};

TEST_CASE("every step of a random history is answered as Apache's producer state answers it") {
  History history;
  int steps = 0;
  for (std::string_view rest = vectors(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (line == "reset") {
      CHECK(history.survives_a_restart());
      history = History();
      continue;
    }
    const std::size_t first = line.find(" | ");
    const std::size_t second = line.find(" | ", first + 3);
    CAPTURE(line);
    CHECK(history.run(line.substr(0, first)) == line.substr(first + 3, second - first - 3));
    CHECK(history.unstable() == line.substr(second + 3));
    ++steps;
  }
  CHECK(steps == 3600);
}

}  // namespace
}  // namespace highwater::log
