#include "tests/fuzz/seed_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace highwater::fuzz {

bool write_inputs(const std::string& folder, const std::vector<Input>& inputs) {
  std::filesystem::create_directories(folder);
  std::size_t number = 0;
  for (const Input& input : inputs) {
    std::ofstream file(folder + "/seed_" + std::to_string(number++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    if (!file.flush()) return false;
  }
  return true;
}

std::vector<Input> read_inputs(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<Input> inputs;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return inputs;
}

}  // namespace highwater::fuzz
