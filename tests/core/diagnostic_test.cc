#include "core/diagnostic.h"

#include <gtest/gtest.h>

namespace amont {
namespace {

std::shared_ptr<const SourceText> File(std::string text, std::string path = "checks/orders.toml") {
  return std::make_shared<SourceText>(SourceText{std::move(path), std::move(text)});
}

// One error over `marked`, which must stand once in `text`.
std::string Rendered(const std::string& text, const std::string& marked) {
  const size_t at = text.find(marked);
  EXPECT_NE(at, std::string::npos);
  const size_t start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  Span span{File(text), 1, static_cast<int>(at - start) + 1, static_cast<int>(marked.size())};
  for (size_t i = 0; i < at; ++i) span.line += text[i] == '\n' ? 1 : 0;
  Diagnostics diagnostics;
  diagnostics.Error(span, "here");
  return RenderText(diagnostics, false);
}

TEST(RenderText, ShowsPlaceLineCaretAndHint) {
  Diagnostics diagnostics;
  diagnostics.Error({File("a = 1\n  colum = \"updated_at\"\n"), 2, 3, 5}, "unknown key `colum`",
                    "did you mean `column`?");
  EXPECT_EQ(RenderText(diagnostics, false),
            "checks/orders.toml:2:3: error: unknown key `colum`\n"
            "    2 |   colum = \"updated_at\"\n"
            "      |   ^~~~~\n"
            "      = did you mean `column`?\n");
}

TEST(RenderText, ShowsNotesAfterTheirDiagnostic) {
  const auto file = File("name = \"a\"\nname = \"a\"\n");
  Diagnostics diagnostics;
  diagnostics.Warning({file, 2, 8, 3}, "declared twice")
      .notes.push_back({{file, 1, 8, 3}, "first declared here"});
  EXPECT_EQ(RenderText(diagnostics, false),
            "checks/orders.toml:2:8: warning: declared twice\n"
            "    2 | name = \"a\"\n"
            "      |        ^~~\n"
            "checks/orders.toml:1:8: note: first declared here\n"
            "    1 | name = \"a\"\n"
            "      |        ^~~\n");
}

TEST(RenderText, NamesOnlyTheFileWhereThereIsNoLine) {
  Diagnostics diagnostics;
  diagnostics.Error({File("x")}, "declares nothing");
  diagnostics.Error({}, "nowhere at all", "look elsewhere");
  EXPECT_EQ(RenderText(diagnostics, false),
            "checks/orders.toml: error: declares nothing\n"
            "error: nowhere at all\n"
            "      = look elsewhere\n");
}

TEST(RenderText, ColoursOnlyWhenAsked) {
  Diagnostics diagnostics;
  diagnostics.Warning({File("ab\n"), 1, 2, 1}, "odd");
  EXPECT_EQ(RenderText(diagnostics, true),
            "\x1b[1mchecks/orders.toml:1:2:\x1b[0m \x1b[1;35mwarning:\x1b[0m odd\n"
            "    1 | ab\n"
            "      |  \x1b[1;35m^\x1b[0m\n");
}

TEST(RenderText, PutsTheCaretUnderTabsAndWideLetters) {
  EXPECT_EQ(Rendered("\tx = 1", "x"),
            "checks/orders.toml:1:2: error: here\n"
            "    1 |     x = 1\n"
            "      |     ^\n");
  EXPECT_EQ(Rendered("a\tb", "b"),
            "checks/orders.toml:1:3: error: here\n"
            "    1 | a   b\n"
            "      |     ^\n");
  EXPECT_EQ(Rendered("表 = é, x", "x"),
            "checks/orders.toml:1:11: error: here\n"
            "    1 | 表 = é, x\n"
            "      |         ^\n");
  // Two columns a letter, underlined as wide as it is shown.
  EXPECT_EQ(Rendered("a = \"表🎉\"", "\"表🎉\""),
            "checks/orders.toml:1:5: error: here\n"
            "    1 | a = \"表🎉\"\n"
            "      |     ^~~~~~\n");
  // e and a combining accent are one column.
  EXPECT_EQ(Rendered("e\xcc\x81 = bad", "bad"),
            "checks/orders.toml:1:7: error: here\n"
            "    1 | e\xcc\x81 = bad\n"
            "      |     ^~~\n");
}

TEST(RenderText, ShowsControlCharactersInsteadOfObeyingThem) {
  EXPECT_EQ(Rendered("a\x1b[2J = bad", "bad"),
            "checks/orders.toml:1:9: error: here\n"
            "    1 | a\\x1b[2J = bad\n"
            "      |            ^~~\n");
  Diagnostics diagnostics;
  diagnostics.Error({File("x", "a\nb.toml")}, "key \x1b[31m\xff\xe2\x80\xae");
  EXPECT_EQ(RenderText(diagnostics, true),
            "\x1b[1ma\\nb.toml:\x1b[0m \x1b[1;31merror:\x1b[0m key \\x1b[31m\\xff\\u{202e}\n");
}

TEST(RenderText, CutsLongLinesAroundTheCaret) {
  const std::string far = std::string(300, 'a') + "BAD" + std::string(300, 'b');
  EXPECT_EQ(Rendered(far, "BAD"),
            "checks/orders.toml:1:301: error: here\n"
            "    1 | …" +
                std::string(40, 'a') + "BAD" + std::string(76, 'b') + "…\n" + "      | " +
                std::string(41, ' ') + "^~~\n");
  const std::string near = "BAD" + std::string(300, 'b');
  EXPECT_EQ(Rendered(near, "BAD"),
            "checks/orders.toml:1:1: error: here\n"
            "    1 | BAD" +
                std::string(117, 'b') +
                "…\n"
                "      | ^~~\n");
  const std::string whole = std::string(117, 'a') + "BAD";
  EXPECT_EQ(Rendered(whole, "BAD"),
            "checks/orders.toml:1:118: error: here\n"
            "    1 | " +
                whole +
                "\n"
                "      | " +
                std::string(117, ' ') + "^~~\n");
  // The underline ends with what is shown.
  EXPECT_EQ(Rendered(std::string(1000, 'x'), std::string(1000, 'x')),
            "checks/orders.toml:1:1: error: here\n"
            "    1 | " +
                std::string(120, 'x') +
                "…\n"
                "      | ^" +
                std::string(119, '~') + "\n");
}

TEST(RenderText, SurvivesPlacesOutsideTheFile) {
  Diagnostics diagnostics;
  diagnostics.Error({File("ab\r\ncd"), 1, 9, 4}, "after the line");
  diagnostics.Error({File("ab"), 7, 1, 1}, "after the file");
  diagnostics.Error({File("\n"), 1, 1, 1}, "an empty line");
  EXPECT_EQ(RenderText(diagnostics, false),
            "checks/orders.toml:1:9: error: after the line\n"
            "    1 | ab\n"
            "      |   ^\n"
            "checks/orders.toml:7:1: error: after the file\n"
            "    7 |\n"
            "      | ^\n"
            "checks/orders.toml:1:1: error: an empty line\n"
            "    1 |\n"
            "      | ^\n");
}

TEST(RenderText, FindsEachLineInAnyOrder) {
  const auto file = File("one\ntwo\nthree\n");
  Diagnostics diagnostics;
  for (int line : {3, 1, 2}) diagnostics.Error({file, line, 1, 1}, "x");
  EXPECT_EQ(RenderText(diagnostics, false),
            "checks/orders.toml:3:1: error: x\n    3 | three\n      | ^\n"
            "checks/orders.toml:1:1: error: x\n    1 | one\n      | ^\n"
            "checks/orders.toml:2:1: error: x\n    2 | two\n      | ^\n");
}

TEST(RenderJson, GivesEveryPart) {
  const auto file = File("a\nb\n");
  Diagnostics diagnostics;
  diagnostics.Error({file, 2, 1, 1}, "bad \"b\"", "try `a`").notes.push_back({{file, 1, 1, 1}, "see"});
  diagnostics.Warning({}, "odd");
  EXPECT_EQ(RenderJson(diagnostics), R"([
  {
    "severity": "error",
    "file": "checks/orders.toml",
    "line": 2,
    "column": 1,
    "length": 1,
    "message": "bad \"b\"",
    "hint": "try `a`",
    "notes": [
      {
        "file": "checks/orders.toml",
        "line": 1,
        "column": 1,
        "length": 1,
        "message": "see"
      }
    ]
  },
  {
    "severity": "warning",
    "file": "",
    "line": 0,
    "column": 0,
    "length": 1,
    "message": "odd",
    "hint": "",
    "notes": []
  }
])");
  EXPECT_EQ(RenderJson({}), "[]");
}

TEST(Diagnostics, SortsByPlaceAndKeepsEqualPlacesInOrder) {
  const auto a = File("", "a.toml"), b = File("", "b.toml");
  Diagnostics diagnostics;
  diagnostics.Error({b, 1, 1}, "5");
  diagnostics.Error({a, 2, 1}, "3");
  diagnostics.Error({a, 1, 9}, "2");
  diagnostics.Error({a, 2, 1}, "4");
  diagnostics.Error({a, 1, 2}, "1");
  diagnostics.Error({}, "0");
  diagnostics.Sort();
  std::string order;
  for (const Diagnostic& diagnostic : diagnostics.list()) order += diagnostic.message;
  EXPECT_EQ(order, "012345");
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  EXPECT_TRUE(diagnostics.empty());
  diagnostics.Warning({}, "odd");
  EXPECT_FALSE(diagnostics.HasErrors());
  Diagnostics more;
  more.Error({}, "bad");
  diagnostics.Append(std::move(more));
  EXPECT_TRUE(diagnostics.HasErrors());
  EXPECT_EQ(diagnostics.list().size(), 2u);
}

TEST(DidYouMean, FindsMisspeltWords) {
  const std::vector<std::string> known = {"column", "fail_after", "warn_after", "name"};
  EXPECT_EQ(DidYouMean("colum", known), "did you mean `column`?");
  EXPECT_EQ(DidYouMean("columms", known), "did you mean `column`?");
  EXPECT_EQ(DidYouMean("fial_after", known), "did you mean `fail_after`?");
  EXPECT_EQ(DidYouMean("WARN_AFTER", known), "did you mean `warn_after`?");
  EXPECT_EQ(DidYouMean("nmae", known), "did you mean `name`?");
}

TEST(DidYouMean, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(DidYouMean("freshness", {"column", "name"}), "");
  EXPECT_EQ(DidYouMean("min", {"max"}), "");  // two letters of three
  EXPECT_EQ(DidYouMean("x", {"y"}), "");      // nothing in common
  EXPECT_EQ(DidYouMean("min", {"min"}), "");  // the word itself
  EXPECT_EQ(DidYouMean("", {"a"}), "");
  EXPECT_EQ(DidYouMean("a", {}), "");
  EXPECT_EQ(DidYouMean(std::string(100'000, 'a'), {std::string(100'001, 'a')}), "");
}

TEST(DidYouMean, PrefersTheNearestThenTheFirst) {
  EXPECT_EQ(DidYouMean("min_lenght", {"max_length", "min_length"}), "did you mean `min_length`?");
  EXPECT_EQ(DidYouMean("bat", {"cat", "hat"}), "did you mean `cat`?");
}

}  // namespace
}  // namespace amont
