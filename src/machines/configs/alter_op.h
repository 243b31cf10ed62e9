// What a request may do to one key of a configuration (KIP-339), and lists as texts with commas. Kafka:
// AlterConfigOp.OpType, ConfigurationControlManager, ConfigAdminManager.prepareIncrementalConfigs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace highwater::configs {

enum class AlterOp : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

// Nothing for a number that is no operation.
std::optional<AlterOp> alter_op(std::int8_t number);
// As in Kafka's sentences: "APPEND".
std::string_view alter_op_name(AlterOp op);

// As Java's split(","): empty items at the end do not count, those between others do; nothing is trimmed.
std::vector<std::string> split_at_commas(std::string_view text);
std::string joined(const std::vector<std::string>& items);

// `list` with those items of `more` behind it that it has not; without those of `less`. Empty items of `list` go.
std::string list_with(std::string_view list, std::string_view more);
std::string list_without(std::string_view list, std::string_view less);

}  // namespace highwater::configs
