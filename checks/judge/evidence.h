// Evidence and Grade: what one group of one check has to show, and what one rule says of it. Inner to the judge.
#pragma once

#include <optional>
#include <string>

#include "checks/check.h"
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
  Timestamp now;

  // The newest remembered point of this group, or null.
  const PastPoint* LastPoint() const;
  bool NoRows() const;  // rows were counted, and there are none
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
};

// One rule each.
Grade Apply(const Between& rule, const Evidence& evidence);
Grade Apply(const MaxAge& rule, const Evidence& evidence);
Grade Apply(const ArrivedBy& rule, const Evidence& evidence);
Grade Apply(const ChangeWithin& rule, const Evidence& evidence);
Grade Apply(const ColumnsMatch& rule, const Evidence& evidence);
Grade Apply(const NoDrift& rule, const Evidence& evidence);
Grade Apply(const Exists& rule, const Evidence& evidence);
Grade Apply(const NotEmptied& rule, const Evidence& evidence);

// Whether two change marks of a table say that it changed in between; a sum of counters that only fell was reset.
bool IsChange(const std::string& before, const std::string& now);

// The grade of nothing to judge: what `on_empty` says, in words.
Grade Empty(const Evidence& evidence);
Grade CannotJudge(std::string why);

}  // namespace amont
