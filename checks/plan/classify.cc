// How each thing wanted is asked. On a row store an ordered index gives the newest time in a millisecond,
// alone; as an aggregate of a scan it would slow that down. So it is a sub-select: a statement of its own,
// which answers whatever becomes of a long scan, or one more slot of a short one. A reference is a join; a
// user's own SQL stays by itself.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "checks/plan/passes.h"
#include "checks/plan/scan_limit.h"
#include "checks/plan/sql_text.h"
#include "core/limits.h"

namespace amont {
namespace {

// The newest time until now + limits::kFuture, or the newest beyond.
std::string NewestExpression(const Wanted& wanted, const Planning& planning, bool probe) {
  const Dialect& dialect = planning.dialect;
  const Timestamp limit = planning.options.now + limits::kFuture;
  const std::string test = dialect.TimeTest(*wanted.time, wanted.future ? ">" : "<=", limit);
  const std::string max = "max(" + dialect.TimeValue(*wanted.time) + ")";
  if (!probe) return max + Filter(AllOf({test, wanted.filter}));
  return fmt::format("(SELECT {} FROM {} WHERE {})", max, wanted.rows.from,
                     AllOf({wanted.rows.where, wanted.filter, test}));
}

bool IsProbe(const Wanted& wanted, const Planning& planning) {
  const CatalogTable* facts = planning.Facts(wanted.rows.table);
  return facts != nullptr && planning.Enabled("classify") && wanted.rows.group_by.empty() &&
         wanted.rows.params.empty() && planning.dialect.CanProbe(*wanted.time) &&
         std::ranges::find(facts->indexed_first, wanted.time->name) != facts->indexed_first.end();
}

void ClassifyOne(Wanted& wanted, const Planning& planning) {
  const CatalogTable* facts = planning.Facts(wanted.rows.table);
  const Dialect& dialect = planning.dialect;
  if (wanted.time) {
    const bool probe = IsProbe(wanted, planning);
    wanted.cls = probe ? StatementClass::kProbe : StatementClass::kScan;
    wanted.expression = NewestExpression(wanted, planning, probe);
  } else if (const auto* orphans = std::get_if<Orphans>(&wanted.metric)) {
    wanted.cls = StatementClass::kJoin;
    wanted.rows.where =
        AllOf({wanted.rows.where, wanted.filter, OrphanTest(*orphans, wanted.rows.from, dialect)});
    wanted.expression = "count(*)";
  } else if (std::holds_alternative<CustomValue>(wanted.metric)) {
    wanted.cls = StatementClass::kCustom;
    wanted.rows.where = wanted.filter;
    wanted.expression = "q.*";
  } else if (std::holds_alternative<FailRows>(wanted.metric)) {
    wanted.cls = StatementClass::kCustom;
    wanted.rows.where = wanted.filter;
    wanted.expression = "count(*)";
  } else {
    wanted.expression = dialect.Expression(wanted.metric, wanted.filter, facts);
  }
  if (wanted.per) {
    const std::string per = dialect.Expression(*wanted.per, wanted.filter, facts);
    wanted.expression = fmt::format("(1.0 * ({})) / nullif({}, 0)", wanted.expression, per);
  }
  if (!wanted.rows.group_by.empty() && wanted.cls == StatementClass::kScan)
    wanted.cls = StatementClass::kGroup;
}

// Whether a table was emptied needs no count: one row tells. Where nothing else counts these rows, it is
// asked apart.
bool IsPresence(const Wanted& wanted, const Planning& planning) {
  return std::holds_alternative<RowCount>(wanted.metric) && wanted.filter.empty() &&
         wanted.rows.group_by.empty() && planning.Enabled("classify") &&
         std::ranges::all_of(wanted.uses, [&](const Use& use) {
           return std::holds_alternative<NotEmptied>(planning.checks[use.check]->expectation);
         });
}

void AskForPresence(Wanted& wanted) {
  const std::string where = wanted.rows.where.empty() ? "" : " WHERE " + wanted.rows.where;
  wanted.cls = StatementClass::kProbe;
  wanted.expression = fmt::format("CASE WHEN EXISTS (SELECT 1 FROM {}{}) THEN 'some' ELSE 'none' END",
                                  wanted.rows.from, where);
}

// The rows a whole scan of the tables reads, as far as the catalog can tell.
std::optional<int64_t> WholeRows(const Wanted& wanted, const Planning& planning) {
  const CatalogTable* facts = planning.Facts(wanted.rows.table);
  if (facts == nullptr || !facts->row_estimate) return std::nullopt;
  int64_t rows = *facts->row_estimate;
  if (const auto* orphans = std::get_if<Orphans>(&wanted.metric)) {
    if (const CatalogTable* other = planning.Facts(orphans->other)) rows += other->row_estimate.value_or(0);
  }
  return rows;
}

bool Scans(StatementClass cls) {
  return cls == StatementClass::kScan || cls == StatementClass::kGroup || cls == StatementClass::kJoin;
}

}  // namespace

std::string OrphanTest(const Orphans& orphans, const std::string& from, const Dialect& dialect) {
  const std::string own = from + "." + dialect.Quote(orphans.column);
  return fmt::format("{0} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {1} AS r WHERE r.{2} = {0})", own,
                     dialect.From(orphans.other), dialect.Quote(orphans.other_column));
}

std::vector<Wanted> Classify(std::vector<Wanted> wanted, const Planning& planning,
                             std::vector<Refusal>& refusals) {
  std::set<size_t> refused;
  std::set<std::string>
      scanned;  // rows that something scans anyway: what else is asked of them costs nothing there
  for (Wanted& next : wanted) {
    ClassifyOne(next, planning);
    if (next.cls == StatementClass::kScan && !IsPresence(next, planning)) scanned.insert(next.rows.Key());
  }
  const int64_t max = planning.options.max_scan_rows;
  for (Wanted& next : wanted) {
    const auto rows = WholeRows(next, planning);
    const bool is_scanned = scanned.contains(next.rows.Key());
    if (next.cls == StatementClass::kProbe) {
      if (is_scanned && rows && *rows <= limits::kShortScanRows) next.cls = StatementClass::kScan;
      continue;
    }
    const bool too_many = Scans(next.cls) && rows && max != 0 && *rows > max;
    if (IsPresence(next, planning) && (too_many || !is_scanned)) {
      AskForPresence(next);
      continue;
    }
    // Where a scope or a window prunes, the engine is asked before it runs.
    if (!too_many || !next.rows.where.empty()) continue;
    for (const Use& use : next.uses) {
      if (refused.insert(use.check).second) refusals.push_back({use.check, TooManyRows(*rows, max), false});
    }
  }
  for (Wanted& next : wanted) {
    std::erase_if(next.uses, [&](const Use& use) { return refused.contains(use.check); });
  }
  std::erase_if(wanted, [](const Wanted& next) { return next.uses.empty(); });
  return wanted;
}

}  // namespace amont
