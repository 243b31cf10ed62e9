#include "node/config/absolute_path.h"

#include <unistd.h>

#include <array>

namespace highwater::node {
namespace {

std::string normal(std::string_view path) {
  std::string result;
  for (const char c : path)
    if (c != '/' || !result.ends_with('/')) result += c;
  if (result.size() > 1 && result.ends_with('/')) result.pop_back();
  return result;
}

}  // namespace

std::string absolute_path(std::string_view path, std::string_view working_directory) {
  if (path.starts_with('/')) return normal(path);
  std::string whole(working_directory);
  return normal(whole.append("/").append(path));
}

std::string working_directory() {
  std::array<char, 4096> path{};
  return getcwd(path.data(), path.size()) == nullptr ? "/" : path.data();
}

}  // namespace highwater::node
