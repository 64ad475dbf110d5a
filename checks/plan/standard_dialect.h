// StandardDialect: what the three engines spell alike, close to standard SQL; each engine's own class says
// the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checks/plan/dialect.h"

namespace amont {

class StandardDialect : public Dialect {
 public:
  std::string Quote(std::string_view identifier) const override;
  std::string From(const TableName& table) const override;
  std::string FromBeneath(const TableName& table) const override { return From(table); }
  std::string Literal(const Value& value) const override;
  std::string Now() const override { return "now()"; }
  std::string TimeValue(const TimeColumn& column) const override;
  std::string TimeTest(const TimeColumn& column, std::string_view op, Timestamp limit) const override;
  std::string WindowTest(const TimeColumn& column, const WindowSpan& span,
                         std::vector<Value>& params) const override;
  bool CanProbe(const TimeColumn&) const override { return false; }
  std::optional<std::string> Unsupported(const Metric& metric, const CatalogTable* table) const override;
  std::string Expression(const Metric& metric, const std::string& filter,
                         const CatalogTable* table) const override;
  std::string BadRow(const Metric& metric, const CatalogTable* table) const override;
  std::optional<Statement> EstimateStatement(const Statement&, int64_t) const override {
    return std::nullopt;
  }
  std::optional<Error> TooLarge(const Statement&, const Rows&, int64_t) const override {
    return std::nullopt;
  }

 protected:
  // Several columns as one value that DISTINCT can count.
  virtual std::string Tuple(const std::vector<std::string>& quoted) const = 0;
  virtual std::string Percentile(const std::string& quoted, double fraction,
                                 const std::string& filter) const = 0;
  virtual std::string Stddev(const std::string& quoted) const { return "stddev_samp(" + quoted + ")"; }
  // Whether a text does not match the regex; NULL for NULL.
  virtual std::string Mismatches(const std::string& text, const std::string& regex) const = 0;
  // An ISO 8601 text as an instant, one without offset read in `zone`.
  virtual std::string ParseIso(const std::string& text, const Zone& zone) const = 0;

  const CatalogColumn* FindColumn(const CatalogTable* table, const std::string& column) const;
  // The column as a text: itself where its type says that it is one or nothing is known, else cast.
  std::string TextOf(const std::string& column, const CatalogTable* table) const;

 private:
  friend struct BadRowTest;
  friend struct MetricExpression;
};

// What naive times are compared with: in an hour that is being repeated, all of it may have been already.
LocalTime LocalLimit(const Zone& zone, std::string_view op, Timestamp limit);

// 2026-11-24 05:31:18.5: how the engines print a civil time.
std::string CivilText(LocalTime local);

}  // namespace amont
