#include "machines/configs/alter_op.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace highwater::configs {
namespace {

std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items = split_at_commas(list);
  std::erase_if(items, [](const std::string& item) { return item.empty(); });
  return items;
}

}  // namespace

std::optional<AlterOp> alter_op(std::int8_t number) {
  if (number < 0 || number > 3) return std::nullopt;
  return static_cast<AlterOp>(number);
}

std::string_view alter_op_name(AlterOp op) {
  switch (op) {
    case AlterOp::set:
      return "SET";
    case AlterOp::remove:
      return "DELETE";
    case AlterOp::append:
      return "APPEND";
    case AlterOp::subtract:
      return "SUBTRACT";
  }
  return {};
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    items.emplace_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  if (items.size() == 1) return items;
  while (!items.empty() && items.back().empty()) items.pop_back();
  return items;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) text += (i == 0 ? "" : ",") + items[i];
  return text;
}

std::string list_with(std::string_view list, std::string_view more) {
  std::vector<std::string> items = items_of(list);
  std::set<std::string> present(items.begin(), items.end());
  for (std::string& item : split_at_commas(more))
    if (present.insert(item).second) items.push_back(std::move(item));
  return joined(items);
}

std::string list_without(std::string_view list, std::string_view less) {
  std::vector<std::string> items = items_of(list);
  std::map<std::string, std::size_t> mentions;  // each takes one of its kind away, the first ones first
  for (std::string& item : split_at_commas(less)) ++mentions[std::move(item)];
  std::erase_if(items, [&mentions](const std::string& item) {
    const auto mention = mentions.find(item);
    return mention != mentions.end() && mention->second != 0 && mention->second-- != 0;
  });
  return joined(items);
}

}  // namespace highwater::configs
