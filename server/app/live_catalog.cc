#include "server/app/live_catalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "checks/plan/role.h"

namespace amont {

namespace {

Result<Rows> Ask(const std::shared_ptr<Connection>& connection, const Statement& statement, Duration timeout,
                 Canceller& canceller, const std::stop_token& stop) {
  Rows rows;
  QueryLimits limits;
  limits.timeout = timeout;
  const auto watch = canceller.Begin(connection, timeout, stop);
  AMONT_TRY(std::vector<ResultColumn> columns,
            connection->Query(statement.sql, statement.params, limits, stop, [&](std::span<const Value> row) {
              rows.rows.emplace_back(row.begin(), row.end());
              return Result<void>();
            }));
  for (ResultColumn& column : columns) rows.columns.push_back(std::move(column.name));
  return rows;
}

}  // namespace

Result<LiveSource> ReadLiveSource(const Config& config, const std::string& source, Canceller& canceller,
                                  Diagnostics& diagnostics, std::stop_token stop) {
  const SourceConfig& declared = config.sources.at(source);
  AMONT_TRY(const Engine engine, EngineOf(declared.connect.url));
  LiveSource live;
  live.dialect = MakeDialect(engine, source, declared.connect.files);

  CatalogRequest request;
  std::set<TableName> asked;
  for (const CheckPtr& check : config.declarations.checks) {
    if (check->table->name.source != source) continue;
    live.checks.push_back(check);
    if (asked.insert(check->table->name).second) request.tables.push_back(check->table->name);
    const auto* orphans = std::get_if<Orphans>(&check->measure.metric);
    if (orphans != nullptr && asked.insert(orphans->other).second) request.tables.push_back(orphans->other);
  }
  for (const auto& pattern : config.declarations.patterns) {
    if (SourceOf(*pattern) != source) continue;
    request.patterns.push_back(PatternOf(*pattern));
    const std::vector<NamePattern>& others = ReferencesOf(*pattern);
    request.patterns.insert(request.patterns.end(), others.begin(), others.end());
  }

  AMONT_TRY(std::shared_ptr<Connection> connection, Connect(declared.connect, stop));
  const Duration timeout = declared.connect.statement_timeout;
  if (engine == Engine::kPostgres) {
    AMONT_TRY(const Rows role, Ask(connection, RoleStatement(), timeout, canceller, stop));
    live.powers = DangerousPowers(role);
  }
  for (const Statement& statement : live.dialect->CatalogStatements(request)) {
    const Result<Rows> rows = Ask(connection, statement, timeout, canceller, stop);
    if (!rows && engine != Engine::kDuckdb) return rows.error();
    live.dialect->ReadCatalog(statement, rows, source, live.catalog);
  }
  Expansion expansion =
      Expand(config.declarations, config.surroundings, source, live.catalog, {}, diagnostics);
  for (const CheckPtr& replacing : expansion.replacing) {
    std::replace_if(
        live.checks.begin(), live.checks.end(),
        [&](const CheckPtr& check) { return check->id == replacing->id; }, replacing);
  }
  live.checks.insert(live.checks.end(), expansion.checks.begin(), expansion.checks.end());
  live.overridden = std::move(expansion.overridden);
  return live;
}

}  // namespace amont
