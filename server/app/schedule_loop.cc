#include "server/app/schedule_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "core/guarded.h"
#include "core/log.h"
#include "server/app/wildcard_checks.h"
#include "server/clock/wall_clock.h"
#include "server/scheduler/scheduler.h"
#include "server/store/reading.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

constexpr Duration kLookAgain = 1s;  // clocks step, and leases end, while nothing is due
constexpr Duration kSlotsRemembered = std::chrono::days(40);  // a monthly cron's last slot is among them

// The run of a slot, and what it left behind.
struct Ended {
  SlotId slot;
  std::string source;
  bool wildcard = false;
  bool saw_catalog = false;  // and so what wildcards match; of this generation
  int64_t generation = 0;
  std::vector<std::string> checks;
  std::vector<CheckPtr> matched;
  SlotOutcome outcome;
};

struct Mail {
  std::vector<Ended> ended;
  bool woken = false;
};

struct RunThread {
  std::shared_ptr<std::atomic<bool>> over;
  std::jthread thread;
};

}  // namespace

struct ScheduleLoop::Parts {
  Parts(const Configuration& in_force, const Leadership& lease, RunLedger kept,
        std::function<void(bool)> tell)
      : configuration(in_force), leadership(lease), ledger(std::move(kept)), led(std::move(tell)) {}

  void Loop(const std::stop_token& stop);
  void FollowLease();
  Result<void> Lead(int64_t epoch);
  void Cease();
  void FollowConfiguration();
  void TakeEnded();
  void TakeKnown();
  void Retire(const std::vector<CheckPtr>& known);
  void ShowNextRuns(const std::vector<std::string>& ids);
  void Start(const DueSlot& slot);
  bool StartThread(const DueSlot& slot, RecordedOrder order);
  Ended RunSlot(const DueSlot& slot, const RecordedOrder& order, const Generation& in_force,
                const std::stop_token& stop) const;
  std::function<bool(const Check&)> Chooser(const DueSlot& slot) const;
  Duration UntilNext() const;

  const Configuration& configuration;
  const Leadership& leadership;
  const RunLedger ledger;
  const std::function<void(bool)> led;

  // Of the loop's thread alone.
  std::optional<int64_t> epoch;  // under which the scheduler works
  bool shown = false;            // told to `led`
  std::optional<Scheduler> scheduler;
  std::shared_ptr<const Generation> generation;           // what the scheduler has
  WildcardChecks matched;                                 // what wildcards found last
  std::shared_ptr<const std::set<std::string>> declared;  // ids of the checks of tables declared by name
  std::map<std::string, std::string> judged;  // ids that the store has a state of, and their sources
  std::set<std::string> looked;               // sources whose wildcards were matched since `generation` came
  std::optional<std::stop_source> runs;       // ends the runs of this epoch
  std::list<RunThread> threads;
  std::vector<DueSlot> postponed;  // the system gave no thread for their runs
  Timestamp next_wake = Timestamp::min();

  Guarded<Mail> mail;
  std::jthread thread;
};

void ScheduleLoop::Parts::Loop(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { mail.Wake(); });
  while (!stop.stop_requested()) {
    FollowLease();
    TakeEnded();
    if (shown) {
      FollowConfiguration();
      const Timestamp now = WallClock();
      for (const DueSlot& slot : std::exchange(postponed, {})) Start(slot);
      Scheduler::Advanced advanced = scheduler->Advance(now);
      for (const Passed& missed : advanced.missed) {
        ledger.instruments.SlotsMissed(missed.count);
        Log(LogLevel::kWarn, "slots were missed",
            {{"source", missed.source}, {"group", missed.group}, {"slots", std::to_string(missed.count)}});
      }
      for (const DueSlot& slot : advanced.start) {
        ledger.instruments.SlotStarted(now - slot.ready);
        Start(slot);
      }
      ledger.instruments.Ticked(now);
      next_wake = advanced.next_wake;
    } else {
      next_wake = Timestamp::max();
    }
    mail.WaitUntil(std::chrono::steady_clock::now() + UntilNext(),
                   [&](const Mail& now) { return now.woken || !now.ended.empty() || stop.stop_requested(); });
    mail.With([](Mail& now) { now.woken = false; });
  }
}

Duration ScheduleLoop::Parts::UntilNext() const {
  const Timestamp now = WallClock();
  if (next_wake <= now) return Duration(0);
  return std::min<Duration>(next_wake - now, kLookAgain);
}

void ScheduleLoop::Parts::FollowLease() {
  const std::optional<int64_t> current = leadership.epoch();
  if (epoch && leadership.Lost(*epoch)) {
    if (shown) led(shown = false);  // before its runs have ended
    Cease();
  }
  if (current && epoch != current) {
    Cease();
    const Result<void> begun = Lead(*current);
    if (!begun) {
      Log(LogLevel::kWarn, "leads, but cannot read the store yet", {{"error", begun.error().message}});
    }
  }
  // A store that is away may end a term that nobody else takes: then nothing is started or shown until it is
  // back, and what runs goes on.
  const bool leads = epoch && current == epoch;
  if (leads != shown) led(shown = leads);
}

Result<void> ScheduleLoop::Parts::Lead(int64_t next) {
  AMONT_TRY(const std::vector<RunRow> past, ledger.store.ReadRuns("slot", WallClock() - kSlotsRemembered));
  AMONT_TRY(const std::vector<CheckState> states, ledger.store.ReadStates());
  ledger.states.Load(states);
  judged.clear();
  for (const CheckState& state : states) {
    const auto table = ParseTableName(state.table, "");
    if (table) judged.emplace(state.check, table->source);
  }
  scheduler.emplace();
  for (const RunRow& row : past) {
    const std::optional<SlotId> slot = ParseSlotKey(row.key);
    if (!slot) continue;
    if (row.finished) {
      scheduler->Completed(*slot);
    } else {
      scheduler->Interrupted(*slot);
    }
  }
  epoch = next;
  runs.emplace();
  generation = nullptr;
  Log(LogLevel::kInfo, "leads: schedules and announces", {{"epoch", std::to_string(next)}});
  return {};
}

void ScheduleLoop::Parts::Cease() {
  if (!epoch) return;
  Log(LogLevel::kWarn, "leads no longer", {{"epoch", std::to_string(*epoch)}});
  runs->request_stop();
  threads.clear();  // joins
  mail.With([](Mail& now) { now.ended.clear(); });
  postponed.clear();
  scheduler.reset();
  epoch.reset();
}

void ScheduleLoop::Parts::FollowConfiguration() {
  const std::shared_ptr<const Generation> current = configuration.Get();
  if (current == generation) return;
  generation = current;
  auto ids = std::make_shared<std::set<std::string>>();
  for (const CheckPtr& check : generation->config.declarations.checks) ids->insert(check->id);
  declared = std::move(ids);
  looked.clear();
  const Result<WildcardTables> tables = ReadWildcardTables(generation->config, ledger.store);
  if (tables) {
    std::set<std::string> ids_judged;
    for (const auto& [id, source] : judged) ids_judged.insert(id);
    matched = ChecksOfWildcards(generation->config, *tables, ids_judged);
  } else {
    Log(LogLevel::kWarn, "which tables wildcards matched cannot be read; their next run finds them",
        {{"error", tables.error().message}});
    matched.clear();
  }
  TakeKnown();
}

// Puts every check that is known now into the state map and the schedule.
void ScheduleLoop::Parts::TakeKnown() {
  const Declarations& declarations = generation->config.declarations;
  const std::vector<CheckPtr> known = WithWildcards(declarations, matched);
  ledger.states.Replace(known, generation->config.surroundings.owners);

  std::vector<Member> members = MembersOf(declarations);
  std::set<std::string> wildcards;
  for (const Member& member : members) {
    if (member.wildcard) wildcards.insert(member.id);
  }
  for (size_t i = declarations.checks.size(); i < known.size(); ++i) {
    // One whose schedule came out of the name that matched: no wildcard's run measures it.
    const Check& check = *known[i];
    const bool apart = !wildcards.contains(WildcardMember(check.table->name.source, check.ScheduleOf()).id);
    if (apart) members.push_back(MemberOf(check));
  }
  for (Member& member : members) {
    const KnownCheckPtr check = ledger.states.Find(member.id);
    member.fresh = check != nullptr && !check->state;
  }
  RunCaps caps;
  for (const auto& [name, source] : generation->config.sources) caps[name] = source.connections;
  scheduler->Replace(members, caps, WallClock());

  std::vector<std::string> ids;
  ids.reserve(known.size());
  for (const CheckPtr& check : known) ids.push_back(check->id);
  ShowNextRuns(ids);
  Retire(known);
}

// The store forgets how checks stand that are gone: they are declared no more, or their table left a
// wildcard. Which tables a wildcard has is sure once it was matched under this configuration.
void ScheduleLoop::Parts::Retire(const std::vector<CheckPtr>& known) {
  const auto& patterns = generation->config.declarations.patterns;
  std::set<std::string> unsure;
  for (const auto& pattern : patterns) {
    if (!looked.contains(SourceOf(*pattern))) unsure.insert(SourceOf(*pattern));
  }
  std::set<std::string> stays;
  for (const CheckPtr& check : known) {
    // A renamed check's state moves with its next verdict.
    for (std::string& id : PastIds(*check)) stays.insert(std::move(id));
  }
  std::vector<std::string> gone;
  for (const auto& [id, source] : judged) {
    if (!stays.contains(id) && !unsure.contains(source)) gone.push_back(id);
  }
  if (gone.empty()) return;
  const Result<void> retired = ledger.store.RetireChecks(gone, *epoch);
  if (!retired) {
    Log(LogLevel::kWarn, "the states of checks that are gone could not be forgotten yet",
        {{"error", retired.error().message}});
    return;
  }
  for (const std::string& id : gone) judged.erase(id);
}

void ScheduleLoop::Parts::ShowNextRuns(const std::vector<std::string>& ids) {
  std::map<std::optional<Timestamp>, std::vector<std::string>> by_time;
  for (const std::string& id : ids) {
    const KnownCheckPtr known = ledger.states.Find(id);
    if (known != nullptr) by_time[scheduler->NextRun(MemberOf(*known->check))].push_back(id);
  }
  for (const auto& [at, checks] : by_time) ledger.states.SetNextRun(checks, at);
}

void ScheduleLoop::Parts::TakeEnded() {
  std::vector<Ended> ended = mail.With([](Mail& now) { return std::exchange(now.ended, {}); });
  threads.remove_if([](const RunThread& run) { return run.over->load(); });
  bool late = false;  // of what is declared no more, maybe
  for (const Ended& run : ended) {
    if (!scheduler) return;
    scheduler->Finished(run.slot, run.outcome);
    if (run.wildcard && run.saw_catalog && generation && run.generation == generation->number) {
      std::vector<CheckPtr>& found = matched[run.source];
      const bool same = std::equal(found.begin(), found.end(), run.matched.begin(), run.matched.end(),
                                   [](const CheckPtr& a, const CheckPtr& b) { return a->id == b->id; });
      found = run.matched;
      for (const std::string& id : run.checks) judged.emplace(id, run.source);
      const bool first = looked.insert(run.source).second;
      if (!same || first) TakeKnown();
    }
    late |= generation && run.generation != generation->number;
    for (const std::string& id : run.checks) judged.emplace(id, run.source);
    ShowNextRuns(run.checks);
  }
  if (late) TakeKnown();
}

// Which checks a slot measures: those it names; of wildcards what they found, of its schedule.
std::function<bool(const Check&)> ScheduleLoop::Parts::Chooser(const DueSlot& slot) const {
  const std::set<std::string> resting(slot.resting.begin(), slot.resting.end());
  if (slot.wildcard) {
    return [resting, schedule = slot.schedule, declared = declared](const Check& check) {
      return !declared->contains(check.id) && check.ScheduleOf() == schedule && !resting.contains(check.id);
    };
  }
  std::set<std::string> named(slot.checks.begin(), slot.checks.end());
  return [named = std::move(named)](const Check& check) { return named.contains(check.id); };
}

void ScheduleLoop::Parts::Start(const DueSlot& slot) {
  RecordedOrder order;
  order.claim = {"slot", slot.id.Key(), WallClock(), *epoch};
  order.wildcards = slot.wildcard || !std::all_of(slot.checks.begin(), slot.checks.end(),
                                                  [&](const auto& id) { return declared->contains(id); });
  order.sources = {slot.source};
  order.selects = Chooser(slot);
  if (StartThread(slot, std::move(order))) return;
  Log(LogLevel::kWarn, "the system gives no thread for a run; it is tried again", {{"slot", slot.id.Key()}});
  postponed.push_back(slot);
}

bool ScheduleLoop::Parts::StartThread(const DueSlot& slot, RecordedOrder order) {
  const auto over = std::make_shared<std::atomic<bool>>(false);
  const auto run = [this, over, slot, order = std::move(order), in_force = generation,
                    stop = runs->get_token()] {
    Ended ended = RunSlot(slot, order, *in_force, stop);
    mail.With([&](Mail& now) {
      now.ended.push_back(std::move(ended));
      *over = true;
    });
    mail.Notify();
  };
  try {
    threads.push_back({over, std::jthread(run)});
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

Ended ScheduleLoop::Parts::RunSlot(const DueSlot& slot, const RecordedOrder& order,
                                   const Generation& in_force, const std::stop_token& stop) const {
  Ended ended{slot.id, slot.source, slot.wildcard, false, in_force.number, slot.checks, {}, {}};
  Result<RecordedRun> run = RunRecorded(in_force, order, ledger, {}, stop);
  if (!run) {
    // Done before a restart, or not ours any more.
    if (run.error().code != ErrorCode::kBusy && run.error().code != ErrorCode::kCancelled) {
      Log(LogLevel::kWarn, "a run was not recorded",
          {{"slot", slot.id.Key()}, {"error", run.error().message}});
    }
    return ended;
  }
  ended.saw_catalog = !run->driven.cut.contains(slot.source);
  ended.checks = std::move(run->measured);
  ended.matched = std::move(run->driven.matched);
  ended.outcome = {std::move(run->timed_out), std::move(run->failed)};
  return ended;
}

ScheduleLoop::ScheduleLoop(const Configuration& configuration, const Leadership& leadership,
                           const RunLedger& ledger, std::function<void(bool)> led)
    : parts_(std::make_unique<Parts>(configuration, leadership, ledger, std::move(led))) {
  parts_->thread = std::jthread([parts = parts_.get()](std::stop_token stop) { parts->Loop(stop); });
}

ScheduleLoop::~ScheduleLoop() { Drain(Duration(0)); }

void ScheduleLoop::Wake() {
  parts_->mail.With([](Mail& now) { now.woken = true; });
  parts_->mail.Notify();
}

void ScheduleLoop::Drain(Duration patience) {
  if (!parts_->thread.joinable()) return;
  parts_->thread.request_stop();
  parts_->thread.join();
  if (!parts_->epoch) return;
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto is_over = [](const RunThread& run) { return run.over->load(); };
  parts_->mail.WaitUntil(until, [&](const Mail&) {
    return std::all_of(parts_->threads.begin(), parts_->threads.end(), is_over);
  });
  parts_->runs->request_stop();
  parts_->threads.clear();  // joins
}

}  // namespace amont
