#include "server/app/drive.h"

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "core/guarded.h"

namespace amont {

namespace {

// What concludes is handed over together with what follows soon: recording costs by the transaction.
constexpr auto kHandedOverWithin = std::chrono::milliseconds(50);
constexpr size_t kHandedOverTogether = 64;  // tables

// What the sources' threads report, and what the calling thread takes away.
struct Mailbox {
  std::vector<Conclusion> concluded;
  std::map<std::string, SourceRun::Progress> progress;  // by source
  Driven driven;
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

ExecutorHooks HooksOf(const std::string& source, const DriveHooks& hooks, Guarded<Mailbox>& shared) {
  ExecutorHooks executor;
  executor.concluded = [&shared](std::vector<Conclusion> tables) {
    shared.With([&](Mailbox& mailbox) {
      std::move(tables.begin(), tables.end(), std::back_inserter(mailbox.concluded));
    });
    shared.Notify();
  };
  executor.progress = [&shared, &hooks, source](const SourceRun::Progress& progress) {
    shared.With([&](Mailbox& mailbox) {
      mailbox.progress[source] = progress;
      if (hooks.progress) hooks.progress(Sum(mailbox));
    });
  };
  if (hooks.statement) {
    executor.statement = [&shared, &hooks, source](const Statement& statement, Duration took,
                                                   const Result<void>& done) {
      shared.With([&](Mailbox&) { hooks.statement(source, statement, took, done); });
    };
  }
  return executor;
}

// Runs one source from its first statement to its last table; for a thread of its own.
void DriveSource(const DriveOrder& order, const std::string& name, SourceAccess& access,
                 const DriveHooks& hooks, Guarded<Mailbox>& shared, std::stop_token stop) {
  RunOptions options = order.options;
  options.max_scan_rows = order.config.sources.at(name).max_scan_rows;
  SourceRun run(name, order.declarations, order.config.surroundings, *access.dialect, order.memory,
                std::move(options));
  access.executor->Execute(run, HooksOf(name, hooks, shared), std::move(stop));
  shared.With([&](Mailbox& mailbox) {
    Driven& driven = mailbox.driven;
    driven.diagnostics.Append(run.TakeDiagnostics());
    driven.matched.insert(driven.matched.end(), run.matched().begin(), run.matched().end());
    driven.whole.insert(driven.whole.end(), run.read_whole().begin(), run.read_whole().end());
    if (run.aborted()) driven.cut.emplace(name, *run.aborted());
    --mailbox.running;
  });
  shared.Notify();
}

// Hands over what concluded; false once nothing can follow.
bool HandOver(const DriveHooks& hooks, Guarded<Mailbox>& shared) {
  shared.WaitThen([](const Mailbox& mailbox) { return !mailbox.concluded.empty() || mailbox.running == 0; },
                  [](Mailbox&) {});
  shared.WaitUntil(std::chrono::steady_clock::now() + kHandedOverWithin, [](const Mailbox& mailbox) {
    return mailbox.concluded.size() >= kHandedOverTogether || mailbox.running == 0;
  });
  bool more = true;
  std::vector<Conclusion> tables = shared.With([&](Mailbox& mailbox) {
    more = mailbox.running > 0;
    return std::exchange(mailbox.concluded, {});
  });
  if (!tables.empty()) hooks.concluded(std::move(tables));
  return more;
}

}  // namespace

RunMemory MemoryOf(Store& store) {
  RunMemory memory;
  memory.history = [&store](std::span<const CheckPtr> checks, Timestamp now, std::stop_token stop) {
    return store.ReadHistory(checks, now, std::move(stop));
  };
  memory.known_tables = [&store](const std::string& source, std::stop_token stop) {
    return store.ReadKnownTables(source, std::move(stop));
  };
  memory.apart = [&store](std::span<const CheckPtr> checks, std::stop_token stop) {
    return store.ReadApart(checks, std::move(stop));
  };
  return memory;
}

SourceAccess AccessTo(const std::string& name, const SourceConfig& source, Canceller& canceller) {
  const auto engine = EngineOf(source.connect.url);
  return {MakeDialect(engine ? *engine : Engine::kPostgres, name, source.connect.files),
          std::make_unique<Executor>(source.connect, source.connections, &canceller)};
}

Driven Drive(const DriveOrder& order, const DriveHooks& hooks, std::stop_token stop) {
  Guarded<Mailbox> shared;
  shared.With([&](Mailbox& mailbox) { mailbox.running = order.sources.size(); });
  std::vector<std::jthread> threads;
  threads.reserve(order.sources.size());
  std::vector<std::function<void()>> here;  // what the system gave no thread for
  for (const auto& source : order.sources) {
    const auto drive = [&order, &source, &hooks, &shared, stop] {
      DriveSource(order, source.first, *source.second, hooks, shared, stop);
    };
    try {
      threads.emplace_back(drive);
    } catch (const std::system_error&) {
      here.emplace_back(drive);
    }
  }
  for (const auto& drive : here) drive();
  while (HandOver(hooks, shared)) {
  }
  threads.clear();  // joins
  return shared.With([](Mailbox& mailbox) {
    mailbox.driven.statements = Sum(mailbox).statements;
    return std::move(mailbox.driven);
  });
}

}  // namespace amont
