#include "checks/plan/dialect_sqlite.h"

#include <fmt/format.h>

#include "checks/plan/catalog_sqlite.h"
#include "checks/plan/sql_text.h"

namespace amont {
namespace {

bool IsUnix(const TimeColumn& column) {
  return column.format == TimeFormat::kUnixSeconds || column.format == TimeFormat::kUnixMillis;
}

bool IsDay(const TimeColumn& column) { return column.type.family == TypeFamily::kDate; }

// Whether a text says what its offset is: SQLite knows Z and ±HH:MM.
std::string HasOffsetTest(const std::string& text) {
  return fmt::format("({0} GLOB '*[0-9]Z' OR {0} GLOB '*[0-9][+-][0-9][0-9]:[0-9][0-9]')", text);
}

// "2026-11-24T05:31:18.500", in UTC where the text had an offset; NULL where it is no time.
std::string Normalised(const std::string& text) { return "strftime('%Y-%m-%dT%H:%M:%f', " + text + ")"; }

// What strftime('%Y-%m-%dT%H:%M:%f') prints, so that texts compare.
std::string ComparableText(LocalTime local) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(local);
  std::string text = CivilText(seconds);
  text[text.find(' ')] = 'T';
  return text + fmt::format(".{:03}",
                            std::chrono::duration_cast<std::chrono::milliseconds>(local - seconds).count());
}

LocalTime Utc(Timestamp at) { return LocalTime(at.time_since_epoch()); }

}  // namespace

// The other engines let a CTE of one name read what it hides; SQLite wants the schema.
std::string SqliteDialect::FromBeneath(const TableName& table) const {
  return Quote(table.schema.empty() ? "main" : table.schema) + "." + Quote(table.table);
}

std::string SqliteDialect::Literal(const Value& value) const {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "1" : "0";
  // As CURRENT_TIMESTAMP and datetime() print it.
  if (const auto* at = std::get_if<Timestamp>(&value)) return QuoteText(CivilText(Utc(*at)));
  if (const auto* local = std::get_if<LocalTime>(&value)) return QuoteText(CivilText(*local));
  if (const auto* day = std::get_if<Date>(&value)) return QuoteText(FormatDate(*day));
  return StandardDialect::Literal(value);
}

std::string SqliteDialect::AsText(const std::string& expression) const {
  return "CAST(" + expression + " AS TEXT)";
}

std::string SqliteDialect::TimeValue(const TimeColumn& column) const {
  const std::string quoted = Quote(column.name);
  if (IsUnix(column))
    return column.type.family == TypeFamily::kText ? "CAST(" + quoted + " AS REAL)" : quoted;
  if (IsDay(column)) return "date(" + quoted + ")";
  return ParseIso(quoted, column.zone);
}

std::string SqliteDialect::TimeTest(const TimeColumn& column, std::string_view op, Timestamp limit) const {
  if (IsUnix(column)) return StandardDialect::TimeTest(column, op, limit);
  const std::string quoted = Quote(column.name);
  if (IsDay(column)) {
    Date day = column.zone.LocalDay(limit);
    if (op == "<" && column.zone.StartOf(day) < limit) day += std::chrono::days(1);
    return fmt::format("{} {} {}", TimeValue(column), op, QuoteText(FormatDate(day)));
  }
  return fmt::format("{} {} CASE WHEN {} THEN '{}' ELSE '{}' END", Normalised(quoted), op,
                     HasOffsetTest(quoted), ComparableText(Utc(limit)),
                     ComparableText(LocalLimit(column.zone, op, limit)));
}

std::string SqliteDialect::WindowTest(const TimeColumn& column, const WindowSpan& span,
                                      std::vector<Value>& params) const {
  const std::string quoted = Quote(column.name);
  const auto add = [&](std::string text) {
    params.emplace_back(std::move(text));
    return "$" + std::to_string(params.size());
  };
  const auto day = [](LocalTime local) {
    return FormatDate(Date(std::chrono::floor<std::chrono::days>(local).time_since_epoch()));
  };
  if (IsDay(column)) {
    const std::string from = add(day(span.local_from));
    return fmt::format("{0} >= {1} AND {0} < {2}", TimeValue(column), from, add(day(span.local_to)));
  }
  const auto bound = [&](Timestamp at, LocalTime local) {
    const std::string utc = add(ComparableText(Utc(at)));
    return fmt::format("CASE WHEN {} THEN {} ELSE {} END", HasOffsetTest(quoted), utc,
                       add(ComparableText(local)));
  };
  const std::string from = bound(span.from, span.local_from);
  return fmt::format("{0} >= {1} AND {0} < {2}", Normalised(quoted), from, bound(span.to, span.local_to));
}

bool SqliteDialect::CanProbe(const TimeColumn& column) const {
  return IsUnix(column) && column.type.family != TypeFamily::kText;
}

std::vector<Statement> SqliteDialect::CatalogStatements(const CatalogRequest& request) const {
  return SqliteCatalogStatements(request);
}

void SqliteDialect::ReadCatalog(const Statement& statement, const Result<Rows>& rows,
                                const std::string& source, Catalog& catalog) const {
  ReadSqliteCatalog(statement, rows, source, catalog);
}

std::string SqliteDialect::Tuple(const std::vector<std::string>& quoted) const {
  std::vector<std::string> parts;
  for (const std::string& column : quoted) parts.push_back("quote(" + column + ")");
  return Join(parts, " || ',' || ");
}

std::string SqliteDialect::Percentile(const std::string& quoted, double fraction,
                                      const std::string& filter) const {
  return fmt::format("amont_percentile({}, {}){}", quoted, fraction, filter);
}

std::string SqliteDialect::Mismatches(const std::string& text, const std::string& regex) const {
  return "NOT (" + text + " REGEXP " + regex + ")";
}

// Kept a text, with Z where the offset is known: only a zone's owner can read the others.
std::string SqliteDialect::ParseIso(const std::string& text, const Zone&) const {
  return fmt::format("{} || CASE WHEN {} THEN 'Z' ELSE '' END", Normalised(text), HasOffsetTest(text));
}

}  // namespace amont
