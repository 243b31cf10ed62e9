// A blocking socket that frames go out on and answers come in on, with as many requests under way as the caller likes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

class Connection {
 public:
  explicit Connection(int port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return fd_; }
  void send(std::string_view bytes);
  // Waits for bytes if `wait`, takes what is there; answers then come out of next_answer().
  enum class Wait : std::uint8_t { yes, no };
  bool receive(Wait wait);
  // An answer without its length and correlation id, valid until the next receive(); false when none is complete.
  bool next_answer(std::string_view& answer);
  // One request, one answer.
  std::string ask(std::string_view request);

 private:
  int fd_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bench
