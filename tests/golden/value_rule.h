// The value of a field in the `filled` variant, from its path alone (docs/formats/golden.md). GoldenBytes.java holds
// the same rule for Apache's classes.
#pragma once

#include <cstdint>
#include <string>

#include "foundation/base/uuid.h"
#include "foundation/wire/values.h"

namespace highwater::golden {

// FNV-1a, 64 bits.
std::uint64_t path_hash(const std::string& path);

// The paths of a field below a struct and of an element of an array.
std::string field_path(const std::string& path, const char* field);
std::string element_path(const std::string& path, int index);

std::int8_t i8_value(const std::string& path);
std::int16_t i16_value(const std::string& path);
std::uint16_t u16_value(const std::string& path);
std::int32_t i32_value(const std::string& path);
std::uint32_t u32_value(const std::string& path);
std::int64_t i64_value(const std::string& path);
double f64_value(const std::string& path);
Uuid uuid_value(const std::string& path);
wire::Text text_value(const std::string& path);
wire::Blob blob_value(const std::string& path);
wire::Records records_value(const std::string& path);

}  // namespace highwater::golden
