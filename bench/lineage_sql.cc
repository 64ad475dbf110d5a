// Lineage of real SQL, end to end: text and schema in, JSON out. Statements a second on one core.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/json_document.h"
#include "lineage/sql/edges.h"
#include "lineage/sql/parser.h"
#include "lineage/sql/script.h"
#include "lineage/sql/split_script.h"
#include "lineage/sql/statement_json.h"
#include "server/executor/big_stack.h"
#include "tests/testing/shared_data.h"

namespace amont::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kRounds = 5;

struct Schema {
  std::string ddl;
  std::vector<std::string> statements;
};

std::vector<Schema> ReadSchemas() {
  std::vector<Schema> schemas;
  const std::string text = ReadFile(SharedData("lineage_oracle.json"));
  const auto document = amont::ParseJson(text);
  if (!document) return schemas;
  for (const JsonValue package : document->Root()) {
    Schema& schema = schemas.emplace_back();
    for (const JsonValue base : package["base"]) schema.ddl += std::string(base["ddl"].String()) + ";\n";
    for (const JsonValue model : package["models"]) {
      schema.statements.push_back(
          fmt::format("CREATE VIEW {} AS {}", model["relation"].String(), model["sql"].String()));
    }
  }
  return schemas;
}

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

template <class Work>
void Measure(const char* what, size_t statements, const char* target, Work&& work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = SteadyClock::now();
    work();
    best = std::min(best, SecondsSince(start));
  }
  std::printf("  %-28s %7.0f a second    %s\n", what, static_cast<double>(statements) / best, target);
}

void Run() {
  const std::vector<Schema> schemas = ReadSchemas();
  size_t statements = 0;
  size_t bytes = 0;
  for (const Schema& schema : schemas) {
    statements += schema.statements.size();
    for (const std::string& sql : schema.statements) bytes += sql.size();
  }
  if (statements == 0) {
    std::printf("Lineage of SQL: the shared data is not here\n");
    return;
  }
  std::printf("Lineage of SQL: %zu real views, %zu bytes each\n", statements, bytes / statements);
  size_t sink = 0;
  SqlOrigin origin;
  origin.source = "w";
  Measure("parsed", statements, "", [&] {
    for (const Schema& schema : schemas) {
      for (const std::string& sql : schema.statements) {
        for (const ScriptPart& part : SplitScript(sql)) sink += ParseSql(part.text, part.links).tree ? 1 : 0;
      }
    }
  });
  using Take = std::function<void(const SqlStatement&)>;
  const auto analyse = [&](const Take& take) {
    for (const Schema& schema : schemas) {
      SqlCatalog catalog;
      ReadSqlCatalog(schema.ddl, catalog, SqlOptions{});
      for (const std::string& sql : schema.statements) {
        for (const SqlStatement& statement : AnalyseSql(sql, catalog, SqlOptions{})) take(statement);
      }
    }
  };
  Measure("with a schema, analysed", statements, "",
          [&] { analyse([&](const SqlStatement& statement) { sink += statement.columns.size(); }); });
  Measure("with a schema, to JSON", statements, "(at least 2,000)", [&] {
    analyse([&](const SqlStatement& statement) { sink += SqlStatementJson(statement).size(); });
  });
  Measure("with a schema, to edges", statements, "(at least 2,000)", [&] {
    analyse([&](const SqlStatement& statement) {
      sink += ExtractOfSql({statement}, {.source = "w", .origin = "f", .job = std::nullopt, .at = {}})
                  .edges.size();
    });
  });
  if (sink == 0) std::printf("nothing was done\n");
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::RunOnBigStack([] { amont::testing::Run(); });
  return 0;
}
