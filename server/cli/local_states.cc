// StateReader of a store that this process opens itself.

#include <map>
#include <set>

#include "server/cli/known_checks.h"
#include "server/cli/state_reader.h"

namespace amont {

namespace {

class LocalStates : public StateReader {
 public:
  LocalStates(const Config& config, std::unique_ptr<Store> store, std::string name)
      : config_(config), store_(std::move(store)), name_(std::move(name)) {}

  std::string Name() const override { return name_; }

  Result<std::vector<KnownCheck>> ReadChecks(const Selection& selection) override {
    AMONT_TRY(auto known, ReadAll());
    std::vector<KnownCheck> selected;
    for (auto& [id, check] : known) {
      if (selection.Selects(*check.check)) selected.push_back(std::move(check));
    }
    return selected;
  }

  const std::vector<InvalidFile>& invalid_files() const override { return none_; }

  Result<std::optional<KnownCheck>> ReadCheck(const std::string& id) override {
    AMONT_TRY(auto known, ReadAll());
    const auto found = known.find(id);
    if (found == known.end()) return std::optional<KnownCheck>();
    return std::optional<KnownCheck>(std::move(found->second));
  }

  Result<MeasurementPage> ReadMeasurements(const MeasurementQuery& query) override {
    return store_->ListMeasurements(query);
  }
  Result<VerdictPage> ReadVerdicts(const VerdictQuery& query) override { return store_->ListVerdicts(query); }

 private:
  // States of checks that are no longer declared are left out.
  Result<std::map<std::string, KnownCheck>> ReadAll() {
    AMONT_TRY(const std::vector<CheckState> states, store_->ReadStates());
    std::map<std::string, KnownCheck> known;
    const auto add = [&known](const CheckPtr& check) {
      if (KnownCheck& one = known[check->id]; !one.check) one.check = check;
    };
    for (const CheckPtr& check : config_.declarations.checks) add(check);
    std::set<std::string> stored;
    std::set<TableName> tables;  // that no file names
    for (const CheckState& state : states) {
      stored.insert(state.check);
      if (known.contains(state.check)) continue;
      if (auto table = TableOfId(state.check)) tables.insert(std::move(*table));
    }
    for (const CheckPtr& check : ChecksOfTables(config_, {tables.begin(), tables.end()})) {
      if (!check->table->is_pattern || stored.contains(check->id)) add(check);
    }
    for (const CheckState& state : states) {
      if (const auto found = known.find(state.check); found != known.end()) found->second.state = state;
    }
    return known;
  }

  const Config& config_;
  const std::unique_ptr<Store> store_;
  const std::string name_;
  const std::vector<InvalidFile> none_ = {};  // with a mistake there is no configuration
};

}  // namespace

std::unique_ptr<StateReader> ReadLocal(const Config& config, std::unique_ptr<Store> store, std::string name) {
  return std::make_unique<LocalStates>(config, std::move(store), std::move(name));
}

Result<std::optional<Error>> FindIdleWord(const Selection& selection, StateReader& reader,
                                          const std::vector<KnownCheck>& selected) {
  const auto look = [&selection](const std::vector<KnownCheck>& known) {
    std::vector<CheckPtr> checks;
    for (const KnownCheck& one : known) checks.push_back(one.check);
    return FindIdleWord(selection, checks);
  };
  if (!look(selected)) return std::optional<Error>();
  AMONT_TRY(const std::vector<KnownCheck> all, reader.ReadChecks({}));
  return look(all);
}

}  // namespace amont
