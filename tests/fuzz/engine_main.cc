// A fuzz target under libFuzzer. `PROGRAM --seeds FOLDER` writes its seeds and ends.
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "tests/fuzz/seed_files.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc == 3 && std::string_view((*argv)[1]) == "--seeds") {
    _exit(highwater::fuzz::write_inputs((*argv)[2], highwater::fuzz::seeds()) ? 0 : 1);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  highwater::fuzz::run({data, size});
  return 0;
}
