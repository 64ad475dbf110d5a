// The registry and its key tables: every table says exactly what its reader takes.
#include "checks/kinds/kind.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "checks/kinds/check_keys.h"
#include "tests/checks/kinds/lowering.h"

namespace amont::testing {
namespace {

void AddNames(std::span<const Key> keys, std::set<std::string>& names) {
  for (const Key& key : keys) {
    names.emplace(key.name);
    AddNames(key.keys, names);
  }
}

// Every key that any table knows, and some that none does.
std::set<std::string> AllNames() {
  std::set<std::string> names = {"baseline", "for", "gate", "alert_on", "keep_firing_for", "nothing"};
  AddNames(DeclarationKeys(), names);
  AddNames(CheckKeys(), names);
  return names;
}

bool CallsUnknown(const std::string& toml, const std::string& name) {
  Diagnostics diagnostics;
  LowerText(toml, diagnostics);
  const std::string message = fmt::format("unknown key `{}`", name);
  for (const Diagnostic& each : diagnostics.list()) {
    if (each.message.starts_with(message)) return true;
  }
  return false;
}

// At [path], what stands in `keys` is known and nothing else is.
void ExpectKeys(const std::string& path, std::span<const Key> keys, bool check_keys, int depth) {
  const std::string query = path.starts_with("table.sql.") ? "[table.sql]\nvalue = \"SELECT 1\"\n" : "";
  const std::string value = path == "table.sql" ? "value = \"SELECT 1\"\n" : "";
  for (const std::string& name : AllNames()) {
    if (!value.empty() && name == "value") continue;
    const std::string toml =
        fmt::format("[[table]]\nname = \"mart.orders\"\n{}[{}]\n{}{} = 0\n", query, path, value, name);
    const bool known =
        FindKey(keys, name) != nullptr || (check_keys && FindKey(CheckKeys(), name) != nullptr);
    EXPECT_EQ(CallsUnknown(toml, name), !known) << toml;
  }
  for (const Key& key : keys) {
    if (key.keys.empty() || depth == 0) continue;
    ExpectKeys(fmt::format("{}.{}", path, key.name), key.keys, key.check_keys, depth - 1);
  }
}

class KindKeys : public ::testing::TestWithParam<std::string> {};

TEST_P(KindKeys, AreWhatTheReaderTakes) {
  const Kind* kind = FindKind(GetParam());
  ASSERT_NE(kind, nullptr);
  const std::string path = fmt::format("table.{}{}", kind->key.name, kind->name == "column" ? ".c" : "");
  ExpectKeys(path, kind->key.keys, kind->key.check_keys, 3);
}

INSTANTIATE_TEST_SUITE_P(All, KindKeys, ::testing::Values("freshness", "volume", "schema", "column", "sql"),
                         [](const auto& param) { return param.param; });

TEST(GroupKeys, AreMinAndMax) {
  ExpectKeys("table.volume.groups.FR", FindKey(CheckKeys(), "groups")->keys, false, 0);
}

TEST(Kinds, ShowExamplesThatLower) {
  for (const Kind& kind : Kinds()) {
    Diagnostics diagnostics;
    const Lowered lowered =
        LowerText("[[table]]\nname = \"mart.orders\"\n" + std::string(kind.example), diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << RenderText(diagnostics, false);
    const bool shown = std::any_of(lowered.checks.begin(), lowered.checks.end(),
                                   [&](const Check& check) { return check.kind == kind.name; });
    EXPECT_TRUE(shown) << kind.name;
  }
}

TEST(Kinds, AreFoundByName) {
  for (const Kind& kind : Kinds()) EXPECT_EQ(FindKind(kind.name), &kind);
  EXPECT_EQ(FindKind("freshnes"), nullptr);
}

TEST(CheckId, QuotesWhatIsNoPlainWord) {
  const TableName table = {"warehouse", "mart", "Order Lines"};
  EXPECT_EQ(CheckId(table, "volume", {}, ""), "warehouse/mart.\"Order Lines\":volume");
  EXPECT_EQ(CheckId(table, "duplicates", {"id", "a b"}, "x y"),
            "warehouse/mart.\"Order Lines\":duplicates(id,\"a b\")@x y");
}

TEST(MeasureWord, IsWhatStandsBetweenTableAndColumns) {
  EXPECT_EQ(MeasureWord("lake/orders:null_ratio(email)@a:b"), "null_ratio");
  EXPECT_EQ(MeasureWord("lake/\"a:b\".orders:volume"), "volume");
  EXPECT_EQ(MeasureWord("lake/orders:sql@x"), "sql");
  EXPECT_EQ(MeasureWord("lake/orders"), "");
  EXPECT_EQ(MeasureWord("lake/\"a:b\""), "");
}

TEST(PiiColumns, AreThoseMarked) {
  const auto file = std::make_shared<const SourceText>(SourceText{
      "a.toml",
      "columns.a.pii = true\ncolumns.b.pii = false\ncolumns.c.pii = 1\ncolumns.d.x = 1\ncolumns.e = 3\n"});
  Diagnostics diagnostics;
  const auto root = ParseToml(file, diagnostics);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(PiiColumns(*root), (std::vector<PiiRule>{{"a", true}, {"b", false}}));
}

}  // namespace
}  // namespace amont::testing
