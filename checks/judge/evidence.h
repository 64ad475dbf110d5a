// Evidence and Grade: what one group of one check has to show, and what one rule says of it. Inner to the
// judge.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/judge/phrase.h"
#include "checks/verdict.h"

namespace amont {

// The measurements of one group by role; null: not asked for.
struct Evidence {
  const Check& check;
  std::string group;
  const Measurement* value = nullptr;
  const Measurement* per = nullptr;
  const Measurement* rows = nullptr;
  const Measurement* future = nullptr;
  const Measurement* reference = nullptr;
  const History& history;
  Timestamp now;  // the engine's clock when the value was measured

  // The newest remembered point of this group, or null.
  const PastPoint* LastPoint() const;
  bool NoRows() const;  // rows were counted, and there are none
  // The end of the window that the value is of.
  std::optional<Timestamp> WindowEnd() const;
  // Which rows the value is of: "", " where status = 'paid' on 2026-11-23".
  std::string RowsMeant() const;
  // The value with its words and the rows it is of: "412 rows on 2026-11-23".
  std::string Say(const Value& observed, const Figures& figures, const Value& beside = {}) const;
};

struct Grade {
  Status status = Status::kPass;
  Value observed;
  std::string sentence;
  std::optional<double> expected_min;
  std::optional<double> expected_max;
  std::optional<Timestamp> deadline;
  std::string mark;
  bool accept_schema = false;
  double excess = 0;  // how far outside the bound it breaks, as a part of that bound; orders bad groups
};

// One rule each.
Grade Apply(const Between& rule, const Evidence& evidence);
Grade Apply(const MaxAge& rule, const Evidence& evidence);
Grade Apply(const ArrivedBy& rule, const Evidence& evidence);
Grade Apply(const ChangeWithin& rule, const Evidence& evidence);
Grade Apply(const NearBaseline& rule, const Evidence& evidence);
Grade Apply(const ColumnsMatch& rule, const Evidence& evidence);
Grade Apply(const NoDrift& rule, const Evidence& evidence);
Grade Apply(const Exists& rule, const Evidence& evidence);
Grade Apply(const NotEmptied& rule, const Evidence& evidence);

// The grade of one group, whatever the rule.
Grade GradeOf(const Evidence& evidence);
// Puts the measurements of one group under their roles.
Evidence Gather(const Check& check, std::string group, std::span<const Measurement* const> measurements,
                const History& history, Timestamp now);

// Grades every group, present or only expected, and fills in the verdict from the worst.
void JudgeGroups(Verdict& verdict, std::span<const Measurement> measurements, const History& history,
                 Timestamp now);
// The verdict takes a grade for its own.
void Take(Verdict& verdict, Grade grade, std::string group);

// Whether two change marks of a table say that it changed in between; a sum of counters that only fell was
// reset.
bool IsChange(const std::string& before, const std::string& now);

// The value judged: the metric, or the metric per the other one. NULL where the engine said so.
struct Observation {
  Value value;
  std::optional<Grade> instead;  // there is none: why
};
Observation Observe(const Evidence& evidence);
// Whether the value is a plain count of rows, which says itself that there are none.
bool CountsRows(const Measure& measure);

// The grade of nothing to judge: what `on_empty` says, and why.
Grade Empty(const Evidence& evidence, std::string why);
// … because no row was examined.
Grade NoRowsToJudge(const Evidence& evidence);
Grade CannotJudge(std::string why);

// How far a value stands from the bound it breaks, as a part of that bound; NaN is beyond any.
double Excess(double value, double bound);

// Instants are kept within the years 1 to 9999, so that no arithmetic of ours overflows.
Timestamp Sane(Timestamp at);

}  // namespace amont
