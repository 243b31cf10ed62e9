#include "machines/configs/alter_op.h"

#include <algorithm>

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
  for (std::string& item : split_at_commas(more))
    if (std::ranges::find(items, item) == items.end()) items.push_back(std::move(item));
  return joined(items);
}

std::string list_without(std::string_view list, std::string_view less) {
  std::vector<std::string> items = items_of(list);
  for (const std::string& item : split_at_commas(less))
    if (const auto found = std::ranges::find(items, item); found != items.end()) items.erase(found);
  return joined(items);
}

}  // namespace highwater::configs
