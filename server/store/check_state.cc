#include "server/store/check_state.h"

namespace amont {

namespace {

bool IsFreshness(const Expectation& expectation) {
  return std::holds_alternative<MaxAge>(expectation) || std::holds_alternative<ArrivedBy>(expectation);
}

// When the table last got something: of a day, its end.
std::optional<Timestamp> NewestOf(const Verdict& verdict) {
  if (!IsFreshness(verdict.check->expectation)) return std::nullopt;
  if (const auto* at = std::get_if<Timestamp>(&verdict.observed)) return *at;
  const auto* day = std::get_if<Date>(&verdict.observed);
  if (day == nullptr) return std::nullopt;
  return verdict.check->ZoneOf().StartOf(*day + std::chrono::days(1));
}

std::optional<double> NumberOf(const Verdict& verdict, std::optional<Timestamp> newest) {
  if (!newest) return AsNumber(verdict.observed);
  return std::chrono::duration<double>(verdict.at - *newest).count();
}

bool CountsTheTable(const Measure& measure) {
  return std::holds_alternative<RowCount>(measure.metric) && !measure.per && measure.where.empty() &&
         !measure.window && measure.group_by.empty();
}

}  // namespace

void Advance(CheckState& state, const Verdict& verdict) {
  const Check& check = *verdict.check;
  state.check = check.id;
  state.table = check.table->name.Full();
  state.last_run = verdict.at;
  state.error.clear();
  if (verdict.status == Status::kError) {
    state.error = verdict.error ? verdict.error->message : verdict.sentence;
    return;
  }
  // The words of a drift stay the same as long as the changed schema does.
  const bool drifted = verdict.status == Status::kWarn || verdict.status == Status::kFail;
  if (std::holds_alternative<NoDrift>(check.expectation) && drifted && state.sentence != verdict.sentence) {
    ++state.schema_changes;
  }
  if (state.status != verdict.status) state.since = verdict.at;
  state.status = verdict.status;
  state.sentence = verdict.sentence;
  state.last_success = verdict.at;
  state.newest = NewestOf(verdict);
  state.value = NumberOf(verdict, state.newest);
  state.expected_min = verdict.expected_min;
  state.expected_max = verdict.expected_max;
  state.deadline = verdict.deadline;
  state.rows = CountsTheTable(check.measure) ? AsInteger(verdict.observed) : std::nullopt;
  state.groups.clear();
  for (const GroupVerdict& group : verdict.groups) ++state.groups[group.status];
}

}  // namespace amont
