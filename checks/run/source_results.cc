// What comes back to a SourceRun: answers and errors, each kept to the checks it belongs to, and tables
// judged once nothing of theirs is outstanding.

#include <utility>

#include "checks/judge/judge.h"
#include "checks/run/source_state.h"

namespace amont {

namespace {

// The error of slots that were not told apart: it may be another's.
Error OfSomeSlot(Error error) {
  error.message = "measured with others, one of which fails: " + error.message;
  return error;
}

}  // namespace

Measurement Failed(Role role, Timestamp at, Timestamp now, Error error) {
  Measurement measurement;
  measurement.role = role;
  measurement.at = at;
  measurement.source_now = now;
  measurement.error = std::move(error);
  return measurement;
}

void SourceRun::State::FailSlots(const Statement& statement, const Error& error) {
  for (const Slot& slot : statement.slots) {
    for (const Use& use : slot.uses) {
      check_states[use.check].measurements.push_back(Failed(use.role, options.started, Now(), error));
    }
  }
}

void SourceRun::State::Measured(Pending done, Result<Rows> rows) {
  bisection.End(done.root);
  if (rows) {
    for (Answer& answer : ReadAnswers(done.statement, *rows, checks, plan_options)) {
      answer.measurement.at = options.started;
      check_states[answer.use.check].measurements.push_back(std::move(answer.measurement));
    }
    Release(TablesOf(done.statement));
  } else if (IsBisectable(rows.error(), done.statement)) {
    bisection.Hold(done.root, std::move(done.statement), rows.error());  // its tables wait
  } else {
    FailSlots(done.statement, rows.error());
    Release(TablesOf(done.statement));
  }
  for (Bisection::Failure& failure : bisection.CloseRound(done.root, dialect))
    Narrow(done.root, std::move(failure));
}

// Goes on with the halves of a statement that failed; where there are none it is an error of its slots, and
// the slot that was alone in it is the guilty one.
void SourceRun::State::Narrow(size_t root, Bisection::Failure failure) {
  const Statement& failed = failure.statement;
  const bool guilty = failed.slots.size() == 1;
  if (failure.halves.empty()) FailSlots(failed, guilty ? failure.error : OfSomeSlot(failure.error));
  if (guilty) {
    for (const Use& use : failed.slots.front().uses) {
      tables[table_of[use.check]].apart.push_back(checks[use.check]->id);
    }
  }
  for (Statement& half : failure.halves) Enqueue(Pending{Purpose::kMeasure, std::move(half), root, 0});
  Release(TablesOf(failed));
}

// One statement less that these tables wait for.
void SourceRun::State::Release(const std::set<size_t>& served) {
  for (const size_t table : served) {
    --tables[table].outstanding;
    Settle(table);
  }
}

void SourceRun::State::Estimated(Pending done, const Result<Rows>& rows) {
  const std::optional<Error> too_large =
      rows ? dialect.TooLarge(done.statement, *rows, options.max_scan_rows) : std::optional<Error>();
  const std::set<size_t> served = TablesOf(done.statement);
  if (too_large) {
    FailSlots(done.statement, *too_large);
  } else {
    done.purpose =
        Purpose::kMeasure;  // an estimate that failed says nothing: the statement will say it itself
    Enqueue(std::move(done));
  }
  Release(served);
}

// --- judging
// --------------------------------------------------------------------------------------------------------

void SourceRun::State::Settle(size_t index) {
  TableState& table = tables[index];
  if (table.outstanding > 0 || table.concluded) return;
  if (!table.judged) JudgeTable(table);
  if (table.outstanding == 0) Conclude(table);  // JudgeTable may have asked for samples
}

void SourceRun::State::JudgeTable(TableState& table) {
  table.judged = true;
  bool exists_fails = false;
  for (const size_t i : table.checks) {
    CheckState& state = check_states[i];
    state.verdict = state.proof.empty() ? Judge(checks[i], state.measurements, histories[i], Now())
                                        : JudgeProven(checks[i], state.proof, Now());
    state.verdict.reused = state.reused;
    state.verdict.pilot = checks[i]->IsPilot(Now());
    const bool fails = state.verdict.status == Status::kFail;
    exists_fails |= fails && std::holds_alternative<Exists>(checks[i]->expectation);
    if (!fails || checks[i]->samples == 0) continue;
    if (auto samples = PlanSamples(checks, i, catalog, dialect, plan_options)) {
      Enqueue(Pending{Purpose::kSamples, std::move(*samples), 0, i});
    }
  }
  const bool table_missing = catalog.Find(table.table->name) == nullptr;
  for (const size_t i : table.checks) {
    CheckState& state = check_states[i];
    state.verdict.suppressed =
        exists_fails && state.verdict.status == Status::kError && (table_missing || state.missing_column);
  }
}

void SourceRun::State::Conclude(TableState& table) {
  table.concluded = true;
  ++tables_done;
  Conclusion conclusion;
  conclusion.table = table.table;
  conclusion.matched = table.matched;
  conclusion.apart = table.apart;
  for (const size_t i : table.checks) {
    conclusion.verdicts.push_back(std::move(check_states[i].verdict));
    check_states[i].measurements.clear();
  }
  concluded.push_back(std::move(conclusion));
}

}  // namespace amont
