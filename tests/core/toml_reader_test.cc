// TomlReader: the messages of tests/cases/diagnostics, and the values it gives.
#include "core/toml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/corpus.h"

namespace amont {
namespace {

using ::testing::ElementsAre;

// A parsed file that a reader can borrow.
struct Parsed {
  explicit Parsed(std::string text) {
    auto file = std::make_shared<SourceText>(SourceText{"checks/orders.toml", std::move(text)});
    if (std::optional<TomlNode> parsed = ParseToml(std::move(file), diagnostics)) tree = std::move(*parsed);
  }
  Diagnostics diagnostics;
  TomlNode tree;
};

std::string Elsewhere(std::string_view key) {
  return key == "owner" ? "a table-level key: move it above the first [table.…]" : "";
}

// Reads one table of every kind of key there is.
void ReadEverything(const TomlNode& node, const std::string& what, Diagnostics& diagnostics) {
  TomlReader reader(node, what, diagnostics);
  reader.String("column");
  reader.Integer("tier");
  reader.Number("ratio");
  reader.Boolean("pilot");
  reader.DurationOf("fail_after");
  reader.Strings("tags");
  reader.StringOrStrings("columns");
  reader.Word("mode", {"contains", "exact", "ordered"});
  reader.Know("extra");
  if (const TomlEntry* entry = reader.Find("nested")) {
    if (entry->node.AsTable() != nullptr) ReadEverything(entry->node, "[nested]", diagnostics);
  }
  reader.RejectUnknown(Elsewhere);
}

TEST(TomlReader, GivesTheDiagnosticsOfTheCorpus) {
  testing::CheckCorpus("diagnostics", [](const testing::CorpusCase& test) {
    Parsed file(test.input);
    ReadEverything(file.tree, "", file.diagnostics);
    file.diagnostics.Sort();
    return RenderText(file.diagnostics, false);
  });
}

TEST(TomlReader, GivesTypedValues) {
  Parsed file(
      "s = 'x'\ni = 7\nf = 0.5\nb = true\nd = '1h30m'\nl = ['a', 'b']\none = 'c'\nw = 'exact'\nempty = []\n");
  TomlReader reader(file.tree, "t", file.diagnostics);
  EXPECT_EQ(reader.String("s"), "x");
  EXPECT_EQ(reader.Integer("i"), 7);
  EXPECT_EQ(reader.Number("f"), 0.5);
  EXPECT_EQ(reader.Number("i"), 7.0);
  EXPECT_EQ(reader.Boolean("b"), true);
  EXPECT_EQ(reader.DurationOf("d"), std::chrono::minutes(90));
  EXPECT_THAT(reader.Strings("l").value(), ElementsAre("a", "b"));
  EXPECT_THAT(reader.Strings("empty").value(), ElementsAre());
  EXPECT_THAT(reader.StringOrStrings("l").value(), ElementsAre("a", "b"));
  EXPECT_THAT(reader.StringOrStrings("one").value(), ElementsAre("c"));
  EXPECT_EQ(reader.Word("w", {"exact", "ordered"}), "exact");
  reader.RejectUnknown();
  EXPECT_TRUE(file.diagnostics.empty());
}

TEST(TomlReader, AbsentKeysAreNoMistake) {
  Parsed file("");
  TomlReader reader(file.tree, "t", file.diagnostics);
  EXPECT_EQ(reader.Find("x"), nullptr);
  EXPECT_EQ(reader.String("x"), std::nullopt);
  EXPECT_EQ(reader.Integer("x"), std::nullopt);
  EXPECT_EQ(reader.Number("x"), std::nullopt);
  EXPECT_EQ(reader.Boolean("x"), std::nullopt);
  EXPECT_EQ(reader.DurationOf("x"), std::nullopt);
  EXPECT_EQ(reader.Strings("x"), std::nullopt);
  EXPECT_EQ(reader.StringOrStrings("x"), std::nullopt);
  EXPECT_EQ(reader.Word("x", {"a"}), std::nullopt);
  reader.RejectUnknown();
  EXPECT_TRUE(file.diagnostics.empty());
}

TEST(TomlReader, PlacesAbsentKeysAtTheirTable) {
  Parsed file("[a]\nx = 1\n");
  const TomlNode& table = file.tree.AsTable()->front().node;
  TomlReader reader(table, "[a]", file.diagnostics);
  EXPECT_EQ(reader.Place("x").ToString(), "checks/orders.toml:2:5");
  EXPECT_EQ(reader.KeyPlace("x").ToString(), "checks/orders.toml:2:1");
  EXPECT_EQ(reader.Place("y").ToString(), "checks/orders.toml:1:1");
  EXPECT_EQ(reader.KeyPlace("y").ToString(), "checks/orders.toml:1:1");
  EXPECT_EQ(reader.span().ToString(), "checks/orders.toml:1:1");
  EXPECT_EQ(reader.what(), "[a]");
}

}  // namespace
}  // namespace amont
