#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempDir;

// What a pattern finds, relative to the directory.
std::vector<std::string> Found(const TempDir& dir, std::string_view pattern) {
  const Result<std::vector<std::string>> paths = Glob(pattern, dir.path().string());
  EXPECT_TRUE(paths.has_value()) << (paths ? "" : paths.error().message);
  std::vector<std::string> found;
  if (!paths) return found;
  for (const std::string& path : *paths) {
    EXPECT_EQ(path.rfind(dir.path().string() + "/", 0), 0u) << path;
    found.push_back(path.substr(dir.path().string().size() + 1));
  }
  return found;
}

ErrorCode CodeOf(const Result<std::string>& result) {
  return result ? ErrorCode::kInternal : result.error().code;
}

TEST(ReadFile, GivesEveryByte) {
  const TempDir dir;
  const std::string bytes("a\0\r\n\xff", 5);
  const Result<std::string> content = ReadFile(dir.Write("f", bytes), 5);
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(*content, bytes);
  const std::string large(300'000, 'x');
  const Result<std::string> more = ReadFile(dir.Write("large", large), 1 << 20);
  ASSERT_TRUE(more.has_value());
  EXPECT_EQ(*more, large);
}

TEST(ReadFile, RefusesWhatIsTooLargeAbsentOrNoFile) {
  const TempDir dir;
  EXPECT_EQ(CodeOf(ReadFile(dir.Write("f", "123456"), 5)), ErrorCode::kLimit);
  EXPECT_EQ(CodeOf(ReadFile("/dev/zero", 5)), ErrorCode::kLimit);
  EXPECT_EQ(CodeOf(ReadFile(dir.Path("none"), 5)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(ReadFile(dir.path().string(), 5)), ErrorCode::kInvalid);
  const Result<std::string> absent = ReadFile(dir.Path("none"), 5);
  ASSERT_FALSE(absent.has_value());
  EXPECT_EQ(absent.error().message, "cannot read " + dir.Path("none") + ": No such file or directory");
}

TEST(Glob, MatchesWithinOneName) {
  const TempDir dir;
  for (const char* file :
       {"checks/b.toml", "checks/a.toml", "checks/c.txt", "checks/deep/d.toml", "checks/.hidden.toml"}) {
    dir.Write(file, "");
  }
  EXPECT_THAT(Found(dir, "checks/*.toml"), ElementsAre("checks/a.toml", "checks/b.toml"));
  EXPECT_THAT(Found(dir, "./checks//?.txt"), ElementsAre("checks/c.txt"));
  EXPECT_THAT(Found(dir, "*/[bc].t*"), ElementsAre("checks/b.toml", "checks/c.txt"));
  EXPECT_THAT(Found(dir, "checks/a.toml"), ElementsAre("checks/a.toml"));
  EXPECT_THAT(Found(dir, "checks"), IsEmpty());  // a folder
  EXPECT_THAT(Found(dir, "*"), IsEmpty());
  EXPECT_THAT(Found(dir, ""), IsEmpty());
}

TEST(Glob, TwoStarsCrossAnyNumberOfFolders) {
  const TempDir dir;
  for (const char* file :
       {"checks/a.toml", "checks/x/b.toml", "checks/x/y/c.toml", "checks/.git/d.toml", "other/e.toml"}) {
    dir.Write(file, "");
  }
  EXPECT_THAT(Found(dir, "checks/**/*.toml"),
              ElementsAre("checks/a.toml", "checks/x/b.toml", "checks/x/y/c.toml"));
  EXPECT_THAT(Found(dir, "**/y/*.toml"), ElementsAre("checks/x/y/c.toml"));
  EXPECT_THAT(Found(dir, "**/**/x/**/*.toml"), ElementsAre("checks/x/b.toml", "checks/x/y/c.toml"));
  EXPECT_THAT(Found(dir, "other/**"), ElementsAre("other/e.toml"));
}

TEST(Glob, FindsNothingWhereTheFolderIsAbsent) {
  const TempDir dir;
  dir.Write("file", "");
  EXPECT_THAT(Found(dir, "checks/**/*.toml"), IsEmpty());
  EXPECT_THAT(Found(dir, "file/*.toml"), IsEmpty());
  EXPECT_THAT(Found(dir, "checks/a.toml"), IsEmpty());
}

TEST(Glob, FollowsLinksToFilesButNoCircles) {
  const TempDir dir;
  const std::string file = dir.Write("real/a.toml", "");
  std::filesystem::create_directory(dir.path() / "checks");
  std::filesystem::create_symlink(file, dir.path() / "checks/link.toml");
  std::filesystem::create_symlink(dir.path() / "nowhere", dir.path() / "checks/broken.toml");
  std::filesystem::create_directory_symlink(dir.path() / "checks", dir.path() / "checks/circle");
  EXPECT_THAT(Found(dir, "checks/**/*.toml"), ElementsAre("checks/broken.toml", "checks/link.toml"));
  EXPECT_THAT(Found(dir, "checks/circle/l*.toml"), ElementsAre("checks/circle/link.toml"));
  EXPECT_THAT(Found(dir, "checks/broken.toml"), ElementsAre("checks/broken.toml"));
  const Result<std::string> text = ReadFile(dir.Path("checks/broken.toml"), 10);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("it is a link to " + dir.Path("nowhere")), std::string::npos)
      << text.error().message;
}

TEST(Glob, TakesAbsolutePatternsAndOtherBases) {
  const TempDir dir;
  const std::string file = dir.Write("a.toml", "");
  const Result<std::vector<std::string>> absolute = Glob(dir.Path("*.toml"), "/nowhere");
  ASSERT_TRUE(absolute.has_value());
  EXPECT_THAT(*absolute, ElementsAre(file));
  // The tests run in the root of the sources.
  for (const char* base : {"", "."}) {
    const Result<std::vector<std::string>> here = Glob("core/file.h*", base);
    ASSERT_TRUE(here.has_value());
    EXPECT_THAT(*here, ElementsAre("core/file.h")) << base;
  }
}

TEST(Glob, SaysWhichFolderMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const TempDir dir;
  dir.Write("checks/closed/a.toml", "");
  chmod(dir.Path("checks/closed").c_str(), 0);
  const Result<std::vector<std::string>> paths = Glob("checks/**/*.toml", dir.path().string());
  chmod(dir.Path("checks/closed").c_str(), 0700);
  ASSERT_FALSE(paths.has_value());
  EXPECT_EQ(paths.error().code, ErrorCode::kPermission);
  EXPECT_THAT(paths.error().message, HasSubstr("checks/closed"));
}

}  // namespace
}  // namespace amont
