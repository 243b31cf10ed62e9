#include "io/linux/file_operation.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include "io/linux/inbox.h"
#include "io/linux/test_support.h"

namespace highwater::io {
namespace {

Slice counted(std::size_t size, std::uint8_t first) {
  Slice slice = Slice::allocate(size);
  for (std::size_t i = 0; i < size; ++i) slice.writable()[i] = static_cast<std::uint8_t>(first + i * 13);
  return slice;
}

struct Stage {
  TemporaryFolder folder;
  Inbox inbox;
  Background closer{inbox, "closer", 8};
  std::string path = folder / "f";
  std::shared_ptr<OpenFile> file =
      std::make_shared<OpenFile>(Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)), closer);
};

std::size_t bytes_of(const WriteOperation& operation) {
  std::size_t bytes = 0;
  for (unsigned i = 0; i < operation.vector_count(); ++i) bytes += operation.vectors()[i].iov_len;
  return bytes;
}

TEST_CASE("no call writes more than the page cache takes from warm memory") {
  const Stage stage;
  std::vector<Slice> slices;
  slices.push_back(counted(3 * write_call_bytes_max + 5, 1));
  slices.push_back(Slice());
  slices.push_back(counted(100, 2));
  slices.push_back(counted(write_call_bytes_max - 104, 3));
  slices.push_back(counted(write_call_bytes_max, 4));
  WriteOperation operation(stage.file, 0, std::move(slices));
  const std::size_t total = 5 * write_call_bytes_max + 1;
  REQUIRE(operation.length() == total);
  std::vector<std::size_t> calls;
  for (bool ended = false; !ended;) {
    calls.push_back(bytes_of(operation));
    ended = operation.advance(static_cast<std::int64_t>(calls.back()));
  }
  CHECK(calls == std::vector<std::size_t>{write_call_bytes_max, write_call_bytes_max, write_call_bytes_max, 105,
                                          write_call_bytes_max - 104, write_call_bytes_max});
}

TEST_CASE("a call that wrote a part is followed by one for the rest of its bytes") {
  const Stage stage;
  std::vector<Slice> slices(1, counted(write_call_bytes_max + 10, 1));
  WriteOperation operation(stage.file, 0, std::move(slices));
  CHECK_FALSE(operation.advance(7));
  CHECK(operation.offset() == 7);
  CHECK(bytes_of(operation) == write_call_bytes_max - 7);
  CHECK_FALSE(operation.advance(static_cast<std::int64_t>(write_call_bytes_max) - 7));
  CHECK(bytes_of(operation) == 10);
  CHECK(operation.advance(10));
}

TEST_CASE("many calls leave the same bytes as one") {
  const Stage stage;
  const Slice first = counted(2 * write_call_bytes_max + 17, 5);
  const Slice second = counted(write_call_bytes_max / 2, 6);
  std::vector<Slice> slices{first, second};
  WriteOperation operation(stage.file, 3, std::move(slices));
  operation.run();
  REQUIRE(operation.outcome());
  const IoResult<Slice> content = paths::read_file(stage.path, 1u << 30);
  REQUIRE(content);
  REQUIRE(content->size() == 3 + first.size() + second.size());
  CHECK(std::ranges::equal(content->part(3, first.size()).view(), first.view()));
  CHECK(std::ranges::equal(content->part(3 + first.size(), second.size()).view(), second.view()));
}

}  // namespace
}  // namespace highwater::io
