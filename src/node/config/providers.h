// ${file:/path:key}, ${directory:/path:file} and ${env:NAME} in configuration values, for secrets that do not stand in
// the file itself (KIP-297, KIP-421, KIP-887). Other providers are Java classes: their references are left as they are.
#pragma once

#include "machines/configs/topic_settings.h"

namespace highwater::node {

// Replaces every reference in every value. Fails with a sentence that names the key, and the file or variable it asks
// for.
Result<configs::ConfigMap> resolve_references(configs::ConfigMap values);

}  // namespace highwater::node
