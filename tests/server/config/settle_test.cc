// Each declaration file stands alone.
#include "server/config/settle.h"

#include <gtest/gtest.h>

#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

constexpr const char* kToml = "[source.lake]\nurl = \"duckdb:\"\n[defaults]\nsource = \"lake\"\n";

std::string Table(const std::string& name, int min) {
  return "[[table]]\nname = \"" + name + "\"\nvolume = { min = " + std::to_string(min) + " }\n";
}

class Settling : public ::testing::Test {
 protected:
  Settling() { dir_.Write("amont.toml", kToml); }

  Result<Settled> Load(const FileTexts& accepted = {}) {
    Diagnostics diagnostics;
    auto config = LoadConfig(
        dir_.Path("amont.toml"), [](const std::string&) { return std::nullopt; }, diagnostics);
    if (!config) return config.error();
    return Settle(std::move(*config), diagnostics, accepted);
  }

  testing::TempDir dir_;
};

TEST_F(Settling, WithoutMistakesEveryFileAppliesAsItIs) {
  dir_.Write("checks/a.toml", Table("a", 1));
  dir_.Write("checks/b.toml", Table("b", 1));
  const auto settled = Load();
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_TRUE(settled->invalid.empty());
  EXPECT_EQ(settled->texts.size(), 2u);
}

TEST_F(Settling, AFileWithAMistakeKeepsItsLastAcceptedText) {
  dir_.Write("checks/a.toml", Table("a", 1));
  dir_.Write("checks/b.toml", Table("b", 1));
  const auto first = Load();
  ASSERT_TRUE(first);
  dir_.Write("checks/a.toml", Table("a", 1) + "colour = \"red\"\n");
  dir_.Write("checks/b.toml", Table("c", 1));
  const auto second = Load(first->texts);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->invalid.size(), 1u);
  EXPECT_EQ(second->invalid[0].path, dir_.Path("checks/a.toml"));
  EXPECT_TRUE(second->invalid[0].kept);
  EXPECT_NE(second->invalid[0].reason.find("checks/a.toml:4:1: unknown key `colour`"), std::string::npos)
      << second->invalid[0].reason;
  ASSERT_EQ(second->config.declarations.tables.size(), 2u);  // the old a, the new c
  EXPECT_EQ(second->texts.at(dir_.Path("checks/a.toml"))->text, Table("a", 1));
}

TEST_F(Settling, ANewFileWithAMistakeIsLeftOut) {
  dir_.Write("checks/a.toml", "[[table]\n");
  dir_.Write("checks/b.toml", Table("b", 1));
  const auto settled = Load();
  ASSERT_TRUE(settled);
  ASSERT_EQ(settled->invalid.size(), 1u);
  EXPECT_FALSE(settled->invalid[0].kept);
  EXPECT_EQ(settled->config.declarations.tables.size(), 1u);
  EXPECT_FALSE(settled->texts.contains(dir_.Path("checks/a.toml")));
}

TEST_F(Settling, AFileWhoseAcceptedTextNowClashesIsLeftOut) {
  dir_.Write("checks/a.toml", Table("a", 1));
  dir_.Write("checks/z.toml", Table("z", 1));
  const auto first = Load();
  ASSERT_TRUE(first);
  dir_.Write("checks/a.toml", Table("z", 2));         // takes the name that z.toml declared
  dir_.Write("checks/z.toml", "[[table]]\nnme=1\n");  // and z.toml breaks
  const auto second = Load(first->texts);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->invalid.size(), 1u);
  EXPECT_FALSE(second->invalid[0].kept);
  ASSERT_EQ(second->config.declarations.tables.size(), 1u);
  EXPECT_EQ(second->config.declarations.tables[0]->name.table, "z");
}

TEST_F(Settling, AMistakeInAmontTomlItselfRefusesTheWhole) {
  dir_.Write("checks/a.toml", Table("a", 1));
  dir_.Write("amont.toml", std::string(kToml) + "[sorce.x]\n");
  const auto settled = Load();
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code, ErrorCode::kInvalid);
  EXPECT_NE(settled.error().message.find("amont.toml:5:2: unknown key `sorce`"), std::string::npos)
      << settled.error().message;
}

TEST_F(Settling, AnUnreadableFileKeepsItsLastAcceptedText) {
  dir_.Write("checks/a.toml", Table("a", 1));
  const auto first = Load();
  ASSERT_TRUE(first);
  dir_.Write("checks/a.toml", std::string((16u << 20) + 1, '#'));  // larger than a declaration file may be
  const auto second = Load(first->texts);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_EQ(second->invalid.size(), 1u);
  EXPECT_TRUE(second->invalid[0].kept);
  EXPECT_EQ(second->config.declarations.tables.size(), 1u);
}

}  // namespace
}  // namespace amont
