#include "tests/server/scheduler/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <random>

#include "server/scheduler/scheduler.h"
#include "tests/server/scheduler/life.h"

namespace amont::testing {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kSources = {"warehouse", "lake", "ledger"};
const std::vector<std::string> kSchedules = {"15m",
                                             "1h",
                                             "90m",
                                             "6h",
                                             "1d",
                                             "3d",
                                             "0 6 * * 1-5 Europe/Paris",
                                             "30 2 * * * Europe/Paris",
                                             "*/20 1-3 * * * America/New_York",
                                             "30 1 * * * America/New_York",
                                             "0 9-17 * * 1-5 Europe/Paris"};
constexpr int kTables = 30;
constexpr size_t kBrokenMax = 20;
constexpr Duration kQuickMax = 40s;
constexpr Duration kLagMax = 20min;  // where all sources are quick

Schedule Parsed(const std::string& text) { return Schedule::Parse(text, Zone()).value(); }

class World {
 public:
  explicit World(const SimulationPlan& plan) : plan_(plan), random_(plan.seed) {
    for (const std::string& text : kSchedules) schedules_.push_back(Parsed(text));
    for (int i = 0; i < kTables; ++i) {
      for (int check = 0; check < 2; ++check) Declare(i, check);
    }
    for (const std::string& source : kSources) caps_[source] = 2;
    const Member wildcard = WildcardMember("lake", schedules_[1]);
    declared_[wildcard.id] = wildcard;
    real_ = ParseTimestamp("2026-01-10T00:00:17Z").value();
    end_ = real_ + std::chrono::days(plan.days);
    next_trouble_ = real_ + 1h;
  }

  SimulationReport Run() {
    Boot();
    while (real_ < end_ && report_.broken.size() < kBrokenMax) {
      Advance();
      if (crash_ && !ends_.empty()) {
        Crash();
        continue;
      }
      const Timestamp wake = next_wake_ == Timestamp::max() ? end_ : next_wake_ - offset_;
      real_ = std::max(real_, std::min({wake, next_trouble_, ends_.empty() ? end_ : ends_.begin()->first}));
      while (!ends_.empty() && ends_.begin()->first <= real_) {
        const std::string group = ends_.begin()->second;
        ends_.erase(ends_.begin());
        Finish(group);
      }
      if (real_ >= next_trouble_) Trouble();
    }
    Advance();
    for (const auto& [id, life] : lives_) {
      if (life.alive) Expect(life.IsCovered(Now()), id, "slots were forgotten");
    }
    return std::move(report_);
  }

 private:
  Timestamp Now() const { return real_ + offset_; }
  uint64_t Random(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t percent) { return Random(100) < percent; }

  void Expect(bool holds, const std::string& where, std::string_view what) {
    if (holds || report_.broken.size() >= kBrokenMax) return;
    report_.broken.push_back(fmt::format("{} (clock off by {}): {}: {}", FormatTimestamp(Now()),
                                         FormatDuration(std::chrono::abs(offset_)), where, what));
  }

  // Half of the checks have the table's schedule, some their own; a reload may draw another.
  void Declare(int table, int check) {
    Member member;
    const std::string& source = kSources[static_cast<size_t>(table) % kSources.size()];
    member.table = {source, "mart", fmt::format("t{}", table)};
    member.id = fmt::format("{}/mart.t{}:c{}", source, table, check);
    const auto which = static_cast<size_t>(table) % schedules_.size();
    member.schedule = schedules_[which == 0 && table > 11 ? 1 : which];
    if (check == 1 && Chance(30)) member.schedule = schedules_[1 + Random(schedules_.size() - 1)];
    declared_[member.id] = member;
  }

  // ---- What happens

  void Boot() {
    scheduler_ = std::make_unique<Scheduler>();
    for (auto& [id, life] : lives_) {
      life.alive = false;
      life.running.reset();
      life.rests.clear();
      life.turn = 0;
      life.last.reset();
      life.expected.reset();
      const auto recorded = store_.find(id);
      if (recorded == store_.end()) continue;
      life.last = recorded->second.first.at;
      life.turn = recorded->second.first.turn;
      if (recorded->second.second) {
        scheduler_->Completed(recorded->second.first);
      } else {
        scheduler_->Interrupted(recorded->second.first);
        keys_.erase(recorded->second.first.Key());
      }
    }
    ends_.clear();
    in_flight_.clear();
    predicted_.clear();
    Reload(true);
  }

  void Reload(bool boot) {
    std::vector<Member> members;
    std::map<std::string, std::set<std::string>> by_group;
    for (const auto& [id, member] : declared_) {
      members.push_back(member);
      const GroupPlace place = PlaceOf(member);
      by_group[place.group].insert(id);
      Life& life = lives_[place.group];
      life.schedule = member.schedule;
      life.phase = place.phase;
      life.wildcard = member.wildcard;
    }
    for (auto& [id, life] : lives_) {
      const auto declared = by_group.find(id);
      const bool fresh = !life.alive;
      life.members = declared == by_group.end() ? std::set<std::string>{} : declared->second;
      if (!life.wildcard || life.members.empty()) {
        std::erase_if(life.rests,
                      [&life = life](const auto& rest) { return !life.members.contains(rest.first); });
      }
      if (life.members.empty() && life.alive) {
        Expect(life.IsCovered(Now()), id, "slots were forgotten before it was removed");
        life.alive = false;
      } else if (!life.members.empty() && !life.alive) {
        const auto recorded = store_.find(id);
        const bool known = boot && recorded != store_.end();
        life.Begin(Now(), known ? std::optional(recorded->second.second) : std::nullopt);
      }
      if (boot || fresh) life.stirred = real_;
    }
    scheduler_->Replace(members, caps_, Now());
    predicted_.clear();
  }

  void Trouble() {
    next_trouble_ = real_ + std::chrono::minutes(20 + Random(2 * 24 * 60));
    if (plan_.slow && Chance(40))
      slow_until_[kSources[Random(kSources.size())]] = real_ + 1h + 1min * Random(600);
    if (plan_.timeouts && Chance(60)) {
      auto check = std::next(declared_.begin(), static_cast<int64_t>(Random(declared_.size())));
      bad_until_[check->first] = real_ + 1h * Random(100);
      bad_until_[fmt::format("lake/raw.found{}:c", Random(5))] = real_ + 1h * Random(30);
    }
    if (plan_.reloads && Chance(50)) {
      ++report_.reloads;
      for (uint64_t i = Random(8); i > 0; --i) {
        const int table = static_cast<int>(Random(kTables));
        const int check = static_cast<int>(Random(2));
        const std::string id = fmt::format(
            "{}/mart.t{}:c{}", kSources[static_cast<size_t>(table) % kSources.size()], table, check);
        if (declared_.erase(id) == 0 || Chance(30)) Declare(table, check);
      }
      caps_[kSources[Random(kSources.size())]] = static_cast<int>(1 + Random(4));
      Reload(false);
    }
    if (plan_.clock_steps && Chance(15)) StepClock();
    crash_ = plan_.restarts && Chance(25);
  }

  // With runs in flight.
  void Crash() {
    crash_ = false;
    ++report_.restarts;
    const uint64_t which = Random(10);
    real_ += which == 0 ? Duration(1h * Random(60)) : which < 4 ? Duration(1s * Random(7200)) : Duration(1s);
    Boot();
  }

  void StepClock() {
    constexpr std::array<Duration, 6> kSteps = {1h, -1h, 5min, -5min, 26h, -26h};
    Duration step = kSteps[Random(kSteps.size())];
    if (std::chrono::abs(offset_ + step) > 30h) step = -step;
    const Timestamp before = Now();
    offset_ += step;
    predicted_.clear();
    for (auto& [id, life] : lives_) {
      if (life.alive && step < Duration(0) && life.SetBack(before, Now())) ++report_.turns;
    }
  }

  void Advance() {
    const Scheduler::Advanced advanced = scheduler_->Advance(Now());
    for (const Passed& passed : advanced.missed) {
      report_.missed += passed.count;
      Handle(passed.group, passed.first, passed.count);
    }
    for (const Passed& passed : advanced.rested) {
      report_.rested += passed.count;
      const Life& life = lives_[passed.group];
      for (const std::string& member : life.members) {
        Expect(!life.IsAwake(member, passed.first), passed.group, "slept though not all of it was resting");
      }
      Handle(passed.group, passed.first, passed.count);
    }
    for (const DueSlot& slot : advanced.start) Start(slot);
    next_wake_ = advanced.next_wake;
    Expect(next_wake_ > Now(), "scheduler", "asks to be woken in the past");
  }

  void Handle(const std::string& group, Timestamp first, int64_t count) {
    Life& life = lives_[group];
    Expect(life.alive, group, "is not declared");
    const std::string wrong = life.Handle(first, count);
    Expect(wrong.empty(), group, wrong);
    // Never silent for longer than twice the interval, whatever the clock did.
    const Duration longest = life.schedule.is_cron() ? Duration(72h) : life.After(first) - first;
    if (!plan_.slow) Expect(real_ - life.stirred <= 2 * longest + kLagMax, group, "was silent");
    life.stirred = real_;
    predicted_.erase(group);
  }

  void Start(const DueSlot& slot) {
    ++report_.started;
    const std::string& group = slot.id.group;
    Life& life = lives_[group];
    const auto predicted = predicted_.find(group);
    Expect(predicted == predicted_.end() || predicted->second == slot.id.at, group,
           "NextRun had said otherwise");
    Expect(keys_.insert(slot.id.Key()).second, group, "starts a slot twice");
    Handle(group, slot.id.at, 1);
    Expect(slot.id.turn == life.turn, group, fmt::format("turn {}, expected {}", slot.id.turn, life.turn));
    Expect(!life.running, group, "runs twice at once");
    const auto recorded = store_.find(group);
    const bool resumed = recorded != store_.end() && recorded->second.first == slot.id;
    Expect(slot.ready <= Now() && (slot.id.at <= Now() || resumed), group, "starts before its time");
    Expect(slot.schedule == life.schedule && slot.wildcard == life.wildcard, group, "is another group's");
    Expect(++in_flight_[slot.source] <= caps_[slot.source], group, "its source runs more than it may");
    if (std::ranges::none_of(life.rests, [](const auto&) { return true; })) {
      Expect(slot.resting.empty(), group, "rests without a timeout");
    }
    ExpectMembers(slot, life);
    if (resumed) ++report_.resumed;
    store_[group] = {slot.id, false};
    life.running = slot;
    report_.lag_max = std::max(report_.lag_max, Now() - slot.ready);
    if (plan_.days < 100 || group.find("30 2") != std::string::npos ||
        group.find("30 1") != std::string::npos) {
      report_.slots[group].push_back(slot.id.at);
    }
    const bool slow = slow_until_[slot.source] > real_ && Chance(30);
    ends_.emplace(
        real_ + (slow ? Duration(1min * (1 + Random(50))) : Duration(1ms * Random(kQuickMax / 1ms))), group);
  }

  // Every member is in the slot or rests, and rests as long as it should.
  void ExpectMembers(const DueSlot& slot, const Life& life) {
    const auto rests = [&](const std::string& check) {
      return std::ranges::binary_search(slot.resting, check);
    };
    for (const auto& [check, rest] : life.rests) {
      Expect(rests(check) != life.IsAwake(check, slot.id.at), check, "rests too long or too short");
      if (rests(check)) ++report_.absences;
    }
    size_t present = 0;
    for (const std::string& check : slot.checks) {
      Expect(life.members.contains(check), check, "is started and not declared");
      Expect(!rests(check), check, "is started and rests");
      ++present;
    }
    if (life.wildcard) {
      Expect(slot.checks.empty(), slot.id.group, "has checks");
    } else {
      const auto absent = std::ranges::count_if(life.members, rests);
      Expect(present + static_cast<size_t>(absent) == life.members.size(), slot.id.group, "lacks members");
    }
  }

  void Finish(const std::string& group) {
    Life& life = lives_[group];
    if (!life.running) return;
    const DueSlot slot = *std::exchange(life.running, std::nullopt);
    --in_flight_[slot.source];
    std::vector<std::string> measured = slot.checks;
    for (int i = 0; slot.wildcard && i < 5; ++i) {
      const std::string found = fmt::format("lake/raw.found{}:c", i);
      if (!std::ranges::binary_search(slot.resting, found)) measured.push_back(found);
    }
    SlotOutcome outcome;
    for (const std::string& check : measured) {
      const bool ours =
          life.alive && slot.id.turn == life.turn && (life.wildcard || life.members.contains(check));
      if (bad_until_[check] > real_) {
        outcome.timed_out.push_back(check);
        ++report_.timeouts;
        if (ours) life.rests[check] = {life.rests[check].timeouts + 1, slot.id.at};
      } else if (Chance(3)) {
        outcome.failed.push_back(check);
      } else if (slot.id.turn == life.turn) {
        life.rests.erase(check);
      }
    }
    store_[group] = {slot.id, true};
    scheduler_->Finished(slot.id, outcome);
    Predict(group, life, slot);
  }

  // What NextRun says of a check that does not rest is what comes next, unless something intervenes.
  void Predict(const std::string& group, const Life& life, const DueSlot& slot) {
    if (!life.alive || slot.wildcard || slot.checks.empty()) return;
    const auto member = declared_.find(slot.checks.front());
    if (member == declared_.end() || life.rests.contains(member->first) ||
        !life.members.contains(member->first)) {
      return;
    }
    const std::optional<Timestamp> next = scheduler_->NextRun(member->second);
    Expect(next.has_value(), group, "has no next run");
    if (next && *next > Now()) predicted_[group] = *next;
  }

  const SimulationPlan plan_;
  std::mt19937_64 random_;
  std::vector<Schedule> schedules_;
  std::map<std::string, Member> declared_;
  RunCaps caps_;
  Timestamp real_;      // steady
  Duration offset_{0};  // of the clock on the wall
  Timestamp end_;
  Timestamp next_trouble_;
  bool crash_ = false;
  Timestamp next_wake_ = Timestamp::max();
  std::unique_ptr<Scheduler> scheduler_;
  std::map<std::string, Life> lives_;
  std::map<std::string, std::pair<SlotId, bool>> store_;  // the slot recorded last, and whether it finished
  std::multimap<Timestamp, std::string> ends_;            // of runs in flight
  std::map<std::string, int> in_flight_;
  std::map<std::string, Timestamp> slow_until_;
  std::map<std::string, Timestamp> bad_until_;
  std::map<std::string, Timestamp> predicted_;
  std::set<std::string> keys_;
  SimulationReport report_;
};

}  // namespace

SimulationReport Simulate(const SimulationPlan& plan) { return World(plan).Run(); }

}  // namespace amont::testing
