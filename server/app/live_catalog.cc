#include "server/app/live_catalog.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checks/judge/judge.h"
#include "checks/plan/planner.h"
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

// Rules the catalog alone answers: judged now, without history.
bool IsCatalogRule(const Check& check) {
  return std::holds_alternative<Exists>(check.expectation) ||
         std::holds_alternative<ColumnsMatch>(check.expectation);
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

void CompareWithCatalog(const Config& config, const std::string& source, const LiveSource& live,
                        Diagnostics& diagnostics) {
  if (!live.powers.empty()) {
    diagnostics.Error(config.sources.at(source).declared_at,
                      fmt::format("the role of source `{}` {}", source, fmt::join(live.powers, ", ")),
                      "use a role that may only read");
  }
  for (const CheckPtr& check : live.checks) {
    if (!IsCatalogRule(*check)) continue;
    Measurement measurement;
    measurement.facts = live.catalog.Find(check->table->name);
    measurement.source_now = live.catalog.now;
    const std::array<Measurement, 1> measurements = {measurement};
    const Verdict verdict = Judge(check, measurements, History{}, live.catalog.now);
    if (verdict.status != Status::kFail && verdict.status != Status::kError) continue;
    if (verdict.status == Status::kError && measurement.facts == nullptr) continue;  // its `exists` says so
    const bool names_table = std::holds_alternative<Exists>(check->expectation);
    diagnostics.Error(check->declared_at,
                      names_table ? verdict.sentence : check->table->name.Local() + ": " + verdict.sentence);
  }
  PlanOptions options;
  options.now = live.catalog.now;
  options.max_scan_rows = 0;
  const Plan plan = MakePlan(live.checks, &live.catalog, *live.dialect, options);
  for (const Refusal& refusal : plan.refusals) {
    const Check& check = *live.checks[refusal.check];
    // A missing table or column has been said by `exists`; say at each check where a column was meant
    // otherwise.
    if (live.catalog.Find(check.table->name) == nullptr) continue;
    if (IsCatalogRule(check)) continue;
    diagnostics.Error(check.declared_at, fmt::format("{}: {}", check.id, refusal.error.message));
  }
}

}  // namespace amont
