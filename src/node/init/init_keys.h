// What happens to each key of a server.properties, as `highwater init` tells it.
#pragma once

#include <string>
#include <vector>

#include "machines/configs/topic_settings.h"

namespace highwater::node {

enum class KeyFate : std::uint8_t { acts, waits, ignored, refused };

struct KeyVerdict {
  std::string key;
  std::string value;  // "[hidden]" where it is a secret
  KeyFate fate = KeyFate::acts;
  std::string why;  // "" where there is nothing to say
};

std::string_view fate_name(KeyFate fate);

// In name order. What makes keys wrong only together is not here: node/config's load_config tells it.
std::vector<KeyVerdict> judge_keys(const configs::ConfigMap& values);

}  // namespace highwater::node
