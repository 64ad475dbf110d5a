// What declaration files become, and every mistake in them: tests/cases/declare.
//
// The input of a case is checks/a.toml. A line ">>> NAME" begins another part: a further file, or one of
//   amont.toml       its [defaults]
//   catalog          the tables of `warehouse`, one a line, with their kind: "raw.orders", "raw.v view"
//   known            tables matched by earlier runs
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "checks/declare/declarations.h"
#include "checks/declare/describe.h"
#include "tests/testing/corpus.h"

namespace amont {
namespace {

Zone ZoneOf(std::string_view name) {
  const Result<Zone> zone = Zone::Load(name);
  return zone ? *zone : Zone();
}

Surroundings MakeSurroundings() {
  Surroundings surroundings;
  for (const char* name : {"warehouse", "lake"}) {
    Source source;
    source.name = name;
    surroundings.sources[name] = source;
  }
  surroundings.sources["warehouse"].zone = ZoneOf("Europe/Paris");
  surroundings.sources["warehouse"].pii = {"*email*"};
  for (const char* name : {"finance", "platform", "acme"}) {
    Owner owner;
    owner.name = name;
    surroundings.owners[name] = owner;
  }
  auto business = std::make_shared<Calendar>();
  business->name = "business";
  surroundings.calendars["business"] = business;
  return surroundings;
}

// The parts of a case's input in order, each with its name.
std::vector<std::pair<std::string, std::string>> Parts(const std::string& input) {
  std::vector<std::pair<std::string, std::string>> parts = {{"checks/a.toml", ""}};
  std::istringstream lines(input);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(">>> ")) {
      parts.emplace_back(line.substr(4), "");
    } else {
      parts.back().second += line + "\n";
    }
  }
  return parts;
}

CatalogTable TableOf(std::string_view line) {
  const std::map<std::string_view, RelationKind> kinds = {{"", RelationKind::kTable},
                                                          {"view", RelationKind::kView},
                                                          {"matview", RelationKind::kMaterializedView},
                                                          {"foreign", RelationKind::kForeign},
                                                          {"leaf", RelationKind::kPartition},
                                                          {"partitioned", RelationKind::kPartitioned}};
  const size_t space = line.rfind(' ');
  const bool has_kind = space != std::string_view::npos && kinds.contains(line.substr(space + 1));
  CatalogTable table;
  const Result<TableName> name = ParseTableName(has_kind ? line.substr(0, space) : line, "warehouse");
  EXPECT_TRUE(name.has_value()) << line;
  if (name) table.name = *name;
  if (has_kind) table.kind = kinds.at(line.substr(space + 1));
  return table;
}

std::vector<CatalogTable> TablesOf(const std::string& text) {
  std::vector<CatalogTable> tables;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) tables.push_back(TableOf(line));
  }
  return tables;
}

// What is always on stands on one line.
std::string DescribeShortly(const Check& check) {
  std::string text = Describe(check);
  const bool always_on = std::holds_alternative<Exists>(check.expectation) ||
                         std::holds_alternative<NotEmptied>(check.expectation);
  if (!always_on) return text;
  for (size_t at = text.find("\n  "); at != std::string::npos; at = text.find("\n  ", at))
    text.replace(at, 3, " | ");
  return text;
}

template <class Each>
std::string DescribeAll(const Each& each) {
  std::string text;
  for (const auto& table : each.tables) {
    text += Describe(*table);
    for (const CheckPtr& check : each.checks) {
      if (check->table == table) text += DescribeShortly(*check);
    }
  }
  for (const CheckPtr& check : each.checks) {
    const bool own = std::ranges::find(each.tables, check->table) != each.tables.end();
    if (!own) text += "added " + DescribeShortly(*check);
  }
  for (const std::string& id : each.disabled) text += "disabled " + id + "\n";
  return text;
}

std::string Asked(const NamePattern& asked) {
  return asked.schema + "." + asked.table + (asked.include_views ? " views" : "") +
         (asked.include_foreign ? " foreign" : "") + (asked.include_partitions ? " leaves" : "");
}

std::string Answer(const std::string& input) {
  Surroundings surroundings = MakeSurroundings();
  Diagnostics diagnostics;
  std::vector<std::shared_ptr<const SourceText>> files;
  std::optional<Catalog> catalog;
  std::vector<TableName> known;
  for (auto& [name, text] : Parts(input)) {
    const auto file = std::make_shared<const SourceText>(SourceText{name, text});
    if (name == "amont.toml") {
      const std::optional<TomlNode> root = ParseToml(file, diagnostics);
      if (root) surroundings.defaults = root->AsTable()->front().node;
    } else if (name == "catalog") {
      catalog.emplace();
      for (CatalogTable& table : TablesOf(text)) catalog->tables[table.name] = table;
    } else if (name == "known") {
      for (CatalogTable& table : TablesOf(text)) known.push_back(table.name);
    } else {
      files.push_back(file);
    }
  }

  const Declarations declarations = Declare(files, surroundings, diagnostics);
  std::string text = DescribeAll(declarations);
  for (const TableName& name : declarations.tables_off) text += "off " + name.Full() + "\n";
  for (const auto& pattern : declarations.patterns) {
    text += "pattern " + SourceOf(*pattern) + " " + Asked(PatternOf(*pattern)) + "\n";
    for (const NamePattern& other : ReferencesOf(*pattern)) text += "  and " + Asked(other) + "\n";
  }
  if (catalog) {
    const Expansion expansion = Expand(declarations, surroundings, "warehouse", *catalog, known, diagnostics);
    text += "expanded\n" + DescribeAll(expansion);
    for (const auto& table : expansion.unmatched) text += "unmatched " + table->name.Full() + "\n";
    for (const CheckPtr& check : expansion.replacing) text += "replacing " + DescribeShortly(*check);
    for (const std::string& id : expansion.overridden) text += "overridden " + id + "\n";
  }
  diagnostics.Sort();
  return text + RenderText(diagnostics, false);
}

TEST(Declare, ReadsDeclarationFiles) {
  testing::CheckCorpus("declare", [](const testing::CorpusCase& one) { return Answer(one.input); });
}

}  // namespace
}  // namespace amont
