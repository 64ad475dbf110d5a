// Dialect: how one engine spells what we ask. Stateless but for the names a source maps to files;
// thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checks/catalog.h"
#include "checks/metric.h"
#include "checks/plan/statement.h"
#include "checks/plan/window.h"
#include "core/sql/connection.h"

namespace amont {

// A column that holds times, and how it does.
struct TimeColumn {
  std::string name;
  ColumnType type;  // kOther: not known, taken as timestamp with time zone
  TimeFormat format = TimeFormat::kNative;
  Zone zone;  // of dates and naive times
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual Engine engine() const = 0;

  virtual std::string Quote(std::string_view identifier) const = 0;
  virtual std::string From(const TableName& table) const = 0;  // the FROM item: quoted name or file reader
  // The same where a CTE of the table's own bare name hides it.
  virtual std::string FromBeneath(const TableName& table) const = 0;
  virtual std::string Literal(const Value& value) const = 0;  // typed: TIMESTAMPTZ '…', DATE '…'
  virtual std::string Now() const = 0;                        // the engine's clock
  virtual std::string AsText(const std::string& expression) const = 0;

  // The time a row holds, as max() takes it. A plain column wherever its values order as times do, so that
  // indexes, statistics and partition pruning work.
  virtual std::string TimeValue(const TimeColumn& column) const = 0;
  // Whether that time is `op` (<=, >, <) than `limit`; the limit is written in the column's own type.
  virtual std::string TimeTest(const TimeColumn& column, std::string_view op, Timestamp limit) const = 0;
  // c >= $n AND c < $n+1: appends what the two stand for to `params`.
  virtual std::string WindowTest(const TimeColumn& column, const WindowSpan& span,
                                 std::vector<Value>& params) const = 0;
  // Whether an ordered index on the column answers its max() alone in no time: a row store, and no cast.
  virtual bool CanProbe(const TimeColumn& column) const = 0;

  // Why this engine cannot answer the metric (on a column of this type, where known), or nullopt.
  virtual std::optional<std::string> Unsupported(const Metric& metric, const CatalogTable* table) const = 0;
  // The aggregate expression of a scan slot; `filter` is the check's where, enclosed, or empty. Nothing for
  // metrics that are not an aggregate over the table itself (times, references, catalog, custom SQL).
  virtual std::string Expression(const Metric& metric, const std::string& filter,
                                 const CatalogTable* table) const = 0;
  // The condition of a bad row, for metrics that count rows bad by themselves; else nothing.
  virtual std::string BadRow(const Metric& metric, const CatalogTable* table) const = 0;

  // The statements that read the catalog: one on PostgreSQL and database files; one DESCRIBE a file table on
  // DuckDB.
  virtual std::vector<Statement> CatalogStatements(const CatalogRequest& request) const = 0;
  // Adds what `rows` of the i-th catalog statement say, or that it failed, to `catalog`.
  virtual void ReadCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                           Catalog& catalog) const = 0;

  // The statement that asks the engine how many rows `statement` would read, where the catalog could not tell
  // (a scope or a window prunes) and the engine can (EXPLAIN on PostgreSQL); nullopt: run it right away.
  // max_scan_rows 0: off.
  virtual std::optional<Statement> EstimateStatement(const Statement& statement,
                                                     int64_t max_scan_rows) const = 0;
  // Why `statement` is not run, from the rows of its estimate: "would read 5.0e9 rows; max_scan_rows
  // is 1.0e8".
  virtual std::optional<Error> TooLarge(const Statement& statement, const Rows& estimate,
                                        int64_t max_scan_rows) const = 0;
};

// The dialect of a source's engine. `files`: DuckDB's table → glob (as the engine shall read it).
std::unique_ptr<const Dialect> MakeDialect(Engine engine, const std::string& source,
                                           std::map<std::string, std::string> files = {});

}  // namespace amont
