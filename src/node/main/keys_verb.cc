#include "node/main/keys_verb.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "machines/configs/config_table.h"
#include "machines/configs/dynamic_broker.h"

namespace highwater::node {
namespace {

using configs::ConfigKey;

std::string_view type_name(configs::ValueType type) {
  switch (type) {
    case configs::ValueType::boolean:
      return "boolean";
    case configs::ValueType::string:
      return "string";
    case configs::ValueType::int32:
      return "int";
    case configs::ValueType::int16:
      return "short";
    case configs::ValueType::int64:
      return "long";
    case configs::ValueType::float64:
      return "double";
    case configs::ValueType::list:
      return "list";
    case configs::ValueType::class_name:
      return "class";
    case configs::ValueType::password:
      return "password";
  }
  return "?";
}

std::string_view change_name(configs::DynamicMode mode) {
  switch (mode) {
    case configs::DynamicMode::read_only:
      return "restart";
    case configs::DynamicMode::per_broker:
      return "per broker";
    case configs::DynamicMode::cluster_wide:
      return "cluster";
  }
  return "?";
}

std::string_view support_name(configs::Support support) {
  switch (support) {
    case configs::Support::built:
      return "yes";
    case configs::Support::not_yet:
      return "not yet";
    case configs::Support::without_effect:
      return "needs none";
  }
  return "?";
}

// A built key whose change is stored and does nothing here until a later version says so.
std::string change_text(configs::Scope scope, const ConfigKey& key) {
  const bool waits = scope == configs::Scope::broker && key.dynamic != configs::DynamicMode::read_only &&
                     key.support == configs::Support::built && !configs::acts_while_running(key);
  return fmt::format("{}{}", change_name(key.dynamic), waits ? ", waits" : "");
}

// As a cell of a table: bars would end it.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '|' ? std::string("\\|") : std::string(1, c);
  return result;
}

std::string allowed_text(std::string_view allowed) {
  if (allowed == "+") return "not empty";
  if (allowed.starts_with('#')) return {};  // a rule that the meaning tells
  return cell(allowed.starts_with('~') ? allowed.substr(1) : allowed);
}

std::string default_text(const ConfigKey& key) {
  if (key.required) return "required";
  if (key.default_text == nullptr) return "none";
  return *key.default_text == '\0' ? "empty" : fmt::format("`{}`", cell(key.default_text));
}

void print_table(configs::Scope scope, std::string_view title, std::string_view what) {
  fmt::print(
      "\n## {}\n\n{}\n\n| key | type | default | allowed | change | acts | meaning |\n|---|---|---|---|---|---|---|\n",
      title, what);
  for (const ConfigKey& key : configs::config_keys(scope))
    if (key.visibility == configs::Visibility::visible)
      fmt::print("| `{}` | {} | {} | {} | {} | {} | {} |\n", key.name, type_name(key.type), default_text(key),
                 allowed_text(key.allowed), change_text(scope, key), support_name(key.support), cell(key.doc));
}

}  // namespace

ExitStatus run_keys() {
  fmt::print(
      "# Configuration keys\n\nEvery key of Apache Kafka 4.3, and ours. This page is what `highwater keys` prints; do "
      "not edit it.\n\n`change` says when a key may change: at a restart, for one broker while it runs, or for the "
      "whole cluster. A change that *waits* is accepted, kept\nand warned about, and the value of the file goes on "
      "holding. `acts` says whether this version does what the key says; *needs none* is\nfor knobs of a JVM or of "
      "thread pools that Highwater does not have.\nNumbers: `1..` is at least 1, `1..9\\|-1` is 1 to 9 or -1.\n");
  print_table(configs::Scope::broker, "Nodes", "In `server.properties`, or as `--override key=value`.");
  print_table(configs::Scope::topic, "Topics", "Of one topic; where a topic says nothing, the broker's key holds.");
  print_table(configs::Scope::group, "Groups", "Of one group.");
  print_table(configs::Scope::client_metrics, "Client metrics", "Of one subscription to metrics of clients.");
  return ExitStatus::clean;
}

}  // namespace highwater::node
