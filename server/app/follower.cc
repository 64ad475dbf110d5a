#include "server/app/follower.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/log.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 1s;
constexpr Duration kStandBy = 5s;  // how often a replica that does not lead reads the states
// Runs get their numbers before they are there to be seen: one may appear below the newest.
constexpr RunId kLate = 100;

}  // namespace

Follower::Beating::Beating(Guarded<std::set<RunId>>& mine, RunId run) : mine_(mine), run_(run) {
  mine_.With([this](std::set<RunId>& runs) { runs.insert(run_); });
}

Follower::Beating::~Beating() {
  mine_.With([this](std::set<RunId>& runs) { runs.erase(run_); });
}

Follower::Follower(Store& store, const Leadership& leadership, const Configuration& configuration,
                   StateMap& states, Duration term, Now now)
    : store_(store),
      leadership_(leadership),
      configuration_(configuration),
      states_(states),
      term_(term),
      now_(std::move(now)) {}

Duration Follower::pause() const { return std::min<Duration>(kLook, term_ / 4); }

Result<void> Follower::Step() {
  AMONT_TRY_VOID(Beat());
  const std::optional<int64_t> epoch = leadership_.epoch();
  if (!epoch) {
    epoch_.reset();
    return StandBy();
  }
  stood_by_.reset();
  shown_ = nullptr;
  Result<void> led = Lead(*epoch);
  if (!led) looked_.reset();
  return led;
}

Result<void> Follower::Beat() {
  const std::set<RunId> mine = mine_.With([](const std::set<RunId>& runs) { return runs; });
  if (mine.empty()) return {};
  return store_.BeatRuns(std::vector<RunId>(mine.begin(), mine.end()));
}

Result<void> Follower::Lead(int64_t epoch) {
  if (epoch_ != epoch) {
    seen_.clear();
    AMONT_TRY(const AskedRuns asked, store_.ReadAskedRuns(after_));
    // What they recorded before this look, as a whole.
    AMONT_TRY(const std::vector<CheckState> recorded, store_.ReadStates());
    states_.Update(recorded);
    for (const AskedRun& run : asked.runs) seen_[run.id] = {run.beat, run.finished, now_()};
    after_ = std::max<RunId>(0, asked.newest - kLate);
    epoch_ = epoch;
    looked_ = now_();
    return {};
  }
  const Clock::time_point now = now_();
  // Whoever slept, or could not reach the store, has not seen whether the others were silent.
  const bool closely = looked_ && now - *looked_ <= term_ / 2;
  looked_ = now;
  AMONT_TRY(const AskedRuns asked, store_.ReadAskedRuns(after_));
  std::map<RunId, Seen> before = std::exchange(seen_, {});
  for (const AskedRun& run : asked.runs) {
    const auto known = before.find(run.id);
    const bool is_new =
        known == before.end() || known->second.beat != run.beat || known->second.finished != run.finished;
    seen_[run.id] = {run.beat, run.finished, is_new || !closely ? now : known->second.since};
    AMONT_TRY_VOID(Take(run, is_new));
    AMONT_TRY_VOID(EndIfSilent(run, epoch));
  }
  after_ = std::max<RunId>(0, asked.newest - kLate);
  return {};
}

// What the run recorded; a run of this process shows that itself.
Result<void> Follower::Take(const AskedRun& run, bool is_new) {
  const bool is_mine = mine_.With([&](const std::set<RunId>& mine) { return mine.contains(run.id); });
  if (!is_new || is_mine) return {};
  AMONT_TRY(const std::vector<CheckState> recorded, store_.ReadStatesOfRun(run.id));
  states_.Update(recorded);
  return {};
}

Result<void> Follower::EndIfSilent(const AskedRun& run, int64_t epoch) {
  const bool is_mine = mine_.With([&](const std::set<RunId>& mine) { return mine.contains(run.id); });
  if (is_mine || run.finished || run.holder.empty()) return {};
  if (now_() - seen_.at(run.id).since < term_) return {};
  AMONT_TRY(const bool ended, store_.EndSilentRun(run, epoch, WallClock()));
  if (ended) {
    Log(LogLevel::kWarn, "a requested run was ended: its replica was silent",
        {{"run", std::to_string(run.id)}, {"holder", run.holder}});
  }
  return {};
}

Result<void> Follower::StandBy() {
  const Clock::time_point now = now_();
  if (stood_by_ && now - *stood_by_ < kStandBy) return {};
  AMONT_TRY(const std::vector<CheckState> known, store_.ReadStates());
  const std::shared_ptr<const Generation> generation = configuration_.Get();
  AMONT_TRY(WildcardTables tables, ReadWildcardTables(generation->config, store_));
  if (generation != shown_ || tables != tables_) {
    std::set<std::string> judged;
    for (const CheckState& state : known) judged.insert(state.check);
    const WildcardChecks found = ChecksOfWildcards(generation->config, tables, judged);
    states_.Replace(WithWildcards(generation->config.declarations, found),
                    generation->config.surroundings.owners);
    shown_ = generation;
    tables_ = std::move(tables);
  }
  states_.Load(known);
  stood_by_ = now;
  return {};
}

}  // namespace amont
