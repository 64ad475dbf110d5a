#include "checks/run/source_run.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>

#include "checks/run/source_state.h"

namespace amont {

namespace {

// The source as a whole did not answer: what its catalog says of single tables is not known either.
bool IsSourceWide(const Error& error) {
  return error.code == ErrorCode::kUnreachable || error.code == ErrorCode::kTimeout ||
         error.code == ErrorCode::kCancelled || error.code == ErrorCode::kBusy;
}

}  // namespace

SourceRun::SourceRun(const std::string& source, const Declarations& declarations,
                     const Surroundings& surroundings, const Dialect& dialect, RunMemory memory,
                     RunOptions options)
    : state_(std::make_unique<State>(source, declarations, surroundings, dialect, std::move(memory),
                                     std::move(options))) {
  state_->Begin();
}

SourceRun::~SourceRun() = default;

// --- the catalog
// ----------------------------------------------------------------------------------------------------

void SourceRun::State::Begin() {
  std::set<TableName> asked;
  const auto ask = [&](const TableName& name) {
    if (name.source == source && asked.insert(name).second) request.tables.push_back(name);
  };
  for (const CheckPtr& check : declarations.checks) {
    if (check->table->name.source != source || (options.selects && !options.selects(*check))) continue;
    ask(check->table->name);
    if (const auto* orphans = std::get_if<Orphans>(&check->measure.metric)) ask(orphans->other);
    AddTable(check->table, false);
    AddCheck(check);
  }
  for (const auto& pattern : declarations.patterns) {
    if (SourceOf(*pattern) != source) continue;
    request.patterns.push_back(PatternOf(*pattern));
    const std::vector<NamePattern>& others = ReferencesOf(*pattern);
    request.patterns.insert(request.patterns.end(), others.begin(), others.end());
  }
  if (request.tables.empty() && request.patterns.empty()) {
    phase = Phase::kMeasuring;
  } else if (memory.known_tables && !request.patterns.empty()) {
    // Before the catalog: a source that cannot be reached is an error of these tables too.
    Enqueue(Pending{Purpose::kRecall, {}, 0, 0});
  } else {
    AskCatalog();
  }
}

void SourceRun::State::AskCatalog() {
  phase = Phase::kCatalog;
  for (Statement& statement : dialect.CatalogStatements(request)) {
    ++catalog_left;
    Enqueue(Pending{Purpose::kCatalog, std::move(statement), 0, 0});
  }
}

void SourceRun::State::AddTable(std::shared_ptr<const Table> table, bool matched) {
  if (!table_index.try_emplace(table->name, tables.size()).second) return;
  TableState state;
  state.table = std::move(table);
  state.matched = matched;
  tables.push_back(std::move(state));
}

void SourceRun::State::AddCheck(const CheckPtr& check) {
  const size_t table = table_index.at(check->table->name);
  tables[table].checks.push_back(checks.size());
  table_of.push_back(table);
  checks.push_back(check);
}

void SourceRun::State::Enqueue(Pending next) {
  if (next.purpose == Purpose::kSamples) {
    ++tables[table_of[next.check]].outstanding;
  } else if (next.purpose == Purpose::kMeasure || next.purpose == Purpose::kEstimate) {
    for (const size_t table : TablesOf(next.statement)) ++tables[table].outstanding;
    if (next.purpose == Purpose::kMeasure) bisection.Begin(next.root);
  }
  const uint64_t id = next_id++;
  pending.emplace(id, std::move(next));
  ready.push_back(id);
}

// --- the plan
// -------------------------------------------------------------------------------------------------------

// Adds what the wildcards match in the catalog, and what they matched in earlier runs. From here on all
// checks are known.
void SourceRun::State::ExpandPatterns() {
  Expansion expansion = Expand(declarations, surroundings, source, catalog, known_tables, diagnostics);
  std::map<std::string_view, const CheckPtr*> replacing;
  for (const CheckPtr& check : expansion.replacing) replacing.emplace(check->id, &check);
  for (CheckPtr& check : checks) {
    const auto instead = replacing.find(check->id);
    if (instead != replacing.end()) check = *instead->second;
  }
  const std::set<std::shared_ptr<const Table>> unmatched(expansion.unmatched.begin(),
                                                         expansion.unmatched.end());
  for (const CheckPtr& check : expansion.checks) {
    if (options.selects && !options.selects(*check)) continue;
    AddTable(check->table, !unmatched.contains(check->table));
    AddCheck(check);
  }
  by_wildcards = std::move(expansion.checks);
  check_states.resize(checks.size());
  histories.resize(checks.size());
}

void SourceRun::State::RecallChecks() {
  phase = Phase::kChecks;
  if (checks.empty() || (!memory.history && !memory.apart)) return Plan(Recollection());
  Enqueue(Pending{Purpose::kRecall, {}, 0, 0});
}

// It holds what it asks for: this state may go on meanwhile, or be gone.
std::function<Result<Recollection>(const std::stop_token&)> SourceRun::State::Question() const {
  if (phase == Phase::kTables) {
    return [known = memory.known_tables, of = source](const std::stop_token& stop) -> Result<Recollection> {
      Recollection found;
      AMONT_TRY(found.known_tables, known(of, stop));
      return found;
    };
  }
  return [asked = memory, of = checks, now = Now()](const std::stop_token& stop) -> Result<Recollection> {
    Recollection found;
    if (asked.history) {
      AMONT_TRY(found.histories, asked.history(of, now, stop));
    }
    if (asked.apart) {
      AMONT_TRY(found.apart, asked.apart(of, stop));
    }
    return found;
  };
}

void SourceRun::State::Plan(Result<Recollection> recalled) {
  phase = Phase::kMeasuring;
  plan_options.now = Now();
  plan_options.as_of = options.as_of.has_value();
  if (plan_options.as_of) {
    std::ranges::copy_if(declarations.checks, std::back_inserter(plan_options.declared),
                         [&](const CheckPtr& check) { return check->table->name.source == source; });
    plan_options.declared.insert(plan_options.declared.end(), by_wildcards.begin(), by_wildcards.end());
  }
  plan_options.disabled = options.disabled;
  plan_options.max_scan_rows = options.max_scan_rows;
  if (!recalled) {
    for (CheckState& state : check_states) {
      state.measurements.push_back(Failed(Role::kValue, options.started, Now(), recalled.error()));
    }
  } else {
    histories = std::move(recalled->histories);
    histories.resize(checks.size());
    for (const History& history : histories) plan_options.history.push_back(&history);
    plan_options.apart = std::move(recalled->apart);
    struct Plan plan = MakePlan(checks, &catalog, dialect, plan_options);
    read_whole = std::move(plan.whole);
    for (Proof& proof : plan.proofs) check_states[proof.check].proof = std::move(proof.text);
    for (Refusal& refusal : plan.refusals) {
      CheckState& state = check_states[refusal.check];
      state.missing_column = refusal.missing_column;
      state.measurements.push_back(Failed(Role::kValue, options.started, Now(), std::move(refusal.error)));
    }
    for (Reuse& reuse : plan.reuses) {
      check_states[reuse.use.check].reused |= reuse.use.role == Role::kValue;
      check_states[reuse.use.check].measurements.push_back(std::move(reuse.measurement));
    }
    for (const Use& use : plan.from_catalog) {
      Measurement measurement;
      measurement.role = use.role;
      measurement.at = options.started;
      measurement.source_now = Now();
      const TableName& name = checks[use.check]->table->name;
      measurement.facts = catalog.Find(name);
      const auto missing = catalog.missing.find(name);
      if (missing != catalog.missing.end()) measurement.value = missing->second;
      check_states[use.check].measurements.push_back(std::move(measurement));
    }
    for (size_t i = 0; i < plan.statements.size(); ++i) {
      Statement& statement = plan.statements[i];
      std::optional<Statement> estimate = dialect.EstimateStatement(statement, options.max_scan_rows);
      const Purpose purpose = estimate ? Purpose::kEstimate : Purpose::kMeasure;
      Enqueue(Pending{purpose, std::move(statement), i, 0});
    }
  }
  for (size_t table = 0; table < tables.size(); ++table) Settle(table);
}

std::set<size_t> SourceRun::State::TablesOf(const Statement& statement) const {
  std::set<size_t> of;
  for (const Slot& slot : statement.slots) {
    for (const Use& use : slot.uses) of.insert(table_of[use.check]);
  }
  return of;
}

// --- the outside
// ----------------------------------------------------------------------------------------------------

std::vector<Task> SourceRun::Next() {
  std::vector<Task> tasks;
  for (const uint64_t id : state_->ready) {
    const State::Pending& next = state_->pending.at(id);
    tasks.push_back({id, next.statement, {}});
    if (next.purpose == State::Purpose::kRecall) tasks.back().recall = state_->Question();
    if (next.purpose == State::Purpose::kEstimate) {
      if (auto estimate = state_->dialect.EstimateStatement(next.statement, state_->options.max_scan_rows)) {
        tasks.back().statement = std::move(*estimate);
      }
    }
  }
  state_->ready.clear();
  return tasks;
}

void SourceRun::Complete(uint64_t id, Result<Rows> rows) {
  State& state = *state_;
  const auto it = state.pending.find(id);
  if (it == state.pending.end()) return;  // it was aborted meanwhile
  State::Pending done = std::move(it->second);
  state.pending.erase(it);
  ++state.statements_done;
  switch (done.purpose) {
    case State::Purpose::kRecall:
      return;  // answered by Recalled
    case State::Purpose::kCatalog:
      if (!rows && IsSourceWide(rows.error())) return Abort(rows.error());
      state.dialect.ReadCatalog(done.statement, rows, state.source, state.catalog);
      if (--state.catalog_left > 0) return;
      state.ExpandPatterns();
      return state.RecallChecks();
    case State::Purpose::kEstimate:
      return state.Estimated(std::move(done), rows);
    case State::Purpose::kMeasure:
      return state.Measured(std::move(done), std::move(rows));
    case State::Purpose::kSamples: {
      const size_t table = state.table_of[done.check];
      if (rows) state.check_states[done.check].verdict.samples = ReadSamples(*rows);
      --state.tables[table].outstanding;
      return state.Settle(table);
    }
  }
}

void SourceRun::Recalled(uint64_t id, Result<Recollection> answer) {
  State& state = *state_;
  if (state.pending.erase(id) == 0) return;  // it was aborted meanwhile
  if (state.phase != State::Phase::kTables) return state.Plan(std::move(answer));
  if (answer) state.known_tables = std::move(answer->known_tables);
  state.AskCatalog();
}

void SourceRun::Abort(const Error& error) {
  State& state = *state_;
  if (!state.aborted) state.aborted = error;
  if (state.phase == State::Phase::kTables || state.phase == State::Phase::kCatalog) state.ExpandPatterns();
  state.phase = State::Phase::kMeasuring;
  for (auto& [id, pending] : state.pending) {
    if (pending.purpose == State::Purpose::kMeasure || pending.purpose == State::Purpose::kEstimate) {
      state.FailSlots(pending.statement, error);
    }
  }
  for (const Bisection::Failure& failure : state.bisection.TakeHeld()) {
    state.FailSlots(failure.statement, failure.error);
  }
  state.pending.clear();
  state.ready.clear();
  for (size_t i = 0; i < state.tables.size(); ++i) {
    State::TableState& table = state.tables[i];
    for (const size_t check : table.checks) {
      State::CheckState& check_state = state.check_states[check];
      if (!table.judged && check_state.measurements.empty() && check_state.proof.empty()) {
        check_state.measurements.push_back(Failed(Role::kValue, state.options.started, state.Now(), error));
      }
    }
    table.outstanding = 0;
    if (!table.judged) state.JudgeTable(table);
    table.outstanding = 0;  // samples asked for by that will not come
    if (!table.concluded) state.Conclude(table);
  }
  state.pending.clear();
  state.ready.clear();
}

bool SourceRun::done() const {
  return state_->phase == State::Phase::kMeasuring && state_->tables_done == state_->tables.size();
}

std::vector<Conclusion> SourceRun::TakeConcluded() { return std::exchange(state_->concluded, {}); }

Diagnostics SourceRun::TakeDiagnostics() { return std::exchange(state_->diagnostics, {}); }

const std::vector<CheckPtr>& SourceRun::matched() const { return state_->by_wildcards; }

const std::vector<TableName>& SourceRun::read_whole() const { return state_->read_whole; }

const std::optional<Error>& SourceRun::aborted() const { return state_->aborted; }

SourceRun::Progress SourceRun::progress() const {
  return {state_->tables.size(), state_->tables_done, state_->statements_done, state_->checks.size()};
}

}  // namespace amont
