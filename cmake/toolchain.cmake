# How we compile: C++20, the warnings we live by, and the fastest linker and cache the machine has.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_library(warnings INTERFACE)
target_compile_options(warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${AMONT_WERROR}>:-Werror>)
# At -O2 g++ 12 takes the string inside a moved std::variant for uninitialised.
target_compile_options(warnings INTERFACE $<$<CONFIG:Release>:-Wno-maybe-uninitialized>)

find_program(AMONT_MOLD mold)
if(AMONT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Paths are made relative to the clone, so that two clones or worktrees share one cache.
find_program(AMONT_CCACHE ccache)
if(AMONT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${AMONT_CCACHE})
endif()
