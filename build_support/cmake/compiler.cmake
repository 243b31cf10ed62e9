# One set of flags for all that we wrote. Warnings are errors; what the sanitizers are comes from the preset.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(
  -Wall -Wextra -Werror -Wconversion -Wshadow -Wswitch-enum -Wthread-safety -Wno-missing-field-initializers
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
add_link_options(-fuse-ld=lld)

option(HIGHWATER_PLANTS "bugs on purpose, for sim/planted.sh only" OFF)
if(HIGHWATER_PLANTS)
  add_compile_definitions(HIGHWATER_PLANTS)
endif()

if(HIGHWATER_SANITIZE)
  add_compile_options(-fsanitize=${HIGHWATER_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HIGHWATER_SANITIZE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FMT REQUIRED IMPORTED_TARGET fmt)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(SNAPPY REQUIRED IMPORTED_TARGET snappy)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(ABSL REQUIRED IMPORTED_TARGET absl_flat_hash_map)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(URING REQUIRED IMPORTED_TARGET liburing)
