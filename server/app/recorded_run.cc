#include "server/app/recorded_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/log.h"
#include "server/app/pause.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

// Whether the store may take later what it refused now.
bool MayPass(const Error& error) {
  return error.code != ErrorCode::kFenced && error.code != ErrorCode::kCancelled;
}

// Does `work` until it is done, refused for good, or stopped; tries again after 0.1 s to 5 s.
Result<void> Insist(const std::string& what, const std::stop_token& stop,
                    const std::function<Result<void>()>& work) {
  for (Duration wait = 100ms;; wait = std::min<Duration>(wait * 2, 5s)) {
    const Result<void> done = work();
    if (done || !MayPass(done.error())) return done;
    Log(LogLevel::kWarn, "the store does not answer; what was measured is kept until it does",
        {{"doing", what}, {"error", done.error().message}});
    if (!Pause(wait, stop)) return MakeError(ErrorCode::kCancelled, "stopped while the store was away");
  }
}

bool HasError(const Conclusion& table, ErrorCode code) {
  return std::any_of(table.verdicts.begin(), table.verdicts.end(),
                     [&](const Verdict& verdict) { return verdict.error && verdict.error->code == code; });
}

class Recorder {
 public:
  Recorder(const Generation& generation, const RecordedOrder& order, const RunLedger& ledger,
           const RecordedHooks& hooks, const std::stop_token& stop)
      : generation_(generation), order_(order), ledger_(ledger), hooks_(hooks), stop_(stop) {}

  Result<RecordedRun> Run() {
    AMONT_TRY_VOID(Claim());
    if (hooks_.claimed) hooks_.claimed(result_.run);
    // Ended from outside, or by the store: then nothing more is asked of the sources.
    std::stop_source ended;
    const std::stop_callback follow(stop_, [&ended] { ended.request_stop(); });
    ended_ = &ended;
    result_.driven = Drive(MakeOrder(), MakeHooks(), ended.get_token());
    const Result<void> finished = Finish();
    if (finished) return std::move(result_);
    if (order_.claim.epoch == 0) Release();
    return finished.error();
  }

 private:
  Result<void> Claim() {
    const auto claim = [this]() -> Result<void> {
      AMONT_TRY(result_.run, ledger_.store.ClaimRun(order_.claim));
      return {};
    };
    if (!order_.waits_for_store) return claim();
    std::optional<Error> busy;  // also what a locked store says, but that is kUnreachable
    const Result<void> claimed = Insist("claiming a run", stop_, [&]() -> Result<void> {
      Result<void> once = claim();
      if (once || once.error().code != ErrorCode::kBusy) return once;
      busy = once.error();
      return {};
    });
    return busy ? Result<void>(*busy) : claimed;
  }

  DriveOrder MakeOrder() const {
    DriveOrder drive{generation_.config,
                     order_.wildcards ? generation_.config.declarations : generation_.named,
                     PatientMemory(),
                     generation_.Access(order_.sources),
                     {}};
    drive.options.started = order_.claim.started;
    if (order_.selects || !result_.run.judged.empty()) {
      drive.options.selects = [this](const Check& check) {
        return !result_.run.judged.contains(check.id) && (!order_.selects || order_.selects(check));
      };
    }
    return drive;
  }

  // What runs remember, from a store that may be away for a while.
  RunMemory PatientMemory() const {
    const auto patiently = [this](auto read) {
      return [this, read]<class... Args>(const Args&... args) {
        auto found = read(args...);
        const Result<void> done =
            Insist("reading histories", stop_, [&, first = true]() mutable -> Result<void> {
              if (!std::exchange(first, false)) found = read(args...);
              return found ? Result<void>() : Result<void>(found.error());
            });
        if (!done) found = done.error();
        return found;
      };
    };
    const RunMemory memory = MemoryOf(ledger_.store);
    return {patiently(memory.history), patiently(memory.known_tables), patiently(memory.apart)};
  }

  DriveHooks MakeHooks() {
    DriveHooks drive;
    drive.progress = hooks_.progress;
    drive.statement = [this](const std::string& source, const Statement& statement, Duration took,
                             const Result<void>&) {
      ledger_.instruments.StatementFinished(source, ToString(statement.cls), took);
    };
    drive.concluded = [this](std::vector<Conclusion> tables) { Record(std::move(tables)); };
    return drive;
  }

  void Record(std::vector<Conclusion> tables) {
    // What a stop left unmeasured is no verdict: the table is measured when the run is taken up again.
    if (stop_.stop_requested() || ended_->stop_requested()) {
      std::erase_if(tables, [](const Conclusion& table) { return HasError(table, ErrorCode::kCancelled); });
    }
    if (tables.empty() || error_) return;
    const Result<void> recorded =
        Insist("recording verdicts", stop_, [&] { return ledger_.store.RecordTables(result_.run, tables); });
    if (!recorded) {
      error_ = recorded.error();
      ended_->request_stop();
      return;
    }
    ledger_.states.Apply(tables, ledger_.is_current(generation_.number));
    for (const Conclusion& table : tables) {
      Count(table);
      if (hooks_.concluded) hooks_.concluded(table);
    }
  }

  void Count(const Conclusion& table) {
    ++result_.tables;
    for (const Verdict& verdict : table.verdicts) {
      ++result_.statuses[verdict.status];
      const std::string& id = verdict.check->id;
      result_.measured.push_back(id);
      if (verdict.status != Status::kError) continue;
      const bool timeout = verdict.error && verdict.error->code == ErrorCode::kTimeout;
      (timeout ? result_.timed_out : result_.failed).push_back(id);
    }
  }

  // Nobody takes up a run without a lease: its key must not stand for it for good. One try: a store that is
  // away has been waited for.
  void Release() {
    const Result<void> released = ledger_.store.ReleaseRun(result_.run, WallClock());
    if (!released) {
      Log(LogLevel::kWarn, "a stopped run could not be ended in the store",
          {{"run", std::to_string(result_.run.id)}, {"error", released.error().message}});
    }
  }

  Result<void> Finish() {
    result_.finished = WallClock();
    const Duration took = result_.finished - order_.claim.started;
    for (const std::string& source : order_.sources) {
      ledger_.instruments.RunFinished(source, took, result_.driven.cut.contains(source));
    }
    if (error_) return *error_;
    if (stop_.stop_requested()) return MakeError(ErrorCode::kCancelled, "stopped before it was measured");
    AMONT_TRY_VOID(Insist("finishing a run", stop_,
                          [&] { return ledger_.store.FinishRun(result_.run, result_.finished); }));
    const StoreConfig& keep = generation_.config.store;
    const Result<void> trimmed =
        ledger_.store.Trim(result_.run, {keep.keep_measurements, keep.keep_verdicts, keep.keep_events}, result_.finished);
    if (!trimmed && MayPass(trimmed.error())) {
      Log(LogLevel::kWarn, "the store could not forget what it need not keep",
          {{"error", trimmed.error().message}});
    }
    return {};
  }

  const Generation& generation_;
  const RecordedOrder& order_;
  const RunLedger& ledger_;
  const RecordedHooks& hooks_;
  const std::stop_token& stop_;
  std::stop_source* ended_ = nullptr;
  std::optional<Error> error_;  // of the store: nothing more is recorded
  RecordedRun result_;
};

}  // namespace

Result<RecordedRun> RunRecorded(const Generation& generation, const RecordedOrder& order,
                                const RunLedger& ledger, const RecordedHooks& hooks, std::stop_token stop) {
  return Recorder(generation, order, ledger, hooks, stop).Run();
}

}  // namespace amont
