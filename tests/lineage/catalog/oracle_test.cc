// 253 views of real dbt packages, made in a real PostgreSQL: what is read of its catalog is what PostgreSQL
// itself answered about each.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "lineage/graph_builder.h"
#include "tests/lineage/catalog/server_catalog.h"
#include "tests/testing/json_tree.h"
#include "tests/testing/postgres.h"
#include "tests/testing/shared_data.h"

namespace amont {
namespace {

using testing::JsonTree;

std::string Quoted(const std::string& relation) {
  const size_t dot = relation.find('.');
  return "\"" + relation.substr(0, dot) + "\".\"" + relation.substr(dot + 1) + "\"";
}

// The models name the database they were written for, and PostgreSQL takes no name of another.
std::string Without(std::string text, const std::string& part) {
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
    text.erase(at, part.size());
  return text;
}

// Tables and views, each after what it reads.
std::string Script(const JsonTree& package) {
  std::set<std::string> there, schemas, made;
  std::string script;
  for (const JsonTree& base : package["base"].items) {
    const std::string& name = base["relation"].text;
    if (schemas.insert(name.substr(0, name.find('.'))).second) {
      script += "CREATE SCHEMA IF NOT EXISTS \"" + name.substr(0, name.find('.')) + "\";\n";
    }
    script += base["ddl"].text + ";\n";
    there.insert(name);
  }
  for (bool more = true; more;) {
    more = false;
    for (const JsonTree& model : package["models"].items) {
      const std::string& name = model["created_as"].text;
      bool ready = !made.contains(name);
      for (const JsonTree& read : model["referenced_relations"].items)
        ready = ready && there.contains(read.text);
      if (!ready) continue;
      if (schemas.insert(name.substr(0, name.find('.'))).second) {
        script += "CREATE SCHEMA IF NOT EXISTS \"" + name.substr(0, name.find('.')) + "\";\n";
      }
      script += "CREATE VIEW " + Quoted(name) + " AS " + Without(model["sql"].text, "\"postgres\".") + ";\n";
      made.insert(name);
      there.insert(name);
      more = true;
    }
  }
  EXPECT_EQ(made.size(), package["models"].items.size());
  return script;
}

std::string Plain(const Port& port) {
  return port.node.schema + "." + port.node.name + (port.column.empty() ? "" : "." + port.column);
}

void CheckView(const CatalogView& view, const JsonTree& model) {
  SCOPED_TRACE(model["created_as"].text);
  std::vector<std::string> columns, expected_columns;
  std::map<std::string, std::string> origins, expected_origins;
  std::set<std::string> relations, expected_relations, referenced, expected_referenced, flowing;
  for (const auto& column : view.columns) {
    columns.push_back(column.name);
    if (!column.origin) continue;
    origins[column.name] = Plain(*column.origin);
    EXPECT_EQ(column.direct, std::vector<Port>{*column.origin}) << column.name;
  }
  for (const NodeName& name : view.relations) relations.insert(name.schema + "." + name.name);
  for (const Port& port : view.referenced) referenced.insert(Plain(port));
  for (const JsonTree& column : model["output_columns"].items) expected_columns.push_back(column.text);
  for (const auto& [column, origin] : model["column_origin"].members) expected_origins[column] = origin.text;
  for (const JsonTree& relation : model["referenced_relations"].items)
    expected_relations.insert(relation.text);
  for (const JsonTree& pair : model["referenced_columns"].items) {
    expected_referenced.insert(pair.items.at(0).text + "." + pair.items.at(1).text);
  }
  EXPECT_EQ(columns, expected_columns);
  EXPECT_EQ(origins, expected_origins);
  EXPECT_EQ(relations, expected_relations);
  EXPECT_EQ(referenced, expected_referenced);
  EXPECT_TRUE(view.understood);
  // The cross-check: nothing flows that the server did not record.
  for (const auto& column : view.columns) {
    for (const auto* list : {&column.direct, &column.indirect}) {
      for (const Port& port : *list) {
        EXPECT_TRUE(port.column.empty() || expected_referenced.contains(Plain(port))) << Plain(port);
      }
    }
  }
  for (const Port& port : view.rows) {
    EXPECT_TRUE(port.column.empty() || expected_referenced.contains(Plain(port))) << Plain(port);
  }
}

TEST(CatalogOracle, RealViewsComeBackExactly) {
  AMONT_NEEDS_POSTGRES();
  AMONT_NEEDS_SHARED_DATA("lineage_oracle.json");
  const auto packages = testing::ParseJson(testing::ReadFile(testing::SharedData("lineage_oracle.json")));
  ASSERT_TRUE(packages.has_value());
  size_t checked = 0;
  for (const JsonTree& package : packages->items) {
    SCOPED_TRACE(package["repo"].text);
    const std::string url = testing::PostgresServer::Get().CreateDatabase();
    testing::ExecuteSql(url, Script(package));
    const CatalogReading reading = testing::ReadServer(url);
    std::map<std::string, const CatalogView*> views;
    for (const CatalogView& view : reading.views()) views[view.name.schema + "." + view.name.name] = &view;
    EXPECT_EQ(views.size(), package["models"].items.size());
    GraphBuilder builder;
    builder.Add(reading.ToExtract(Timestamp(std::chrono::days(20'000))));
    const LineageGraph graph = builder.Build();
    for (const JsonTree& model : package["models"].items) {
      const auto view = views.find(model["created_as"].text);
      ASSERT_NE(view, views.end()) << model["created_as"].text;
      CheckView(*view->second, model);
      ++checked;
      // As edges: every column recorded leads to the view or a column of it.
      const auto node = graph.Find(view->second->name);
      ASSERT_TRUE(node.has_value());
      for (const Port& port : view->second->referenced) {
        const auto from = graph.Find(port);
        ASSERT_TRUE(from.has_value()) << port.Text();
        bool reaches = false;
        const auto leaving = graph.Leaving(*from);
        for (EdgeId edge = leaving.first; edge < leaving.second; ++edge) {
          reaches = reaches || graph.TableOf(graph.edge(edge).downstream) == *node;
        }
        EXPECT_TRUE(reaches) << port.Text() << " → " << view->second->name.Text();
      }
    }
  }
  EXPECT_GT(checked, 0u);
}

}  // namespace
}  // namespace amont
