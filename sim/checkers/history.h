// What all clients of one cluster asked for and were told, and what they read; checked as it grows. It sees nothing of
// the server but its answers. Values are unique and carry who wrote them, where to, and bytes that follow from that, so
// a wrong byte, a wrong place or a wrong writer shows in the value alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/partition_queue.h"
#include "foundation/base/ids.h"
#include "foundation/base/time.h"
#include "foundation/base/uuid.h"
#include "world/scenario.h"

namespace highwater::sim {

struct Place {
  std::string topic;
  std::int32_t partition = 0;

  auto operator<=>(const Place&) const = default;
};

struct ValueId {
  std::uint32_t writer = 0;
  std::uint32_t number = 0;  // counts up per writer, over all places

  auto operator<=>(const ValueId&) const = default;
};

std::string make_value(ValueId id, const Place& place, std::size_t size);
// The id, when every byte is as make_value() made it and the value belongs to this place.
bool recognise_value(std::string_view value, const Place& place, ValueId& id);

// What a writer promises its checker.
struct WriterTraits {
  bool idempotent = false;  // no duplicates
  bool ordered = false;     // its records of one partition lie in its order
};

class History {
 public:
  explicit History(std::string name, const Scenario& scenario) : name_(std::move(name)), scenario_(&scenario) {}

  // Writers.
  std::uint32_t add_writer(WriterTraits traits);
  ValueId next_value(std::uint32_t writer);
  void sent(ValueId id, const Place& place);
  void reported(ValueId id, const client::DeliveryReport& report);
  // Something else that a client was promised.
  void count_acknowledged() { ++acknowledged_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t unreported() const { return unreported_; }

  // Readers: every record that anybody was given. False when it was a violation.
  bool read(const Place& place, Offset offset, std::string_view value);
  // The reader's stream has to go on without a gap; `next` is the reader's own memory, no_offset in the beginning.
  void continues(const Place& place, Offset& next, Offset offset);
  void watermark(const Place& place, Offset& highest, Offset seen);
  // Some known pair of place and offset; false when there is none yet.
  bool some_record(Random& random, Place& place, Offset& offset) const;

  // Topics.
  void topic_created(const std::string& topic, Uuid id);
  void topic_deletion_asked(const std::string& topic) { fates_of_topics_[topic].maybe_deleted = true; }
  void topic_deleted(const std::string& topic) { fates_of_topics_[topic].deleted = true; }
  void topic_listed(const std::string& topic, Uuid id);
  void topic_missing(const std::string& topic);
  std::vector<std::string> topics_to_check() const;

  // The last reading of a whole partition, in offset order.
  struct FinalRecord {
    Offset offset;
    ValueId id;
  };
  void check_final(const Place& place, const std::vector<FinalRecord>& records);
  std::vector<Place> places() const;

  void violation(Checker checker, std::string what);
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Fate {
    Place place;
    Offset offset = no_offset;
    client::Certainty certainty = client::Certainty::unknown;
    bool reported = false;
  };
  struct Writer {
    WriterTraits traits;
    std::vector<Fate> values;
  };
  struct TopicFate {
    Uuid id;
    bool maybe_deleted = false;
    bool deleted = false;
  };
  void occupy(const Place& place, Offset offset, ValueId id);

  std::string name_;
  const Scenario* scenario_;
  std::vector<Writer> writers_;
  std::map<Place, std::map<Offset, ValueId>> known_;  // offset → value, by acknowledgements and by readings
  std::map<std::string, TopicFate> fates_of_topics_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t unreported_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace highwater::sim
