// Lineage compared with what PostgreSQL itself says of 253 real views: the columns that come out, the exact
// origin of those that are plain, and every relation and column that the stored view depends on. Only the
// SQL and the DDL of the base tables are given to the analysis.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/json_document.h"
#include "core/table_name.h"
#include "lineage/sql/script.h"
#include "tests/testing/shared_data.h"

namespace amont {
namespace {

using Names = std::set<std::string>;

struct Model {
  std::string relation;
  std::string sql;
  std::vector<std::string> columns;
  std::map<std::string, std::string> origins;
  Names referenced;
  Names relations;
};

struct Package {
  std::string name;
  std::string ddl;
  std::vector<Model> models;
};

std::vector<Package> ReadOracle() {
  const std::string text = testing::ReadFile(testing::SharedData("lineage_oracle.json"));
  const auto document = ParseJson(text);
  EXPECT_TRUE(document.has_value());
  std::vector<Package> packages;
  if (!document) return packages;
  for (const JsonValue each : document->Root()) {
    Package& package = packages.emplace_back();
    package.name = each["repo"].String();
    for (const JsonValue base : each["base"]) package.ddl += std::string(base["ddl"].String()) + ";\n";
    for (const JsonValue item : each["models"]) {
      Model& model = package.models.emplace_back();
      model.relation = item["relation"].String();
      model.sql = item["sql"].String();
      for (const JsonValue column : item["output_columns"]) model.columns.emplace_back(column.String());
      for (const JsonValue origin : item["column_origin"])
        model.origins.emplace(origin.Key(), origin.String());
      for (const JsonValue pair : item["referenced_columns"]) {
        std::string joined;
        for (const JsonValue part : pair) joined += (joined.empty() ? "" : ".") + std::string(part.String());
        model.referenced.insert(joined);
      }
      for (const JsonValue name : item["referenced_relations"]) model.relations.emplace(name.String());
    }
  }
  return packages;
}

std::string Plain(const SqlStatement& statement, uint32_t id) {
  const SqlSource& source = statement.sources[id];
  const SqlName& relation = statement.reads[source.relation];
  return fmt::format("{}.{}.{}", relation.schema, relation.name, source.column);
}

std::string Difference(const Names& expected, const Names& actual) {
  std::string text;
  for (const std::string& name : expected) {
    if (!actual.contains(name)) text += fmt::format(" -{}", name);
  }
  for (const std::string& name : actual) {
    if (!expected.contains(name)) text += fmt::format(" +{}", name);
  }
  return text;
}

struct Score {
  size_t models = 0;
  size_t columns = 0;
  size_t right = 0;
  size_t missing = 0;
  size_t surplus = 0;
};

void Compare(const Model& model, const SqlStatement& statement, Score& score) {
  SCOPED_TRACE(model.relation);
  ++score.models;
  EXPECT_EQ(Word(statement.status), "resolved") << statement.reason;
  std::vector<std::string> columns;
  std::map<std::string, std::string> origins;
  Names read;
  Names relations;
  for (const SqlOutput& output : statement.columns) {
    columns.push_back(output.name);
    if (output.origin) origins.emplace(output.name, Plain(statement, *output.origin));
    for (const uint32_t id : output.direct) read.insert(Plain(statement, id));
    for (const uint32_t id : output.indirect) read.insert(Plain(statement, id));
  }
  for (const uint32_t id : statement.indirect) read.insert(Plain(statement, id));
  for (const uint32_t id : statement.unused) read.insert(Plain(statement, id));
  for (const SqlName& name : statement.reads) relations.insert(fmt::format("{}.{}", name.schema, name.name));
  EXPECT_EQ(columns, model.columns);
  score.columns += columns.size();
  for (const auto& [name, origin] : model.origins) {
    EXPECT_TRUE(origins.contains(name)) << name << " comes from " << origin;
    if (origins.contains(name)) {
      EXPECT_EQ(origins[name], origin) << name;
    }
  }
  for (const auto& [name, origin] : origins) {
    EXPECT_TRUE(model.origins.contains(name)) << name << " does not simply come from " << origin;
  }
  EXPECT_EQ(relations, model.relations);
  const std::string difference = Difference(model.referenced, read);
  EXPECT_EQ(difference, "");
  for (const std::string& name : model.referenced) ++(read.contains(name) ? score.right : score.missing);
  for (const std::string& name : read) score.surplus += model.referenced.contains(name) ? 0 : 1;
}

class LineageOracle : public ::testing::Test {
 protected:
  void SetUp() override { AMONT_NEEDS_SHARED_DATA("lineage_oracle.json"); }
};

TEST_F(LineageOracle, ViewsAreWhatPostgresSaysTheyAre) {
  Score score;
  for (const Package& package : ReadOracle()) {
    SqlCatalog catalog;
    EXPECT_TRUE(ReadSqlCatalog(package.ddl, catalog, {}).empty());
    for (const Model& model : package.models) {
      const std::string view = fmt::format("CREATE VIEW {} AS {}", model.relation, model.sql);
      const std::vector<SqlStatement> statements = AnalyseSql(view, catalog, {});
      ASSERT_EQ(statements.size(), 1u) << model.relation;
      Compare(model, statements.front(), score);
    }
  }
  EXPECT_EQ(score.models, 253u);
  const auto right = static_cast<double>(score.right);
  const double precision = right / (right + static_cast<double>(score.surplus));
  const double recall = right / (right + static_cast<double>(score.missing));
  fmt::print("{} views, {} columns; referenced columns: precision {:.4f}, recall {:.4f}\n", score.models,
             score.columns, precision, recall);
  EXPECT_GE(precision, 0.995);
  EXPECT_GE(recall, 0.995);
}

// A catalog file may have its views in any order.
TEST_F(LineageOracle, ACatalogMayStandInAnyOrder) {
  for (const Package& package : ReadOracle()) {
    SCOPED_TRACE(package.name);
    std::string ddl;
    for (auto model = package.models.rbegin(); model != package.models.rend(); ++model) {
      ddl += fmt::format("CREATE VIEW {} AS {};\n", model->relation, model->sql);
    }
    ddl += package.ddl;
    SqlCatalog catalog;
    for (const SqlStatement& statement : ReadSqlCatalog(ddl, catalog, {})) {
      ADD_FAILURE() << statement.reason << " at line " << statement.line;
    }
    for (const Model& model : package.models) {
      const size_t dot = model.relation.find('.');
      const SqlRelation* view = catalog.Find({model.relation.substr(0, dot), model.relation.substr(dot + 1)});
      ASSERT_NE(view, nullptr) << model.relation;
      std::vector<std::string> columns;
      for (const SqlColumn& column : view->columns) columns.push_back(column.name);
      EXPECT_EQ(columns, model.columns) << model.relation;
    }
  }
}

}  // namespace
}  // namespace amont
