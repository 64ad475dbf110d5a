// Data shared by several projects, kept beside this one in ../shared/data and not shipped with it: dbt
// manifests, OpenLineage events, labelled series. Tests that read it are skipped, with a message, where it is
// absent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

#include "tests/testing/paths.h"

namespace amont::testing {

// A path below the shared data, whether it exists or not.
inline std::filesystem::path SharedData(std::string_view relative) {
  return (SourcePath() / ".." / "shared" / "data" / relative).lexically_normal();
}

}  // namespace amont::testing

// First line of a test or of SetUp: goes on only where the file or folder exists.
#define AMONT_NEEDS_SHARED_DATA(relative)                               \
  if (!std::filesystem::exists(::amont::testing::SharedData(relative))) \
  GTEST_SKIP() << ::amont::testing::SharedData(relative) << " is not here"
