#include "core/sql/duckdb_library.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

TEST(DuckdbLibrary, AMissingLibrarySaysWhereItLooked) {
  const testing::TempDir dir;
  const std::string junk = dir.Write("libduckdb.so", "no library at all");
  const Result<DuckdbLibrary> library =
      LoadDuckdbLibrary({"/nowhere/libduckdb.so", junk, "libduckdb-no-such.so"});
  ASSERT_FALSE(library.has_value());
  EXPECT_EQ(library.error().code, ErrorCode::kUnsupported);
  for (const std::string part :
       {"/nowhere/libduckdb.so", junk.c_str(), "libduckdb-no-such.so", "AMONT_DUCKDB_LIBRARY"}) {
    EXPECT_NE(library.error().message.find(part), std::string::npos) << library.error().message;
  }
}

TEST(DuckdbLibrary, AnotherLibraryOfThatNameIsNotTaken) {
  const Result<DuckdbLibrary> library = LoadDuckdbLibrary({"libc.so.6"});
  ASSERT_FALSE(library.has_value());
  EXPECT_NE(library.error().message.find("libc.so.6 (has no duckdb_"), std::string::npos)
      << library.error().message;
}

TEST(DuckdbLibrary, LooksBesideTheProgramThenBelowItsPrefixThenAtTheSystems) {
  if (std::getenv("AMONT_DUCKDB_LIBRARY") != nullptr) GTEST_SKIP() << "the environment names a library";
  const std::vector<std::string> places = DuckdbLibraryPlaces();
  ASSERT_GE(places.size(), 3u);
  EXPECT_TRUE(places[0].ends_with("/libduckdb.so")) << places[0];
  EXPECT_TRUE(places[1].ends_with("/lib/amont/libduckdb.so")) << places[1];
  EXPECT_EQ(places.back(), "libduckdb.so");
}

TEST(DuckdbLibrary, TheEnvironmentAloneDecidesWhereItIsSet) {
  const char* before = std::getenv("AMONT_DUCKDB_LIBRARY");
  const std::string kept = before != nullptr ? before : "";
  setenv("AMONT_DUCKDB_LIBRARY", "/opt/duckdb/libduckdb.so", 1);
  EXPECT_EQ(DuckdbLibraryPlaces(), std::vector<std::string>{"/opt/duckdb/libduckdb.so"});
  if (before != nullptr) {
    setenv("AMONT_DUCKDB_LIBRARY", kept.c_str(), 1);
  } else {
    unsetenv("AMONT_DUCKDB_LIBRARY");
  }
}

TEST(DuckdbLibrary, IsLoadedOnceAndAnswers) {
  const Result<const DuckdbLibrary*> first = SharedDuckdbLibrary();
  const Result<const DuckdbLibrary*> second = SharedDuckdbLibrary();
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(*first, *second);
  EXPECT_EQ((*first)->library_version()[0], 'v');
}

}  // namespace
}  // namespace amont
