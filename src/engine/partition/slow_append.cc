// Appends that take more than one slice of a turn: large ones are validated in slices, and what must be compressed anew
// goes to a worker, bytes in, bytes out (rule L1). Later appends to the partition wait behind it, so that the order in
// which they came is the order of their offsets.
#include <string>
#include <utility>

#include "engine/partition/partition.h"
#include "io/on_worker.h"
#include "protocol/records/batch_rewrite.h"

namespace highwater::engine {

// Everything that validation and rewriting need; owned by whoever works on it, also when the partition goes meanwhile.
struct Partition::Slow {
  Slow(AppendJob append, const records::TopicRules& with_rules, const records::ProduceTerms& terms,
       std::string partition)
      : job(std::move(append)),
        rules(with_rules),
        name(std::move(partition)),
        validation(job.records.view(), rules, with_name(terms, name)) {}

  static records::ProduceTerms with_name(records::ProduceTerms terms, const std::string& name) {
    terms.partition = name;
    return terms;
  }

  void validate() {
    while (validation.step() == records::Progress::more) {
    }
  }
  void rewrite() {
    records::BatchRewrite anew(validation.batch(), rules, verdict);
    while (anew.step() == records::Progress::more) {
    }
    verdict.reject = anew.reject();
    if (!verdict.reject) rewritten = anew.take();
  }

  AppendJob job;
  records::TopicRules rules;
  std::string name;
  records::BatchValidation validation;
  records::Verdict verdict;
  std::vector<std::uint8_t> rewritten;
};

void Partition::start_slowly(AppendJob job, const records::TopicRules& topic_rules, records::ProduceTerms terms) {
  // Its steps may be too large for the loop; then it is done elsewhere, without the memory that this core lends.
  const bool elsewhere = records::steps_are_large(job.records.view());
  if (elsewhere) terms.shelf = nullptr;
  tasks_.spawn(append_slowly(std::make_shared<Slow>(std::move(job), topic_rules, terms, name_),
                             elsewhere ? Where::worker : Where::loop));
}

io::Task<void> Partition::append_slowly(std::shared_ptr<Slow> slow, Where where) {
  if (where == Where::worker) {
    co_await io::on_worker(reactor_, slow, &Slow::validate);
  } else {
    while (slow->validation.step() == records::Progress::more) co_await reactor_.sleep_until(reactor_.now());
  }
  slow->verdict = slow->validation.take_verdict();
  records::Verdict& verdict = slow->verdict;
  if (!verdict.reject && verdict.keeping == records::Keeping::rewrite) {
    ++counters_.batches_rewritten;
    co_await io::on_worker(reactor_, slow, &Slow::rewrite);
  }
  if (verdict.reject) {
    finish(slow->job, {}, verdict);
  } else if (verdict.keeping == records::Keeping::as_is) {
    const ByteView batch = slow->validation.batch().bytes();
    finish(slow->job, batch, verdict);
  } else {
    admit(slow->job, MutableBytes(slow->rewritten), verdict);
  }
  validating_ = false;
  pump();
}

}  // namespace highwater::engine
