#include <doctest/doctest.h>

#include "foundation/base/random.h"
#include "foundation/base/slice.h"
#include "foundation/base/time.h"
#include "foundation/base/uuid.h"

namespace highwater {

TEST_CASE("uuid text is kafkas base64url of 22 characters") {
  CHECK(metadata_topic_id.to_text() == "AAAAAAAAAAAAAAAAAAAAAQ");
  CHECK(Uuid::from_text("AAAAAAAAAAAAAAAAAAAAAQ") == metadata_topic_id);
  const Uuid id = Uuid::from_halves(0x0123456789abcdef, 0xfedcba9876543210);
  CHECK(Uuid::from_text(id.to_text()) == id);
  CHECK_FALSE(Uuid::from_text("short").has_value());
  CHECK_FALSE(Uuid::from_text("AAAAAAAAAAAAAAAAAAAA+Q").has_value());
}

TEST_CASE("an instant plus a huge duration stays at never") {
  CHECK(Instant{5} + Duration{INT64_MAX} == Instant::never());
  CHECK((Instant{5} + Duration::from_ms(1)).nanoseconds == 1'000'005);
}

TEST_CASE("a part of a slice keeps the block alive") {
  Slice part;
  {
    const Slice whole = Slice::copy_of(as_bytes("highwater"));
    part = whole.part(4, 5);
  }
  CHECK(as_text(part.view()) == "water");
}

TEST_CASE("random streams are a function of seed and purpose") {
  Random one(7), other(7);
  CHECK(one.next() == other.next());
  CHECK(Random(7).split(1).next() != Random(7).split(2).next());
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t value = one.between(-3, 3);
    CHECK((value >= -3 && value <= 3));
  }
}

}  // namespace highwater
