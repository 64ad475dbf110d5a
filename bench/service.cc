// A real `amont serve` with a PostgreSQL warehouse and its history in SQLite: memory at rest, start to ready,
// GetCheck at 2,000 requests a second, and what a check costs beyond its statements.

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "core/guarded.h"
#include "core/sql/connection.h"
#include "server/rpc/client.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kChecksPerTable = 5;  // three are declared, exists and emptied always on
constexpr int kClients = 16;

double Seconds(Clock::duration span) { return std::chrono::duration<double>(span).count(); }

void Pause(Clock::time_point until) {
  Guarded<bool> never{false};
  never.WaitUntil(until, [](bool value) { return value; });
}

// The number after `label` in a file of /proc.
double ProcNumber(pid_t pid, const std::string& file, const std::string& label) {
  std::ifstream lines(fmt::format("/proc/{}/{}", pid, file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(label)) return std::stod(line.substr(label.size()));
  }
  return 0;
}
double ResidentMegabytes(pid_t pid) { return ProcNumber(pid, "status", "VmRSS:") / 1024; }

double CpuSeconds(pid_t pid) {
  std::string text = ReadFile(fmt::format("/proc/{}/stat", pid));
  std::istringstream words(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) words >> skipped;
  double user = 0, system = 0;
  words >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Load {
  int checks;
  const char* schedule;
  bool with_tables = false;  // that are there
};

std::string Declarations(const Load& load) {
  std::string text;
  for (int i = 1; i <= load.checks / kChecksPerTable; ++i) {
    text += fmt::format(
        "[[table]]\nname = \"public.a_usual_name_{0}\"\nsource = \"warehouse\"\nschedule = \"{1}\"\nvolume = {{ min = 1 "
        "}}\nfreshness = {{ column = \"loaded_at\", fail_after = \"26h\" }}\n[table.columns.v]\nnull_ratio = "
        "\"2%\"\n\n",
        i, load.schedule);
  }
  return text;
}

std::string CreateTables(int tables) {
  return fmt::format(
      "DO $$ BEGIN FOR i IN 1..{} LOOP EXECUTE format('CREATE TABLE a_usual_name_%s AS SELECT now() AS loaded_at, "
      "''v''::text AS v', i); END LOOP; END $$; ANALYZE;",
      tables);
}

// A service that was just started, and how long that took.
struct Started {
  TempDir dir;
  std::unique_ptr<AmontService> service;
  double ready_seconds = 0;

  explicit Started(const Load& load) {
    const std::string url = PostgresServer::Get().CreateDatabase();
    if (load.with_tables) ExecuteSql(url, CreateTables(load.checks / kChecksPerTable));
    dir.Write("amont.toml",
              fmt::format("[source.warehouse]\nurl = \"{}\"\n[store]\nurl = \"sqlite:amont.db\"\n{}", url,
                          kAnyPorts));
    dir.Write("checks/tables.toml", Declarations(load));
    const Clock::time_point before = Clock::now();
    service = std::make_unique<AmontService>(dir);
    if (!service->WaitUntilReady()) {
      std::fprintf(stderr, "amont serve: %s\n", service->process().Errors().c_str());
      std::exit(1);
    }
    ready_seconds = Seconds(Clock::now() - before);
  }
  pid_t pid() const { return service->process().pid(); }
};

void AtRest(int checks, const char* memory, const char* start) {
  const Started started({checks, "1d"});
  std::printf("  %7d checks: ready after      %6.2f s    %s\n", checks, started.ready_seconds, start);
  Pause(Clock::now() + seconds(2));
  std::printf("                  memory           %6.1f MB   %s\n", ResidentMegabytes(started.pid()), memory);
}

std::vector<double> Sorted(const std::vector<std::vector<double>>& lanes) {
  std::vector<double> all;
  for (const auto& some : lanes) all.insert(all.end(), some.begin(), some.end());
  std::ranges::sort(all);
  return all;
}

// Each client asks on its beat; a request is late from when it was due, whoever held it up.
void AskAway(int per_second) {
  const Started started({10'000, "1d"});
  const int each = per_second * 5 / kClients;
  std::vector<std::vector<double>> delays(kClients);
  std::vector<std::vector<double>> woken(kClients);  // how late the machine itself was
  std::atomic<int> failed = 0;
  const double cpu = CpuSeconds(started.pid());
  const Clock::time_point begin = Clock::now() + milliseconds(200);
  {
    std::vector<std::jthread> clients;
    for (int lane = 0; lane < kClients; ++lane) {
      clients.emplace_back([&, lane] {
        const auto client = Client::Make({.server = started.service->grpc_address()});
        if (!client) std::exit(1);
        for (int i = 0; i < each; ++i) {
          const Clock::time_point due =
              begin + std::chrono::microseconds(1'000'000ll * (int64_t{i} * kClients + lane) / per_second);
          Pause(due);
          woken[static_cast<size_t>(lane)].push_back(Seconds(Clock::now() - due) * 1e3);
          v1::GetCheckRequest request;
          request.set_id(fmt::format("warehouse/public.a_usual_name_{}:volume", 1 + i % 2'000));
          if (!client->Call(request, {})) ++failed;
          delays[static_cast<size_t>(lane)].push_back(Seconds(Clock::now() - due) * 1e3);
        }
      });
    }
  }
  const double took = CpuSeconds(started.pid()) - cpu;
  const std::vector<double> answered = Sorted(delays);
  const std::vector<double> due = Sorted(woken);
  std::printf(
      "  GetCheck, %4d a second: p99 %6.2f ms   (at most 5)   median %.2f ms; the request left after %.2f ms at "
      "p99; %d failed, %.0f µs of CPU each\n",
      per_second, answered[answered.size() * 99 / 100], answered[answered.size() / 2],
      due[due.size() * 99 / 100], failed.load(), took * 1e6 / static_cast<double>(answered.size()));
}

double VerdictsIn(const TempDir& dir) {
  double count = 0;
  auto reader = OpenSqliteReader(dir.Path("amont.db"), false);
  const auto read =
      !reader ? Result<std::vector<ResultColumn>>(reader.error())
              : (*reader)->Query("SELECT count(*) FROM verdict", {}, {}, {}, [&](std::span<const Value> row) {
                  count = static_cast<double>(AsInteger(row[0]).value_or(0));
                  return Result<void>();
                });
  if (!read) std::exit(1);
  return count;
}

// Of a command of ours, run to its end in `dir`.
double CpuOf(const TempDir& dir, const std::string& command) {
  const std::string script = fmt::format("'{}' {} >/dev/null 2>&1; times", AmontProgram(), command);
  const ProcessResult result = RunProgram(
      {"bash", "-c", script}, {.env = {{"LC_ALL", "C"}}, .input = {}, .directory = dir.path().string()});
  // The second line: what the children took, "0m1.234s 0m0.567s".
  std::istringstream words(result.out.substr(result.out.find('\n') + 1));
  double sum = 0;
  for (std::string word; words >> word;) {
    sum += std::stod(word) * 60 + std::stod(word.substr(word.find('m') + 1));
  }
  return sum;
}

// The same checks in a process that neither schedules nor records, less its beginning: the rest is ours.
void WhileChecksRun() {
  constexpr int kChecks = 5'000;
  const Started started({kChecks, "10s", true});
  Pause(Clock::now() + seconds(10));
  const double verdicts_before = VerdictsIn(started.dir);
  const double before = CpuSeconds(started.pid());
  Pause(Clock::now() + seconds(20));
  const double cpu = CpuSeconds(started.pid()) - before;
  const double verdicts = VerdictsIn(started.dir) - verdicts_before;
  started.service->process().Signal(SIGTERM);
  started.service->process().Wait();
  const double run = CpuOf(started.dir, "run --store=none") - CpuOf(started.dir, "validate");
  const double each = cpu * 1e6 / verdicts;
  const double plain = run * 1e6 / kChecks;
  std::printf(
      "  CPU a verdict: %.0f µs; measured only %.0f µs; scheduled and recorded %.0f µs more (at most 50)   "
      "%.0f verdicts\n",
      each, plain, each - plain, verdicts);
}

void Run() {
  std::printf("Service on a PostgreSQL warehouse, history in SQLite\n");
  AtRest(1'000, "(at most 60)", "");
  AtRest(10'000, "", "(at most 1)");
  AtRest(100'000, "(at most 600)", "");
  AskAway(500);
  AskAway(2'000);
  WhileChecksRun();
}

}  // namespace
}  // namespace amont::testing

int main() {
  if (const std::string missing = amont::testing::PostgresServer::Unavailable(); !missing.empty()) {
    std::printf("skipped: %s\n", missing.c_str());
    return 0;
  }
  amont::testing::Run();
  return 0;
}
