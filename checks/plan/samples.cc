// Rows that show what is wrong, never with personal data.

#include <fmt/format.h>

#include <algorithm>

#include "checks/plan/as_of.h"
#include "checks/plan/passes.h"
#include "checks/plan/settle.h"
#include "checks/plan/sql_text.h"
#include "core/limits.h"

namespace amont {
namespace {

class Sampling {
 public:
  Sampling(const Check& check, const CatalogTable& facts, const Planning& planning)
      : check_(check), facts_(facts), dialect_(planning.dialect), planning_(planning), as_of_(planning) {}

  std::optional<Statement> Plan() {
    const Metric& metric = check_.measure.metric;
    for (const std::string& column : ColumnsOf(metric)) {
      if (check_.table->IsPii(column)) return std::nullopt;
    }
    if (const auto* rows = std::get_if<FailRows>(&metric)) return OfQuery(*rows);
    if (const auto* duplicates = std::get_if<DuplicateCount>(&metric)) return OfKeys(*duplicates);
    std::string bad = dialect_.BadRow(metric, &facts_);
    if (const auto* orphans = std::get_if<Orphans>(&metric)) {
      bad = OrphanTest(*orphans, dialect_.From(check_.table->name), dialect_);
    }
    if (bad.empty()) return std::nullopt;
    return OfRows(bad);
  }

 private:
  // The columns that may be shown, quoted behind `prefix`.
  std::vector<std::string> Shown(const std::string& prefix = {}) const {
    std::vector<std::string> shown;
    for (const CatalogColumn& column : facts_.columns) {
      if (column.readable && !check_.table->IsPii(column.name))
        shown.push_back(prefix + dialect_.Quote(column.name));
    }
    return shown;
  }

  std::string Filter(std::string& with) const {
    return Enclose(as_of_.FillIn(check_.measure.where, check_.table->name, check_.ZoneOf(), with));
  }

  Statement Start() const {
    RowSet rows = as_of_.RowsOf(*check_.table);
    if (check_.measure.window) {
      const TimeColumn column = TimeColumnOf(check_.measure.window->column, check_.ZoneOf(), &facts_);
      const WindowSpan span =
          ResolveWindow(*check_.measure.window, check_.ZoneOf(), check_.CalendarOf(), planning_.options.now);
      rows.where = AllOf({rows.where, dialect_.WindowTest(column, span, rows.params)});
    }
    Statement statement;
    statement.cls = StatementClass::kSample;
    statement.tables = {check_.table->name};
    statement.from = rows.from;
    statement.where = AllOf({rows.where, Filter(rows.with)});
    statement.with = rows.with;
    statement.params = rows.params;
    statement.foreign_sql = rows.foreign_sql || !check_.measure.where.empty();
    return statement;
  }

  std::string Limit() const {
    return fmt::format("\nLIMIT {}", std::min(check_.samples, limits::kSamplesMax));
  }

  std::optional<Statement> OfRows(const std::string& bad) const {
    const std::vector<std::string> shown = Shown();
    if (shown.empty()) return std::nullopt;
    Statement statement = Start();
    statement.where = AllOf({statement.where, bad});
    statement.sql = fmt::format("{}SELECT {}\nFROM {}\nWHERE {}{}", With({statement.with}), Join(shown, ", "),
                                statement.from, statement.where, Limit());
    return statement;
  }

  std::optional<Statement> OfKeys(const DuplicateCount& duplicates) const {
    Statement statement = Start();
    std::vector<std::string> columns;
    std::vector<std::string> conditions = {statement.where};
    for (const std::string& column : duplicates.columns) {
      columns.push_back(dialect_.Quote(column));
      conditions.push_back(columns.back() + " IS NOT NULL");
    }
    statement.where = AllOf(conditions);
    const std::string key = Join(columns, ", ");
    statement.sql = fmt::format(
        "{4}SELECT {0}, count(*) AS \"rows\"\nFROM {1}\nWHERE {2}\nGROUP BY {0}\nHAVING count(*) > 1\nORDER BY "
        "count(*) DESC, {0}{3}",
        key, statement.from, statement.where, Limit(), With({statement.with}));
    return statement;
  }

  // Where the table has personal data, only its other columns are named: what else a query shows is not
  // known.
  std::optional<Statement> OfQuery(const FailRows& rows) const {
    const std::vector<std::string> named = Shown("q.");
    if (named.empty()) return std::nullopt;
    Statement statement;
    statement.cls = StatementClass::kSample;
    statement.tables = {check_.table->name};
    statement.from =
        AsSubselect(as_of_.FillIn(rows.sql, check_.table->name, check_.ZoneOf(), statement.with));
    statement.where = Filter(statement.with);
    statement.foreign_sql = true;
    statement.sql = fmt::format("{}SELECT {}\nFROM {}{}{}", With({statement.with}),
                                check_.table->pii.empty() ? "*" : Join(named, ", "), statement.from,
                                statement.where.empty() ? "" : "\nWHERE " + statement.where, Limit());
    return statement;
  }

  const Check& check_;
  const CatalogTable& facts_;
  const Dialect& dialect_;
  const Planning& planning_;
  const AsOf as_of_;
};

}  // namespace

std::optional<Statement> PlanSamples(std::span<const CheckPtr> checks, size_t index, const Catalog& catalog,
                                     const Dialect& dialect, const PlanOptions& options) {
  const Planning planning{checks, &catalog, dialect, options};
  const Check& check = *checks[index];
  const CatalogTable* facts = catalog.Find(check.table->name);
  if (check.samples <= 0 || facts == nullptr) return std::nullopt;
  return Sampling(check, *facts, planning).Plan();
}

Samples ReadSamples(const Rows& rows) {
  Samples samples;
  samples.columns = rows.columns;
  for (const std::vector<Value>& row : rows.rows) {
    std::vector<std::string>& texts = samples.rows.emplace_back();
    for (const Value& cell : row) texts.push_back(IsNull(cell) ? "NULL" : StoredText(cell));
  }
  return samples;
}

}  // namespace amont
