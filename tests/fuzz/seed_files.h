// Inputs as files of a folder: seeds for libFuzzer on their way out, inputs of earlier findings on their way in.
#pragma once

#include <string>
#include <vector>

#include "tests/fuzz/target.h"

namespace highwater::fuzz {

// False when a file cannot be written.
bool write_inputs(const std::string& folder, const std::vector<Input>& inputs);
// In order of file name; empty when there is no such folder.
std::vector<Input> read_inputs(const std::string& folder);

}  // namespace highwater::fuzz
