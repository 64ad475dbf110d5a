#include "server/app/run_once.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "checks/plan/dialect.h"
#include "core/guarded.h"
#include "core/log.h"
#include "server/executor/executor.h"

namespace amont {

namespace {

Timestamp WallClock() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

// The store of one run, and whether it is written to.
struct Memory {
  std::unique_ptr<Store> store;
  bool records = false;
};

constexpr char kServicesOwn[] = "the store is that of services; --record=yes records all the same";

// With --record=auto a store that cannot be had is a note, not a failure: the checks matter more than their
// history.
Result<Memory> OpenMemory(const Config& config, const RunRequest& request, std::vector<std::string>& notes) {
  const std::string url = StoreUrl(config, request.store);
  if (url == kNoStore) return Memory{NoStore(), false};
  if (request.record != Record::kNo && !request.as_of) {
    // A store of several services is theirs: nobody records into it by the way.
    const bool theirs = url == config.store.url && !config.store.url.starts_with("sqlite:");
    const bool insists = request.record == Record::kYes;
    auto store = theirs && !insists
                     ? Result<std::unique_ptr<Store>>(MakeError(ErrorCode::kBusy, kServicesOwn))
                     : OpenStore(url, StoreMode::kWrite, config.store.password);
    if (store) return Memory{std::move(*store), true};
    if (insists) return store.error();
    notes.push_back(fmt::format("not recorded: {}", store.error().message));
  }
  auto store = OpenStore(url, StoreMode::kRead, config.store.password);
  if (store) return Memory{std::move(*store), false};
  if (!request.store.empty()) return store.error();
  if (store.error().code != ErrorCode::kNotFound) {
    notes.push_back(fmt::format("without history: {}", store.error().message));
  }
  return Memory{NoStore(), false};
}

// What the sources' workers report, and what the recording thread takes away.
struct Mailbox {
  std::vector<Conclusion> concluded;
  std::vector<CheckPtr> matched;
  std::vector<TableName> whole;
  std::map<std::string, Error> cut;
  std::map<std::string, SourceRun::Progress> progress;  // by source
  Diagnostics diagnostics;
  size_t running = 0;  // sources at work
};

RunProgress Sum(const Mailbox& mailbox) {
  RunProgress sum;
  for (const auto& [source, progress] : mailbox.progress) {
    sum.tables += progress.tables;
    sum.concluded += progress.concluded;
    sum.statements += progress.statements;
  }
  return sum;
}

// "--as-of: mart.a, mart.b and 7 more are read whole: …".
std::string WholeNote(std::vector<TableName> tables) {
  constexpr size_t kShown = 5;
  std::sort(tables.begin(), tables.end());
  std::string names;
  for (size_t i = 0; i < std::min(tables.size(), kShown); ++i) {
    names += (i == 0 ? "" : ", ") + tables[i].Local();
  }
  if (tables.size() > kShown) names += fmt::format(" and {} more", tables.size() - kShown);
  const std::string_view verb = tables.size() == 1 ? "is" : "are";
  return fmt::format("--as-of: {} {} read whole, for no freshness or window names a time column", names,
                     verb);
}

RunMemory MemoryOf(Store& store) {
  RunMemory memory;
  memory.history = [&store](std::span<const CheckPtr> checks, Timestamp now) {
    return store.ReadHistory(checks, now);
  };
  memory.known_tables = [&store](const std::string& source) { return store.ReadKnownTables(source); };
  memory.apart = [&store](std::span<const CheckPtr> checks) { return store.ReadApart(checks); };
  return memory;
}

class OneRun {
 public:
  OneRun(const Config& config, const RunRequest& request, const RunHooks& hooks, Store& store)
      : config_(config), request_(request), hooks_(hooks), store_(store) {}

  // Runs one source from its first statement to its last table; for a thread of its own.
  void RunSource(const std::string& name, Canceller& canceller, std::stop_token stop) {
    const SourceConfig& source = config_.sources.at(name);
    const auto engine = EngineOf(source.connect.url);
    const auto dialect = MakeDialect(engine ? *engine : Engine::kPostgres, name, source.connect.files);
    RunOptions options;
    options.as_of = request_.as_of;
    options.started = request_.started;
    options.disabled = request_.disabled;
    options.max_scan_rows = source.max_scan_rows;
    if (!request_.selection.empty()) {
      options.selects = [this](const Check& check) { return request_.selection.Selects(check); };
    }
    SourceRun run(name, config_.declarations, config_.surroundings, *dialect, MemoryOf(store_),
                  std::move(options));
    Executor executor(source.connect, source.connections, &canceller);
    executor.Execute(run, HooksOf(name), std::move(stop));
    mailbox_.With([&](Mailbox& mailbox) {
      mailbox.diagnostics.Append(run.TakeDiagnostics());
      mailbox.matched.insert(mailbox.matched.end(), run.matched().begin(), run.matched().end());
      mailbox.whole.insert(mailbox.whole.end(), run.read_whole().begin(), run.read_whole().end());
      if (run.aborted()) mailbox.cut.emplace(name, *run.aborted());
      --mailbox.running;
    });
    mailbox_.Notify();
  }

  // Starts a thread a source and records what concludes until all are done.
  Result<RunOutcome> Run(bool records, std::stop_token stop) {
    const std::vector<std::string> sources = SourcesOf(request_.selection, config_.declarations);
    RunOutcome outcome;
    if (records) {
      AMONT_TRY_VOID(Claim(outcome));
    }
    Canceller canceller;
    mailbox_.With([&](Mailbox& mailbox) { mailbox.running = sources.size(); });
    std::vector<std::jthread> threads;
    threads.reserve(sources.size());
    for (const std::string& source : sources) {
      threads.emplace_back([this, &canceller, stop, source] { RunSource(source, canceller, stop); });
    }
    while (Drain(outcome)) {
    }
    threads.clear();  // joins
    mailbox_.With([&](Mailbox& mailbox) {
      outcome.diagnostics = std::move(mailbox.diagnostics);
      outcome.matched = std::move(mailbox.matched);
      outcome.cut = std::move(mailbox.cut);
      outcome.statements = Sum(mailbox).statements;
      if (!mailbox.whole.empty()) outcome.notes.push_back(WholeNote(std::move(mailbox.whole)));
    });
    if (run_) {
      Noted(store_.FinishRun(*run_, WallClock()), outcome);
      const Retention keep = {config_.store.keep_measurements, config_.store.keep_verdicts};
      Noted(store_.Trim(*run_, keep, WallClock()), outcome);
    }
    return outcome;
  }

 private:
  ExecutorHooks HooksOf(const std::string& source) {
    ExecutorHooks hooks;
    hooks.concluded = [this](std::vector<Conclusion> tables) {
      mailbox_.With([&](Mailbox& mailbox) {
        std::move(tables.begin(), tables.end(), std::back_inserter(mailbox.concluded));
      });
      mailbox_.Notify();
    };
    hooks.progress = [this, source](const SourceRun::Progress& progress) {
      mailbox_.With([&](Mailbox& mailbox) {
        mailbox.progress[source] = progress;
        if (hooks_.progress) hooks_.progress(Sum(mailbox));
      });
    };
    if (hooks_.statement) {
      hooks.statement = [this, source](const Statement& statement, Duration took, const Result<void>& done) {
        mailbox_.With([&](Mailbox&) { hooks_.statement(source, statement, took, done); });
      };
    }
    return hooks;
  }

  // Claims the run in the store. That it cannot be is an error where recording was asked for, else a note.
  Result<void> Claim(RunOutcome& outcome) {
    auto claimed = store_.ClaimRun({"local", request_.key, request_.started, 0});
    if (claimed) {
      run_ = *claimed;
      return {};
    }
    if (request_.record == Record::kYes) return claimed.error();
    Noted(claimed.error(), outcome);
    return {};
  }

  // A failure to record is said once.
  void Noted(const Result<void>& recorded, RunOutcome& outcome) {
    if (recorded || std::exchange(said_, true)) return;
    outcome.notes.push_back(fmt::format("not recorded: {}", recorded.error().message));
  }

  // Takes what concluded and records it in one transaction; false once nothing can follow.
  bool Drain(RunOutcome& outcome) {
    bool more = true;
    std::vector<Conclusion> tables = mailbox_.WaitThen(
        [](const Mailbox& mailbox) { return !mailbox.concluded.empty() || mailbox.running == 0; },
        [&](Mailbox& mailbox) {
          more = mailbox.running > 0;
          return std::exchange(mailbox.concluded, {});
        });
    if (run_ && !tables.empty()) Noted(store_.RecordTables(*run_, tables), outcome);
    std::move(tables.begin(), tables.end(), std::back_inserter(outcome.tables));
    return more;
  }

  const Config& config_;
  const RunRequest& request_;
  const RunHooks& hooks_;
  Store& store_;
  Guarded<Mailbox> mailbox_;
  std::optional<ClaimedRun> run_;  // claimed; empty: nothing is recorded
  bool said_ = false;              // that something could not be recorded
};

}  // namespace

std::string StoreUrl(const Config& config, const std::string& named) {
  if (!named.empty()) return named;
  if (config.store.declared) return config.store.url;
  return "sqlite:" + (std::filesystem::path(config.directory) / ".amont" / "history.db").string();
}

Result<RunOutcome> RunOnce(const Config& config, const RunRequest& request, const RunHooks& hooks,
                           std::stop_token stop) {
  std::vector<std::string> notes;
  AMONT_TRY(Memory memory, OpenMemory(config, request, notes));
  OneRun run(config, request, hooks, *memory.store);
  AMONT_TRY(RunOutcome outcome, run.Run(memory.records, std::move(stop)));
  outcome.notes.insert(outcome.notes.begin(), notes.begin(), notes.end());
  return outcome;
}

}  // namespace amont
