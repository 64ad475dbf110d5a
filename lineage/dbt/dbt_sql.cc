#include "lineage/dbt/dbt_sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <set>
#include <utility>

#include "lineage/sql/catalog.h"
#include "lineage/sql/edges.h"
#include "lineage/sql/script.h"

namespace amont {
namespace {

// Each behind those it depends on.
std::vector<const CompiledModel*> InOrder(const std::vector<CompiledModel>& models) {
  std::map<NodeName, size_t> makers;
  for (size_t i = 0; i < models.size(); ++i) makers.emplace(models[i].node, i);
  std::vector<std::vector<size_t>> users(models.size());
  std::vector<size_t> waits(models.size());
  for (size_t i = 0; i < models.size(); ++i) {
    const std::set<NodeName> declared(models[i].declared.begin(), models[i].declared.end());
    for (const NodeName& name : declared) {
      const auto maker = makers.find(name);
      if (maker == makers.end() || maker->second == i) continue;
      users[maker->second].push_back(i);
      ++waits[i];
    }
  }
  std::queue<size_t> ready;
  for (size_t i = 0; i < models.size(); ++i) {
    if (waits[i] == 0) ready.push(i);
  }
  std::vector<const CompiledModel*> ordered;
  std::vector<bool> taken(models.size());
  for (; !ready.empty(); ready.pop()) {
    ordered.push_back(&models[ready.front()]);
    taken[ready.front()] = true;
    for (const size_t user : users[ready.front()]) {
      if (--waits[user] == 0) ready.push(user);
    }
  }
  for (size_t i = 0; i < models.size(); ++i) {
    if (!taken[i]) ordered.push_back(&models[i]);
  }
  return ordered;
}

SqlRelation RelationOf(const NodeName& table, const std::vector<NodeColumn>& columns, bool complete) {
  SqlRelation relation;
  relation.name = {table.schema, table.name};
  for (const NodeColumn& column : columns) relation.columns.push_back({column.name, column.type});
  relation.complete = complete;
  return relation;
}

class DbtSqlReader {
 public:
  DbtSqlReader(const DbtProject& project, Timestamp at) : project_(project) {
    sql_.extract.provenance = Provenance::kSql;
    sql_.extract.origin = project.extract.origin;
    sql_.extract.at = at;
    sql_.extract.complete = project.extract.complete && project.all_compiled;
    for (const auto& [id, node] : project.relations) relations_.insert(node);
    for (const NodeFacts& facts : project.extract.nodes) {
      if (facts.name.IsTable()) catalog_.Put(RelationOf(facts.name, facts.columns, false));
    }
    for (const auto& [table, columns] : project.catalogued) {
      catalog_.Put(RelationOf(table, columns, !columns.empty()));
    }
  }

  DbtSql Read() {
    for (const CompiledModel* model : InOrder(project_.compiled)) ReadModel(*model);
    return std::move(sql_);
  }

 private:
  void ReadModel(const CompiledModel& model) {
    SqlCatalog within(&catalog_);  // what the model's text makes is nobody else's
    std::vector<SqlStatement> statements = AnalyseSql(model.sql, within, {});
    const bool shown = relations_.contains(model.node);
    std::vector<NodeName>& reads = sql_.reads[model.unique_id];
    for (SqlStatement& statement : statements) {
      sql_.statements.push_back({&model, statement.status, statement.reason, statement.unresolved});
      if (statement.status == SqlStatus::kFailed) {
        sql_.statements.back().reason =
            fmt::format("line {}, column {}: {}", statement.line, statement.column, statement.reason);
      }
      for (const SqlName& name : statement.reads) {
        reads.push_back({NodeKind::kTable, model.node.space, name.schema, name.name});
      }
      if (shown && statement.kind == "select" && !statement.target) {
        statement.target = SqlName{model.node.schema, model.node.name};
      }
    }
    if (!shown) return;
    Derive(model.node, statements);
    SqlOrigin origin;
    origin.source = model.node.space;
    origin.origin = project_.extract.origin;
    origin.at = sql_.extract.at;
    Extract extract = ExtractOfSql(statements, origin);
    std::ranges::move(extract.edges, std::back_inserter(sql_.extract.edges));
  }

  // The columns of a table that the warehouse was not asked about.
  void Derive(const NodeName& table, const std::vector<SqlStatement>& statements) {
    if (statements.size() != 1 || project_.catalogued.contains(table)) return;
    std::vector<NodeColumn> columns;
    for (const SqlOutput& output : statements.front().columns) {
      if (output.name == "*") return;
      columns.push_back({output.name, output.type});
    }
    if (!columns.empty()) catalog_.Put(RelationOf(table, columns, true));
  }

  const DbtProject& project_;
  SqlCatalog catalog_;
  std::set<NodeName> relations_;
  DbtSql sql_;
};

}  // namespace

bool IsSqlRead(const DbtProject& project) {
  return project.adapter == "postgres" || project.adapter == "redshift";
}

DbtSql ReadDbtSql(const DbtProject& project, Timestamp at) { return DbtSqlReader(project, at).Read(); }

}  // namespace amont
