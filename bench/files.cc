// The three million flights of examples/flights: the sum of amont's statements against the same SQL in one
// DuckDB session, and what all the rest of a run costs. Ratios of one run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "server/app/run_once.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

constexpr int kRounds = 3;

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

struct Sent {
  std::vector<Statement> statements;
  Duration sum{};
};

// One whole run as `amont run` makes it: loading, connecting, planning, measuring, judging.
Duration RunAll(const std::string& path, Timestamp as_of, Sent& sent) {
  const auto before = std::chrono::steady_clock::now();
  Diagnostics diagnostics;
  auto config = LoadConfig(path, ProcessEnvironment(), diagnostics);
  if (!config || diagnostics.HasErrors()) {
    std::fprintf(stderr, "%s", RenderText(diagnostics, false).c_str());
    std::exit(1);
  }
  RunRequest request;
  request.as_of = as_of;
  request.store = "none";
  RunHooks hooks;
  hooks.statement = [&](const std::string&, const Statement& statement, Duration took, const Result<void>&) {
    sent.statements.push_back(statement);
    sent.sum += took;
  };
  const auto outcome = RunOnce(*config, request, hooks, {});
  if (!outcome) std::exit(1);
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - before);
}

// The same texts, one after another, in one fresh session.
Duration SendByHand(const std::string& path, const Sent& sent) {
  Diagnostics diagnostics;
  auto config = LoadConfig(path, ProcessEnvironment(), diagnostics);
  if (!config) std::exit(1);
  auto session = Connect(config->sources.at("lake").connect, {});
  if (!session) std::exit(1);
  Duration sum{};
  for (const Statement& statement : sent.statements) {
    const auto before = std::chrono::steady_clock::now();
    const auto columns = (*session)->Query(statement.sql, statement.params, {}, {},
                                           [](std::span<const Value>) { return Result<void>(); });
    sum += std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - before);
    if (!columns) std::printf("  %s\n", columns.error().message.c_str());
  }
  return sum;
}

void Run() {
  const std::string path = SourcePath("examples/flights/amont.toml").string();
  const auto as_of = ParseTimestamp("2001-07-01T03:00:00Z");
  if (!std::filesystem::exists(SourcePath(".deps/vega-datasets/data/flights-3m.parquet")) || !as_of) {
    std::printf("skipped: the flights are not in .deps\n");
    return;
  }
  std::vector<double> ours, by_hand, rest;
  size_t statements = 0;
  for (int round = 0; round < kRounds; ++round) {
    Sent sent;
    const Duration all = RunAll(path, *as_of, sent);
    ours.push_back(Seconds(sent.sum));
    rest.push_back(Seconds(all - sent.sum));
    by_hand.push_back(Seconds(SendByHand(path, sent)));
    statements = sent.statements.size();
  }
  const auto best = [](const std::vector<double>& seconds) {
    return *std::min_element(seconds.begin(), seconds.end());
  };
  std::printf("DuckDB, 3,000,000 flights in Parquet: %zu statements\n", statements);
  std::printf("  the same SQL, one session    %6.2f s   1.00\n", best(by_hand));
  std::printf("  amont, its statements        %6.2f s   %.2f   (at most 1.30)\n", best(ours),
              best(ours) / best(by_hand));
  std::printf("  amont, everything else       %6.0f ms          (at most 250)\n", best(rest) * 1e3);
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::testing::Run();
  return 0;
}
