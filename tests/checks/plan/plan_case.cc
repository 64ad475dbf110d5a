#include "tests/checks/plan/plan_case.h"

#include <gtest/gtest.h>

#include <sstream>

#include "checks/declare/declarations.h"

namespace amont::testing {
namespace {

constexpr const char* kNow = "2026-11-24T05:31:18Z";

Timestamp At(const std::string& text) {
  const auto at = ParseTimestamp(text);
  EXPECT_TRUE(at) << text;
  return at ? *at : Timestamp();
}

std::string Rest(std::istringstream& words) {
  std::string rest;
  std::getline(words, rest);
  const size_t first = rest.find_first_not_of(' ');
  return first == std::string::npos ? "" : rest.substr(first);
}

std::vector<std::string> ColumnList(std::string text) {
  std::vector<std::string> columns;
  text.erase(0, text.find('(') + 1);
  text.erase(text.find(')'));
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const size_t first = part.find_first_not_of(' ');
    columns.push_back(part.substr(first));
  }
  return columns;
}

bool TakeSuffix(std::string& text, const std::string& suffix) {
  if (!text.ends_with(suffix)) return false;
  text.erase(text.size() - suffix.size());
  return true;
}

void AddFact(CatalogTable& table, const std::string& line) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  if (word == "unique" || word == "foreign") {
    std::string name;
    words >> name;
    const std::string rest = Rest(words);
    const std::vector<std::string> columns = ColumnList(rest);
    if (word == "unique") {
      table.unique.push_back({name, columns});
    } else {
      const auto parts = SplitDotted(rest.substr(rest.find(") ") + 2));
      ASSERT_TRUE(parts) << line;
      ASSERT_EQ(parts->size(), 3u) << line;
      table.foreign_keys.push_back(
          {name, columns[0], {table.name.source, (*parts)[0], (*parts)[1]}, (*parts)[2]});
    }
  } else if (word == "index") {
    table.indexed_first.push_back(Rest(words));
  } else if (word == "rows") {
    table.row_estimate = static_cast<int64_t>(std::stod(Rest(words)));
    table.leaf_rows[table.name.Local()] = *table.row_estimate;
  } else if (word == "grant") {
    table.readable = false;
    table.missing_grant = Rest(words);
    for (CatalogColumn& column : table.columns) column.readable = false;
  } else if (word == "broken") {
    table.read_error = Rest(words);
  } else if (word == "view") {
    table.kind = RelationKind::kView;
    table.not_null_proves = false;
  } else {
    std::string type = Rest(words);
    CatalogColumn column{word, {}, true, true};
    column.readable = !TakeSuffix(type, " secret");
    column.nullable = !TakeSuffix(type, " not null");
    column.type = ParseColumnType(type);
    table.columns.push_back(column);
  }
}

}  // namespace

std::vector<CheckPtr> DeclareChecks(const std::string& toml, Engine engine, const Zone& zone,
                                    std::vector<std::string> pii) {
  Surroundings surroundings;
  Source source;
  source.name = "warehouse";
  source.engine = engine;
  source.zone = zone;
  source.pii = std::move(pii);
  surroundings.sources["warehouse"] = source;
  auto calendar = std::make_shared<Calendar>();
  calendar->name = "business";
  calendar->zone = zone;
  calendar->weekdays = std::bitset<7>(0b0111110);
  surroundings.calendars["business"] = calendar;
  Diagnostics diagnostics;
  const auto file = std::make_shared<const SourceText>(SourceText{"checks.toml", toml});
  const std::vector<std::shared_ptr<const SourceText>> files = {file};
  Declarations declarations = Declare(files, surroundings, diagnostics);
  diagnostics.Sort();
  EXPECT_FALSE(diagnostics.HasErrors()) << RenderText(diagnostics, false);
  return declarations.checks;
}

PlanCase ReadPlanCase(const std::string& text) {
  PlanCase one;
  one.options.now = At(kNow);
  Zone zone;
  std::vector<std::string> pii;
  std::string toml;
  CatalogTable* table = nullptr;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#:")) {
      toml += line + "\n";
      continue;
    }
    toml += "\n";  // so that places in messages stay right
    if (line.starts_with("#:   ") && table != nullptr) {
      AddFact(*table, line.substr(5));
      continue;
    }
    std::istringstream words(line.substr(2));
    std::string word;
    words >> word;
    const std::string rest = Rest(words);
    if (word == "engine") {
      one.engine = rest == "duckdb"   ? Engine::kDuckdb
                   : rest == "sqlite" ? Engine::kSqlite
                                      : Engine::kPostgres;
    } else if (word == "now") {
      one.options.now = At(rest);
    } else if (word == "as-of") {
      one.options.as_of = true;
    } else if (word == "disable") {
      one.options.disabled.insert(rest);
    } else if (word == "max_scan_rows") {
      one.options.max_scan_rows = std::stoll(rest);
    } else if (word == "apart") {
      one.options.apart.insert(rest);
    } else if (word == "zone") {
      const auto loaded = Zone::Load(rest);
      EXPECT_TRUE(loaded) << rest;
      if (loaded) zone = *loaded;
    } else if (word == "pii") {
      pii.push_back(rest);
    } else if (word == "catalog") {
      one.catalog.emplace();  // one without tables
    } else if (word == "table") {
      if (!one.catalog) one.catalog.emplace();
      const auto name = ParseTableName(rest, "warehouse");
      EXPECT_TRUE(name) << rest;
      if (!name) continue;
      table = &one.catalog->tables[*name];
      table->name = *name;
      table->not_null_proves = true;
    } else if (word == "past") {
      std::istringstream parts(rest);
      std::string id, at, value, status, measured;
      parts >> id >> at >> value >> status;
      PastPoint point;
      point.at = point.first_measured = At(at);
      point.value = std::stod(value);
      point.status = ParseStatus(status).value_or(Status::kPass);
      if (parts >> measured) {
        point.window_to = point.at;
        point.measured = std::stoi(measured);
      }
      one.history[id].points.push_back(point);
    } else {
      ADD_FAILURE() << "what is " << line;
    }
  }
  one.checks = DeclareChecks(toml, one.engine, zone, pii);
  one.dialect = MakeDialect(one.engine, "warehouse");
  return one;
}

Plan PlanCase::Make() {
  histories_.clear();
  histories_.reserve(checks.size());
  options.history.clear();
  for (const CheckPtr& check : checks) {
    histories_.push_back(history[check->id]);
    options.history.push_back(&histories_.back());
  }
  return MakePlan(checks, CatalogOrNull(), *dialect, options);
}

size_t PlanCase::IndexOf(const std::string& suffix) const {
  for (size_t i = 0; i < checks.size(); ++i) {
    if (checks[i]->id.ends_with(suffix)) return i;
  }
  ADD_FAILURE() << "no check ends in " << suffix;
  return 0;
}

}  // namespace amont::testing
