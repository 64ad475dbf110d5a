// PostgreSQL, 1,000 tables × 5 checks: amont against the same merged SQL written by hand and sent by psql
// over as many connections, and against the shapes other tools have: a statement a check, a connection a
// check. Ratios of one run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

constexpr int kConnections = 4;
constexpr int kRounds = 3;

struct Size {
  int tables = 1'000;
  int rows = 10'000;
};

double Seconds(const std::function<void()>& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

std::string CreateTables(const Size& size) {
  return fmt::format(
      "DO $$ BEGIN FOR i IN 1..{} LOOP EXECUTE format('CREATE TABLE t%s AS SELECT g::bigint AS id, now() - g * interval "
      "''1 second'' AS loaded_at, CASE WHEN g %% 100 = 0 THEN NULL ELSE ''v'' || g END AS v, g * 1.5 AS amount FROM "
      "generate_series(1, {}) AS g', i); END LOOP; END $$; ANALYZE;",
      size.tables, size.rows);
}

std::string Declarations(const Size& size) {
  std::string text;
  for (int i = 1; i <= size.tables; ++i) {
    text += fmt::format(
        "[[table]]\nname = \"public.t{}\"\nsource = \"warehouse\"\nunique = [\"id\"]\nvolume = {{ min = 1_000 }}\n"
        "freshness = {{ column = \"loaded_at\", fail_after = \"26h\" }}\nschema = {{ mode = \"contains\" }}\n"
        "[table.columns.id]\ntype = \"bigint\"\n[table.columns.v]\nnull_ratio = \"2%\"\n\n",
        i);
  }
  return text;
}

// What a person would write: one catalog query, then one statement a table.
std::string MergedStatement(int table) {
  return fmt::format(
      "SELECT max(loaded_at) FILTER (WHERE loaded_at <= now() + interval '5 minutes'), max(loaded_at) FILTER (WHERE "
      "loaded_at > now() + interval '5 minutes'), now(), count(*), count(*) FILTER (WHERE v IS NULL), count(id) - "
      "count(DISTINCT id) FROM public.t{};\n",
      table);
}

constexpr const char* kCatalogStatement =
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_class c JOIN pg_namespace n "
    "ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE "
    "n.nspname = 'public';\n";

std::vector<std::string> StatementsByCheck(int table) {
  return {
      fmt::format("SELECT max(loaded_at), now() FROM public.t{};\n", table),
      fmt::format("SELECT count(*) FROM public.t{};\n", table),
      fmt::format("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                  "'public.t{}'::regclass AND attnum > 0;\n",
                  table),
      fmt::format("SELECT count(*) FILTER (WHERE v IS NULL), count(*) FROM public.t{};\n", table),
      fmt::format("SELECT count(id) - count(DISTINCT id) FROM public.t{};\n", table),
  };
}

void Psql(const std::string& url, const std::string& file) {
  const ProcessResult result =
      RunProgram({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, "-o", "/dev/null", url});
  if (result.exit_code != 0) {
    std::fprintf(stderr, "psql failed: %s\n", result.err.c_str());
    std::exit(1);
  }
}

// Each script over a psql of its own, all at once.
double InParallel(const std::string& url, const TempDir& dir, const std::string& name,
                  const std::vector<std::string>& scripts) {
  std::vector<std::string> files;
  for (size_t i = 0; i < scripts.size(); ++i)
    files.push_back(dir.Write(fmt::format("{}{}.sql", name, i), scripts[i]));
  return Seconds([&] {
    std::vector<std::jthread> threads;
    for (const std::string& file : files) threads.emplace_back([&] { Psql(url, file); });
  });
}

double Amont(const TempDir& dir, const std::string& store, std::string& summary) {
  ProcessResult result;
  const double seconds = Seconds([&] {
    result = RunProgram({AmontProgram(), "run", "--config", dir.Path("amont.toml"), "--store", store});
  });
  if (result.exit_code != 0) {
    std::fprintf(stderr, "amont failed (%d): %s%s\n", result.exit_code, result.out.c_str(),
                 result.err.c_str());
    std::exit(1);
  }
  const size_t end = result.out.find_last_not_of('\n');
  summary = result.out.substr(result.out.rfind('\n', end) + 1, end - result.out.rfind('\n', end));
  return seconds;
}

double Best(std::vector<double> seconds) { return *std::min_element(seconds.begin(), seconds.end()); }

void Run(const Size& size) {
  TempDir dir;
  const std::string url = PostgresServer::Get().CreateDatabase();
  std::printf("PostgreSQL, %d tables of %d rows, 5 checks each, %d connections\n", size.tables, size.rows,
              kConnections);
  ExecuteSql(url, CreateTables(size));
  dir.Write("amont.toml",
            fmt::format("[source.warehouse]\nurl = \"{}\"\nconnections = {}\n", url, kConnections));
  dir.Write("checks/tables.toml", Declarations(size));

  std::vector<std::string> merged(kConnections);
  std::vector<std::string> apart(kConnections);
  merged[0] = kCatalogStatement;
  for (int i = 1; i <= size.tables; ++i) {
    merged[static_cast<size_t>(i % kConnections)] += MergedStatement(i);
    for (const std::string& statement : StatementsByCheck(i))
      apart[static_cast<size_t>(i % kConnections)] += statement;
  }

  std::vector<double> ours, recorded, by_hand, by_check;
  std::string summary;
  for (int round = 0; round < kRounds; ++round) {
    by_hand.push_back(InParallel(url, dir, "merged", merged));
    ours.push_back(Amont(dir, "none", summary));
    recorded.push_back(Amont(dir, "sqlite:" + dir.Path("history.db"), summary));
    by_check.push_back(InParallel(url, dir, "apart", apart));
  }
  // A connection a check, on a few tables only: it is proportional.
  const int few = std::min(size.tables, 25);
  const double reconnecting =
      Seconds([&] {
        std::vector<std::jthread> threads;
        for (int lane = 0; lane < kConnections; ++lane) {
          threads.emplace_back([&, lane] {
            for (int i = 1 + lane; i <= few; i += kConnections) {
              int check = 0;
              for (const std::string& statement : StatementsByCheck(i)) {
                Psql(url, dir.Write(fmt::format("one{}_{}.sql", i, check++), statement));
              }
            }
          });
        }
      }) *
      size.tables / few;

  const double base = Best(by_hand);
  std::printf("  %s\n", summary.c_str());
  std::printf("  merged by hand, psql         %6.2f s   1.00\n", base);
  std::printf("  amont, nothing recorded      %6.2f s   %.2f   (at most 1.15)\n", Best(ours),
              Best(ours) / base);
  std::printf(
      "  amont, history recorded      %6.2f s   %.2f   (at most 1.15; %.2f of unrecorded, at most 1.07)\n",
      Best(recorded), Best(recorded) / base, Best(recorded) / Best(ours));
  std::printf("  a statement a check          %6.2f s   %.2f\n", Best(by_check), Best(by_check) / base);
  std::printf("  a connection a check         %6.2f s   %.2f   (from %d tables)\n", reconnecting,
              reconnecting / base, few);
}

}  // namespace
}  // namespace amont::testing

int main(int argc, char** argv) {
  amont::testing::Size size;
  if (argc > 1) size.tables = std::atoi(argv[1]);
  if (argc > 2) size.rows = std::atoi(argv[2]);
  if (const std::string missing = amont::testing::PostgresServer::Unavailable(); !missing.empty()) {
    std::printf("skipped: %s\n", missing.c_str());
    return 0;
  }
  amont::testing::Run(size);
  return 0;
}
