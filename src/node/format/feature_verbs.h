// `highwater storage version-mapping` and `feature-dependencies`, in the words of kafka-storage.
#pragma once

#include <string>
#include <vector>

#include "node/exit_status.h"

namespace highwater::node {

ExitStatus run_version_mapping(const std::string& release_version);  // "": the newest release
ExitStatus run_feature_dependencies(const std::vector<std::string>& features);

}  // namespace highwater::node
