// What a topic may be called, and which names are too alike: `a.b` and `a_b` would share a metric's name.
// Kafka: org.apache.kafka.common.internals.Topic.
#pragma once

#include <string>
#include <string_view>

namespace highwater::controller {

// Empty when the name may be used, else Kafka's sentence.
std::string topic_name_problem(std::string_view name);

bool has_collision_characters(std::string_view name);
// Names that collide have the same one.
std::string collision_key(std::string_view name);

}  // namespace highwater::controller
