#include "node/config/providers.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <optional>

#include "foundation/base/properties.h"
#include "foundation/base/utf8.h"
#include "node/config/text_file.h"

namespace highwater::node {
namespace {

enum class Provider : std::uint8_t { env, file, directory };

struct Reference {
  Provider provider;
  std::string path;
  std::string key;
};

std::optional<Provider> find_provider(std::string_view name) {
  if (name == "env") return Provider::env;
  if (name == "file") return Provider::file;
  if (name == "directory") return Provider::directory;
  return std::nullopt;
}

// provider:key or provider:path:key; nothing when the provider is none of ours.
std::optional<Reference> parse_reference(std::string_view inside) {
  const std::size_t first = inside.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const auto provider = find_provider(inside.substr(0, first));
  if (!provider) return std::nullopt;
  const std::string_view rest = inside.substr(first + 1);
  const std::size_t last = rest.find(':');
  if (last == std::string_view::npos) return Reference{*provider, "", std::string(rest)};
  return Reference{*provider, std::string(rest.substr(0, last)), std::string(rest.substr(last + 1))};
}

std::unexpected<Failure> bad_file(const std::string& name, std::string_view why) {
  return failure(fmt::format("configuration {} refers to a file: {}", name, why));
}

Result<std::string> read_variable(const std::string& name, const Reference& reference) {
  const char* value = std::getenv(reference.key.c_str());
  if (value != nullptr) return std::string(value);
  return failure(fmt::format("configuration {} asks for the environment variable {}, which is not set: export it", name,
                             reference.key));
}

Result<std::string> read_property(const std::string& name, const Reference& reference) {
  const auto text = read_text_file(reference.path);
  if (!text) return bad_file(name, text.error().text);
  const auto properties = parse_properties(*text, TextEncoding::utf_8);
  if (!properties) return failure(fmt::format("{}, {}", reference.path, properties.error().text));
  const auto found = properties->find(reference.key);
  if (found != properties->end()) return found->second;
  return failure(fmt::format("configuration {} asks {} for the key {}, which is not there: add it", name,
                             reference.path, reference.key));
}

// A file per secret, as orchestrators mount them. DirectoryConfigProvider takes regular files of that directory alone.
Result<std::string> read_in_directory(const std::string& name, const Reference& reference) {
  const std::string path = reference.path + "/" + reference.key;
  struct stat file{};
  const bool regular = !reference.key.contains('/') && stat(path.c_str(), &file) == 0 && S_ISREG(file.st_mode);
  if (!regular)
    return failure(
        fmt::format("configuration {} asks {} for the file {}, which is not there or no regular file: add it", name,
                    reference.path, reference.key));
  auto text = read_text_file(path);
  if (!text) return bad_file(name, text.error().text);
  if (is_utf8(*text)) return text;
  return bad_file(name, fmt::format("the text of {} is not UTF-8", path));
}

Result<std::string> look_up(const std::string& name, const Reference& reference) {
  switch (reference.provider) {
    case Provider::env:
      return read_variable(name, reference);
    case Provider::file:
      return read_property(name, reference);
    case Provider::directory:
      return read_in_directory(name, reference);
  }
}

Result<std::string> resolve_value(const std::string& name, std::string_view value) {
  std::string result;
  for (std::size_t position = 0; position < value.size();) {
    const std::size_t open = value.find("${", position);
    const std::size_t close = open == std::string_view::npos ? open : value.find('}', open);
    if (close == std::string_view::npos) {
      result += value.substr(position);
      break;
    }
    result += value.substr(position, open - position);
    position = close + 1;
    const auto reference = parse_reference(value.substr(open + 2, close - open - 2));
    if (!reference) {
      result += value.substr(open, position - open);
      continue;
    }
    auto found = look_up(name, *reference);
    if (!found) return found;
    result += *found;
  }
  return result;
}

}  // namespace

Result<configs::ConfigMap> resolve_references(configs::ConfigMap values) {
  for (auto& [name, value] : values) {
    if (value.find("${") == std::string::npos) continue;
    auto resolved = resolve_value(name, value);
    if (!resolved) return std::unexpected(resolved.error());
    value = std::move(*resolved);
  }
  return values;
}

}  // namespace highwater::node
