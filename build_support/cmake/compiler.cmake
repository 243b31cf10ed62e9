# One set of flags for all that we wrote. Warnings are errors; what the sanitizers are comes from the preset.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(
  -Wall -Wextra -Werror -Wconversion -Wshadow -Wswitch-enum -Wthread-safety -Wno-missing-field-initializers
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_link_options(-fuse-ld=lld)

if(HIGHWATER_SANITIZE)
  add_compile_options(-fsanitize=${HIGHWATER_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HIGHWATER_SANITIZE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FMT REQUIRED IMPORTED_TARGET fmt)
