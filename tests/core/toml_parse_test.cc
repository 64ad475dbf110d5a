// ParseToml: the trees and places of tests/cases/toml, and what would be unreadable as text.
#include <gtest/gtest.h>

#include "core/limits.h"
#include "core/toml_reader.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

std::shared_ptr<const SourceText> File(std::string text) {
  return std::make_shared<SourceText>(SourceText{"t.toml", std::move(text)});
}

struct ScalarText {
  std::string operator()(const TomlNode::Table&) const { return {}; }
  std::string operator()(const TomlNode::Array&) const { return {}; }
  std::string operator()(const std::string& text) const { return " <" + text + ">"; }
  std::string operator()(int64_t number) const { return " " + std::to_string(number); }
  std::string operator()(double number) const { return " " + std::to_string(number); }
  std::string operator()(bool value) const { return value ? " true" : " false"; }
  std::string operator()(Date day) const { return " day " + std::to_string(day.time_since_epoch().count()); }
  std::string operator()(LocalTime at) const {
    return " " + std::to_string(at.time_since_epoch().count()) + " us";
  }
  std::string operator()(Timestamp at) const {
    return " " + std::to_string(at.time_since_epoch().count()) + " us";
  }
  std::string operator()(TomlNode::LocalClock clock) const {
    return " " + std::to_string(clock.seconds) + " s";
  }
};

std::string Place(const Span& span) {
  return std::to_string(span.line) + ":" + std::to_string(span.column) + "+" + std::to_string(span.length);
}

void Dump(const TomlNode& node, const std::string& indent, std::string& out) {
  out += std::string(node.KindName()) + (node.header ? " (header)" : "") +
         std::visit(ScalarText(), node.value) + "  @" + Place(node.span) + "\n";
  if (const TomlNode::Table* table = node.AsTable()) {
    for (const TomlEntry& entry : *table) {
      out += indent + entry.key.name + "  @" + Place(entry.key.span) + " = ";
      Dump(entry.node, indent + "  ", out);
    }
  }
  if (const TomlNode::Array* array = node.AsArray()) {
    for (const TomlNode& item : *array) {
      out += indent + "- ";
      Dump(item, indent + "  ", out);
    }
  }
}

std::string Answer(const std::string& text) {
  Diagnostics diagnostics;
  const std::optional<TomlNode> tree = ParseToml(File(text), diagnostics);
  std::string answer;
  if (tree) Dump(*tree, "  ", answer);
  return answer + RenderText(diagnostics, false);
}

TEST(ParseToml, GivesTheTreesOfTheCorpus) {
  testing::CheckCorpus("toml", [](const testing::CorpusCase& test) { return Answer(test.input); });
}

TEST(ParseToml, RefusesHugeFilesAndDeepKeys) {
  EXPECT_EQ(Answer(std::string(limits::kFileBytesMax + 1, '\n')),
            "t.toml: error: the file is larger than 16 MiB\n");
  std::string deep = "a";
  for (int i = 0; i < 1'000'000; ++i) deep += ".a";
  for (const std::string& text : {deep + " = 1\n", "[" + deep + "]\n", "x = { " + deep + " = 1 }\n"}) {
    Diagnostics diagnostics;
    EXPECT_FALSE(ParseToml(File(text), diagnostics).has_value());
    ASSERT_EQ(diagnostics.list().size(), 1u);
    EXPECT_EQ(diagnostics.list()[0].message, "nested deeper than 16 levels");
    EXPECT_EQ(diagnostics.list()[0].span.line, 1);
  }
}

TEST(ParseToml, RefusesDeepValuesWithoutCrashing) {
  for (size_t depth : {17u, 200u, 300u, 1'000'000u}) {
    for (const std::string& open : {std::string("["), std::string("{a=")}) {
      std::string text = "x = ";
      for (size_t i = 0; i < depth; ++i) text += open;
      text += "1" + std::string(depth, open == "[" ? ']' : '}');
      Diagnostics diagnostics;
      EXPECT_FALSE(ParseToml(File(text), diagnostics).has_value());
      EXPECT_EQ(diagnostics.list().size(), 1u);
    }
  }
}

TEST(ParseToml, DotsInsideStringsAreNoDepth) {
  const std::string dots(100, '.');
  for (const std::string& value :
       {"'" + dots + "'", "\"\\\"" + dots + "\"", "\"\"\"\n" + dots + "\"" + dots + "\"\"\"\"\"",
        "'''" + dots + "\n''" + dots + "'''", "1 # " + dots + "\"\""}) {
    const std::string text = "x = " + value + "\ny = 2\n";
    Diagnostics diagnostics;
    EXPECT_TRUE(ParseToml(File(text), diagnostics).has_value()) << text << RenderText(diagnostics, false);
  }
}

TEST(ParseToml, CountsBytesNotCodePoints) {
  const std::string answer = Answer("\"clé\" = [\"é\", \"表\", 'x']\n");
  EXPECT_EQ(answer,
            "a table  @0:0+1\n"
            "  clé  @1:1+6 = an array  @1:10+18\n"
            "    - a string <é>  @1:11+4\n"
            "    - a string <表>  @1:17+5\n"
            "    - a string <x>  @1:24+3\n");
}

TEST(ParseToml, TakesByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(Answer("\xef\xbb\xbf"
                   "a = 1\r\n[t]\r\nb = \"\"\"x\r\ny\"\"\"\r\n"),
            "a table  @0:0+1\n"
            "  a  @1:4+1 = an integer 1  @1:8+1\n"
            "  t  @2:2+1 = a table (header)  @2:1+3\n"
            "    b  @3:1+1 = a string <x\ny>  @3:5+4\n");
}

TEST(ParseToml, ReportsBytesThatAreNotUtf8) {
  EXPECT_EQ(Answer("a = 1\nb = \"\xff\"\n"),
            "t.toml:2:5: error: invalid TOML: Encountered invalid utf-8 sequence\n"
            "    2 | b = \"\\xff\"\n"
            "      |     ^\n");
}

// Places are found by walking along the line, once: a generated line of megabytes must not take hours.
TEST(ParseToml, ReadsOneVeryLongLine) {
  std::string text = "é = 1\n";
  text = "x = [\"é\"";
  for (int i = 0; i < 200'000; ++i) text += ", [1, {a.b = 2}]";
  text += "]\n";
  Diagnostics diagnostics;
  const std::optional<TomlNode> tree = ParseToml(File(text), diagnostics);
  ASSERT_TRUE(tree.has_value());
  const TomlNode::Array* items = tree->AsTable()->front().node.AsArray();
  ASSERT_NE(items, nullptr);
  ASSERT_EQ(items->size(), 200'001u);
  const Span& last = items->back().span;
  EXPECT_EQ(text.substr(static_cast<size_t>(last.column) - 1, static_cast<size_t>(last.length)),
            "[1, {a.b = 2}]");
}

}  // namespace
}  // namespace amont
