// What `validate --connect` says: each thing that is wrong once, however many checks it concerns.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "checks/judge/judge.h"
#include "checks/plan/planner.h"
#include "server/app/live_catalog.h"

namespace amont {

namespace {

constexpr size_t kChecksNamed = 8;

// Rules the catalog alone answers: judged now, without history.
bool IsCatalogRule(const Check& check) {
  return std::holds_alternative<Exists>(check.expectation) ||
         std::holds_alternative<ColumnsMatch>(check.expectation) ||
         std::holds_alternative<ChangeMark>(check.measure.metric);
}

std::string Concerned(size_t checks) {
  return checks == 1 ? "1 check needs it" : fmt::format("{} checks need it", checks);
}

class Comparison {
 public:
  Comparison(const LiveSource& live, Diagnostics& diagnostics) : live_(live), diagnostics_(diagnostics) {}

  void Run() {
    for (const CheckPtr& check : live_.checks) FindMissing(*check);
    for (const CheckPtr& check : live_.checks) CompareCheck(check);
    PlanAll();
    SayMissing();
    for (const auto& [sentence, checks] : shared_) SayShared(sentence, checks);
  }

 private:
  // A declared column that the table has not, and who needs it besides `exists`.
  struct Missing {
    const Check* exists = nullptr;
    std::set<std::string> columns;
    std::vector<const Check*> needed_by;
  };

  const CatalogTable* Facts(const Check& check) const { return live_.catalog.Find(check.table->name); }

  // Said once for the whole table.
  bool IsUnread(const Check& check) const {
    const CatalogTable* facts = Facts(check);
    return facts != nullptr && !facts->read_error.empty();
  }

  void FindMissing(const Check& check) {
    const auto* exists = std::get_if<Exists>(&check.expectation);
    const CatalogTable* facts = Facts(check);
    if (exists == nullptr || facts == nullptr || !facts->read_error.empty()) return;
    Missing missing;
    missing.exists = &check;
    for (const std::string& column : exists->columns) {
      if (facts->Find(column) == nullptr) missing.columns.insert(column);
    }
    if (!missing.columns.empty()) missing_.emplace(check.table->name, std::move(missing));
  }

  Verdict JudgeNow(const CheckPtr& check) const {
    Measurement measurement;
    measurement.facts = Facts(*check);
    measurement.source_now = live_.catalog.now;
    const auto why = live_.catalog.missing.find(check->table->name);
    if (why != live_.catalog.missing.end()) measurement.value = why->second;
    const std::array<Measurement, 1> measurements = {measurement};
    return Judge(check, measurements, History{}, live_.catalog.now);
  }

  void CompareCheck(const CheckPtr& check) {
    const TableName& name = check->table->name;
    if (IsUnread(*check)) {
      shared_[fmt::format("{}: {}", name.Local(), Facts(*check)->read_error)].push_back(check.get());
      return;
    }
    if (!IsCatalogRule(*check)) return;
    const bool is_exists = std::holds_alternative<Exists>(check->expectation);
    if (!is_exists && Facts(*check) == nullptr) return;  // its `exists` says so
    const auto missing = missing_.find(name);
    if (is_exists && missing != missing_.end()) return;  // said with those that need the columns
    CheckPtr judged = check;
    if (missing != missing_.end()) judged = WithoutMissing(check, missing->second);
    const Verdict verdict = JudgeNow(judged);
    if (verdict.status != Status::kFail && verdict.status != Status::kError) return;
    diagnostics_.Error(check->declared_at,
                       is_exists ? verdict.sentence : name.Local() + ": " + verdict.sentence);
  }

  // A schema rule without the columns of which `exists` speaks.
  static CheckPtr WithoutMissing(const CheckPtr& check, Missing& missing) {
    if (!std::holds_alternative<ColumnsMatch>(check->expectation)) return check;
    Check rest = *check;
    auto& columns = std::get<ColumnsMatch>(rest.expectation).columns;
    const size_t gone = std::erase_if(
        columns, [&](const ExpectedColumn& column) { return missing.columns.contains(column.name); });
    if (gone > 0) missing.needed_by.push_back(check.get());
    return std::make_shared<const Check>(std::move(rest));
  }

  // What cannot be asked: by what is the matter, where many checks share it.
  void PlanAll() {
    PlanOptions options;
    options.now = live_.catalog.now;
    options.max_scan_rows = 0;
    const Plan plan = MakePlan(live_.checks, &live_.catalog, *live_.dialect, options);
    for (const Refusal& refusal : plan.refusals) {
      const Check& check = *live_.checks[refusal.check];
      if (Facts(check) == nullptr || IsUnread(check) || IsCatalogRule(check)) continue;
      const auto missing = missing_.find(check.table->name);
      if (refusal.missing_column && missing != missing_.end()) {
        missing->second.needed_by.push_back(&check);
      } else if (refusal.error.code == ErrorCode::kPermission) {
        shared_[refusal.error.message].push_back(&check);
      } else {
        diagnostics_.Error(check.declared_at, fmt::format("{}: {}", check.id, refusal.error.message));
      }
    }
  }

  void SayMissing() {
    for (const auto& [name, missing] : missing_) {
      std::vector<std::string> known;
      for (const CatalogColumn& column : live_.catalog.Find(name)->columns) known.push_back(column.name);
      const bool one = missing.columns.size() == 1;
      std::string hints;
      for (const std::string& column : missing.columns) {
        const std::string hint = DidYouMean(column, known);
        if (!hint.empty()) hints += (hints.empty() ? "" : "; ") + (one ? hint : column + ": " + hint);
      }
      Diagnostic& said =
          diagnostics_.Error(missing.exists->declared_at,
                             fmt::format("{} has no {} {}", name.Local(), one ? "column" : "columns",
                                         fmt::join(missing.columns, ", ")),
                             hints);
      const size_t shown = std::min(missing.needed_by.size(), kChecksNamed);
      for (size_t i = 0; i < shown; ++i) {
        const Check& check = *missing.needed_by[i];
        said.notes.push_back({check.declared_at, check.id + " needs it"});
      }
      if (shown < missing.needed_by.size()) {
        said.notes.back().message += fmt::format(", and {} more", missing.needed_by.size() - shown);
      }
    }
  }

  void SayShared(const std::string& sentence, const std::vector<const Check*>& checks) {
    const Check& first = *checks.front();
    diagnostics_.Error(checks.size() == 1 ? first.declared_at : first.table->declared_at,
                       fmt::format("{}; {}", sentence, Concerned(checks.size())));
  }

  const LiveSource& live_;
  Diagnostics& diagnostics_;
  std::map<TableName, Missing> missing_;
  std::map<std::string, std::vector<const Check*>> shared_;  // by what is said of all of them
};

}  // namespace

void CompareWithCatalog(const Config& config, const std::string& source, const LiveSource& live,
                        Diagnostics& diagnostics) {
  if (!live.powers.empty()) {
    diagnostics.Error(config.sources.at(source).declared_at,
                      fmt::format("the role of source `{}` {}", source, fmt::join(live.powers, ", ")),
                      "use a role that may only read");
  }
  Comparison(live, diagnostics).Run();
}

}  // namespace amont
