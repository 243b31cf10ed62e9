// `--add-scram 'SCRAM-SHA-256=[name=alice,password=secret]'`: credentials for bootstrap.checkpoint. Kafka: ScramParser.
// Nothing of an argument but what Kafka repeats in its refusals may be shown.
#pragma once

#include <span>
#include <string>

#include "foundation/base/random.h"
#include "foundation/base/result.h"
#include "machines/metadata/records.h"

namespace highwater::node {

// One UserScramCredentialRecord per argument. Salts that are not given come from `random`. Fails in Kafka's words.
Result<metadata::Records> parse_scram_arguments(std::span<const std::string> arguments, Random& random);

}  // namespace highwater::node
