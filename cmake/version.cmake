# The library `version` behind core/version.h. Its one source file is written at every build but touched only when the
# version or the commit changed, so a new commit costs one tiny compilation and a link.
# Included by CMakeLists.txt it declares the target; run as a script (cmake -P) it writes the file.
if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND git rev-parse --short=12 HEAD
    WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(revision STREQUAL "")
    set(revision "unknown")
  endif()
  file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [[
#include "core/version.h"

namespace amont {

std::string_view Version() { return "@VERSION@"; }
std::string_view GitRevision() { return "@revision@"; }

}  // namespace amont
]])
  return()
endif()

set(AMONT_VERSION_SOURCE "${PROJECT_BINARY_DIR}/generated/version.cc")
add_custom_target(version_source
  COMMAND "${CMAKE_COMMAND}" -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${AMONT_VERSION_SOURCE} -P "${CMAKE_CURRENT_LIST_FILE}"
  BYPRODUCTS "${AMONT_VERSION_SOURCE}"
  VERBATIM)
add_library(version STATIC "${AMONT_VERSION_SOURCE}")
target_include_directories(version PUBLIC "${PROJECT_SOURCE_DIR}")
add_dependencies(version version_source)
