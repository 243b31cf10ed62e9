#include <fmt/core.h>

#include <map>

#include "protocol/records/record_reader.h"
#include "workloads/reading.h"
#include "workloads/workload.h"

namespace highwater::sim {

std::vector<ReadRecord> records_of(Workload& workload, const client::FetchedBatches& fetched) {
  std::vector<ReadRecord> found;
  const Place place{fetched.topic, fetched.partition};
  for (const ByteView bytes : fetched.batches) {
    const records::BatchView batch(bytes);
    if (batch.is_control()) continue;
    records::RecordReader reader(batch, {}, &workload.shelf);
    for (;;) {
      const auto record = reader.next();
      if (!record.has_value()) {
        workload.history->violation(Checker::acked, fmt::format("{}-{}: the batch at {} cannot be read", place.topic,
                                                                place.partition, batch.base_offset()));
        break;
      }
      if (!record->has_value()) break;
      if ((*record)->offset >= fetched.position) {
        found.push_back({(*record)->offset, (*record)->timestamp, std::string(as_text((*record)->value.bytes))});
      }
    }
  }
  return found;
}

namespace {

struct ReaderMemory {
  Offset next = no_offset;
  Offset watermark = no_offset;
};

class TailReader : public io::sim::Program {
 public:
  TailReader(io::sim::Process& process, Workload& workload, Random random)
      : reactor_(&process.reactor(0)),
        workload_(&workload),
        cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(3))),
        consumer_(cluster_, options(random)),
        tasks_(reactor_->ready()) {
    tasks_.spawn(run());
  }

 private:
  static client::ConsumerOptions options(Random& random) {
    client::ConsumerOptions options;
    options.wait_ms_max = static_cast<std::int32_t>(random.between(10, 2'000));
    options.min_bytes = static_cast<std::int32_t>(random.between(0, 3'000));
    options.max_bytes = static_cast<std::int32_t>(random.between(1'000, 1'000'000));
    options.partition_bytes_max =
        static_cast<std::int32_t>(random.between(100, random.below(2) == 0 ? 50'000 : 1'000'000));
    return options;
  }

  io::Task<void> run() {
    for (const Place& place : workload_->places) consumer_.assign(place.topic, place.partition, no_offset);
    while (!workload_->audited) {
      const client::PollResult result = co_await consumer_.poll();
      for (const auto& fetched : result.fetched) take(fetched);
      for (const auto& trouble : result.troubles) take_trouble(trouble);
    }
  }

  void take(const client::FetchedBatches& fetched) {
    const Place place{fetched.topic, fetched.partition};
    ReaderMemory& memory = memories_[place];
    workload_->history->watermark(place, memory.watermark, fetched.high_watermark);
    for (const ReadRecord& record : records_of(*workload_, fetched)) {
      workload_->history->continues(place, memory.next, record.offset);
      workload_->history->read(place, record.offset, record.value);
      if (record.offset < fetched.high_watermark) continue;
      workload_->history->violation(
          Checker::acked, fmt::format("{}-{} offset {} was shown above the watermark {}", place.topic, place.partition,
                                      record.offset, fetched.high_watermark));
    }
  }

  void take_trouble(const client::PollResult::Trouble& trouble) {
    using Kind = client::PollResult::Trouble::Kind;
    const bool damage = trouble.kind == Kind::corrupt || trouble.kind == Kind::reset;
    const bool rotten = workload_->rotten.contains({trouble.topic, trouble.partition});
    if (!damage || (rotten && trouble.kind == Kind::corrupt)) return;
    workload_->history->violation(Checker::acked, fmt::format("{}-{}: a reader was told {}", trouble.topic,
                                                              trouble.partition, api::error_name(trouble.code)));
  }

  io::sim::SimReactor* reactor_;
  Workload* workload_;
  client::Cluster cluster_;
  client::Consumer consumer_;
  std::map<Place, ReaderMemory> memories_;
  io::TaskGroup tasks_;
};

// Reads one fetch at a known offset, and asks where the timestamp of that record begins.
class Seeker : public io::sim::Program {
 public:
  Seeker(io::sim::Process& process, Workload& workload, Random random)
      : reactor_(&process.reactor(0)),
        workload_(&workload),
        random_(random),
        cluster_(*reactor_, cluster_options(workload, Duration::from_seconds(3))),
        consumer_(cluster_, {.wait_ms_max = 100, .partition_bytes_max = 2'000}),
        tasks_(reactor_->ready()) {
    tasks_.spawn(run());
  }

 private:
  io::Task<void> run() {
    while (!workload_->audited) {
      const Duration pause = Duration::from_ms(static_cast<std::int64_t>(random_.below(150)));
      co_await reactor_->sleep_until(reactor_->now() + pause);
      Place place;
      Offset offset = 0;
      if (workload_->history->some_record(random_, place, offset)) co_await look(place, offset);
    }
  }

  io::Task<void> look(Place place, Offset offset) {
    consumer_.assign(place.topic, place.partition, offset);
    const client::PollResult result = co_await consumer_.poll();
    consumer_.unassign(place.topic, place.partition);
    Offset next = offset;
    std::int64_t timestamp = -1;
    for (const auto& fetched : result.fetched) {
      for (const ReadRecord& record : records_of(*workload_, fetched)) {
        if (record.offset == offset) timestamp = record.timestamp;
        workload_->history->continues(place, next, record.offset);
        workload_->history->read(place, record.offset, record.value);
      }
    }
    if (timestamp < 0) co_return;
    const auto found = co_await consumer_.offset_for(place.topic, place.partition, timestamp);
    // The first record that is not older: at or before the one that we know.
    if (found.has_value() && (*found > offset || *found < 0)) {
      workload_->history->violation(
          Checker::acked, fmt::format("{}-{}: timestamp {} is at offset {}, but ListOffsets says {}", place.topic,
                                      place.partition, timestamp, offset, *found));
    }
  }

  io::sim::SimReactor* reactor_;
  Workload* workload_;
  Random random_;
  client::Cluster cluster_;
  client::Consumer consumer_;
  io::TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<io::sim::Program> make_tail_reader(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<TailReader>(process, workload, random);
}

std::unique_ptr<io::sim::Program> make_seeker(io::sim::Process& process, Workload& workload, Random random) {
  return std::make_unique<Seeker>(process, workload, random);
}

}  // namespace highwater::sim
