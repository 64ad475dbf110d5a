// A store with five million points of 10,000 series and a million verdicts, on SQLite and on PostgreSQL: how
// long what a run, a page and a command ask of it takes, and how long retention keeps other writers waiting.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/sql/postgres_store.h"
#include "server/store/retention.h"
#include "server/store/store.h"
#include "tests/testing/postgres.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Clock = std::chrono::steady_clock;

constexpr int kTables = 2'000;
constexpr std::array kChecks = {"emptied", "null_ratio(email)", "unique(id)", "volume", "volume_change"};
constexpr int kRuns = 100;
constexpr int kPoints = 500;  // a series
constexpr int kRounds = 200;
const Timestamp kNow = ParseTimestamp("2026-11-24T06:00:00Z").value();
constexpr auto kBetweenPoints = hours(2);
constexpr auto kBetweenRuns = hours(10);

[[noreturn]] void Stop(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  std::exit(1);
}

template <class T>
T Must(Result<T> result) {
  if (!result) Stop(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::unique_ptr<StoreSession> OpenSession(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  if (url.starts_with(kScheme)) return Must(OpenSqliteStore(url.substr(kScheme.size())));
  ConnectOptions options;
  options.url = url;
  return Must(OpenPostgresStore(options, true));
}

int64_t Micros(Duration span) { return span.count(); }

// Written as SQL, in the order of the keys.
std::vector<std::string> Filling() {
  const auto counts = [](const char* name, int to) {
    return fmt::format("{0} (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM {0} WHERE n < {1})", name, to - 1);
  };
  std::string measure = "CASE k.n";
  for (size_t i = 0; i < kChecks.size(); ++i) measure += fmt::format(" WHEN {} THEN '{}'", i, kChecks[i]);
  const std::string check = fmt::format("'src/mart.t' || t.n || ':' || {} END", measure);
  const std::string series = counts("t", kTables) + ", " + counts("k", static_cast<int>(kChecks.size()));
  const int64_t oldest = kNow.time_since_epoch().count() - Micros(kBetweenPoints) * kPoints;
  const int64_t first_run = kNow.time_since_epoch().count() - Micros(kBetweenRuns) * kRuns;
  return {
      fmt::format(
          "WITH RECURSIVE {} INSERT INTO series (id, check_id, group_name) SELECT t.n * {} + k.n + 1, {}, '' "
          "FROM t CROSS JOIN k ORDER BY 1",
          series, kChecks.size(), check),
      fmt::format(
          "WITH RECURSIVE {} INSERT INTO point (series, at, kind, value, status, windowed, measured, "
          "first_measured, accepted) SELECT series.id, {} + p.n * {}, 'integer', '123456', 'pass', 0, 1, 0, 0 "
          "FROM series CROSS JOIN p ORDER BY 1, 2",
          counts("p", kPoints), oldest, Micros(kBetweenPoints)),
      fmt::format(
          "WITH RECURSIVE {0} INSERT INTO run (id, trigger_kind, trigger_key, started, finished, first_at, last_at) "
          "SELECT n + 1, 'slot', 'at ' || n, {1} + n * {2}, {1} + n * {2}, {1} + n * {2}, {1} + n * {2} FROM r",
          counts("r", kRuns), first_run, Micros(kBetweenRuns)),
      // One check of fifty fails. A sentence stands where the status changed: in the first run.
      fmt::format(
          "WITH RECURSIVE {} INSERT INTO verdict (check_id, run, at, status, sentence) SELECT check_id, run.id, "
          "run.started, CASE WHEN series.id % 50 = 0 THEN 'fail' ELSE 'pass' END, CASE WHEN run.id = 1 THEN "
          "'123,456 rows; at least 1 expected' END FROM series CROSS JOIN run ORDER BY 1, 2",
          counts("unused", 1)),
  };
}

void Fill(const std::string& url) {
  const auto session = OpenSession(url);
  for (const std::string& statement : Filling()) {
    Must(session->BeginWrite());
    if (session->engine() == Engine::kPostgres) Must(session->Execute("SET LOCAL statement_timeout = 0", {}));
    Must(session->Execute(statement, {}));
    Must(session->Commit());
  }
  if (session->engine() == Engine::kPostgres) ExecuteSql(url, "VACUUM ANALYZE");
}

std::vector<CheckPtr> ChecksOf(int table) {
  auto declared = std::make_shared<Table>();
  declared->name = {"src", "mart", fmt::format("t{}", table)};
  std::vector<CheckPtr> checks;
  for (const char* measure : kChecks) {
    auto check = std::make_shared<Check>();
    check->id = fmt::format("src/mart.t{}:{}", table, measure);
    check->table = declared;
    check->measure.metric = RowCount{};
    ChangeWithin change;
    change.versus = days(7);
    change.fail.min = -0.3;
    Between between;
    between.fail.min = int64_t{1};
    check->expectation = between;
    if (check->id.ends_with("emptied")) check->expectation = NotEmptied{};
    if (check->id.ends_with("volume_change")) check->expectation = change;
    checks.push_back(std::move(check));
  }
  return checks;
}

// Of `kRounds` tables, spread over the store.
void Time(const char* what, const std::function<size_t(int table)>& ask) {
  std::vector<double> took;
  size_t rows = 0;
  for (int i = 0; i < kRounds; ++i) {
    const Clock::time_point before = Clock::now();
    rows += ask(i * 7919 % kTables);
    took.push_back(std::chrono::duration<double, std::milli>(Clock::now() - before).count());
  }
  std::sort(took.begin(), took.end());
  std::printf("  %-44s %7.2f ms, %6.2f at most   (at most 20)   %zu rows\n", what, took[took.size() / 2],
              took.back(), rows / kRounds);
}

void TimeVerdicts(Store& store, const char* what,
                  const std::function<void(VerdictQuery&, int table)>& narrow) {
  Time(what, [&](int table) {
    VerdictQuery query;
    narrow(query, table);
    return Must(store.ListVerdicts(query)).rows.size();
  });
}

void TimeReads(Store& store) {
  Time("history of a table's 5 checks", [&](int table) {
    size_t points = 0;
    for (const History& history : Must(store.ReadHistory(ChecksOf(table), kNow, {})))
      points += history.points.size();
    return points;
  });
  const auto measurements = [&](int table, int pages) {
    MeasurementQuery query;
    query.check = ChecksOf(table).front()->id;
    MeasurementPage page = Must(store.ListMeasurements(query));
    for (int i = 1; i < pages; ++i) {
      query.page.after = page.next;
      page = Must(store.ListMeasurements(query));
    }
    return page.rows.size();
  };
  Time("measurements of a check, first page", [&](int table) { return measurements(table, 1); });
  Time("measurements of a check, all five pages", [&](int table) { return measurements(table, 5); });
  // Places as the listing writes them: a run and a check.
  const auto deep = [](int table) { return fmt::format("5:src/mart.t{}:volume", table); };
  TimeVerdicts(store, "verdicts, first page", [](VerdictQuery&, int) {});
  TimeVerdicts(store, "verdicts, deep",
               [&](VerdictQuery& query, int table) { query.page.after = deep(table); });
  TimeVerdicts(store, "verdicts that fail, deep", [&](VerdictQuery& query, int table) {
    query.statuses = {Status::kFail};
    query.page.after = deep(table);
  });
  TimeVerdicts(store, "verdicts of a day long ago", [&](VerdictQuery& query, int) {
    query.since = kNow - days(35);
    query.until = kNow - days(34);
  });
  TimeVerdicts(store, "verdicts of a check",
               [](VerdictQuery& query, int table) { query.check = ChecksOf(table).back()->id; });
  TimeVerdicts(store, "verdicts of a table", [](VerdictQuery& query, int table) {
    query.table = ChecksOf(table).front()->table->name.Full();
  });
  TimeVerdicts(store, "verdicts of a run",
               [](VerdictQuery& query, int table) { query.run = 1 + table % kRuns; });
}

// Forgets a fourth of the points and of the verdicts.
void TimeRetention(const std::string& url) {
  const auto session = OpenSession(url);
  double most = 0;
  double all = 0;
  int transactions = 0;
  const Batch batch = [&](const std::function<Result<void>(StoreSession&)>& write) -> Result<void> {
    const Clock::time_point before = Clock::now();
    AMONT_TRY_VOID(session->BeginWrite());
    AMONT_TRY_VOID(write(*session));
    AMONT_TRY_VOID(session->Commit());
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - before).count();
    most = std::max(most, took);
    all += took;
    ++transactions;
    return {};
  };
  Must(TrimStore(batch, {days(31), days(31)}, kNow));
  std::printf("  %-44s %7.0f ms, %6.0f the longest        %d transactions\n", "forgetting a fourth of it",
              all, most, transactions);
}

void Run(const char* name, const std::string& url) {
  std::printf("Store on %s, %d points of %zu series, %zu verdicts\n", name,
              kTables * static_cast<int>(kChecks.size()) * kPoints, kTables * kChecks.size(),
              kTables * kChecks.size() * kRuns);
  {
    const auto store = Must(OpenStore(url, StoreMode::kWrite));
    Fill(url);
    TimeReads(*store);
  }
  TimeRetention(url);
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::testing::TempDir dir;
  amont::testing::Run("SQLite", "sqlite:" + dir.Path("history.db"));
  if (const std::string missing = amont::testing::PostgresServer::Unavailable(); !missing.empty()) {
    std::printf("skipped: %s\n", missing.c_str());
    return 0;
  }
  amont::testing::Run("PostgreSQL", amont::testing::PostgresServer::Get().CreateDatabase());
  return 0;
}
