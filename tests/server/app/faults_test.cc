// What may happen to a service from outside: a store that goes away for a while, tables and sources that
// vanish under a run, a DuckDB file that somebody writes, store files that are damaged, full, locked or of a
// newer release.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "core/sql/connection.h"
#include "server/store/schema.h"
#include "tests/core/sql/duckdb_writer.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"
#include "tests/testing/postgres.h"

namespace amont::testing {
namespace {

std::vector<std::string> RowsOf(Connection& connection, const std::string& sql) {
  std::vector<std::string> rows;
  const auto read = connection.Query(sql, {}, {}, {}, [&](std::span<const Value> row) {
    std::string text;
    for (const Value& value : row) text += (text.empty() ? "" : "|") + HumanText(value);
    rows.push_back(text);
    return Result<void>();
  });
  return read ? rows : std::vector<std::string>{read.error().message};
}

std::vector<std::string> Ask(const std::string& url, const std::string& sql) {
  ConnectOptions options;
  options.name = "store";
  options.url = url;
  auto connection = Connect(options, {});
  return connection ? RowsOf(**connection, sql) : std::vector<std::string>{connection.error().message};
}

// Looks again until it holds.
template <class Holds>
bool Until(Holds holds) {
  const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

using One = std::vector<std::string>;

// ---------- A PostgreSQL store, and sources

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    AMONT_NEEDS_POSTGRES();
    store_ = PostgresServer::Get().CreateDatabase();
    warehouse_ = PostgresServer::Get().CreateDatabase();
    Write("[source.shop]\nurl = \"" + warehouse_ + "\"\n");
  }

  void Write(const std::string& sources) const {
    dir_.Write("amont.toml", sources + "[store]\nurl = \"" + store_ + "\"\nlease = \"2s\"\n" + kAnyPorts);
  }
  static std::string NameOf(const std::string& url) {
    const std::string path = url.substr(0, url.find('?'));
    return path.substr(path.rfind('/') + 1);
  }
  // Nobody can reach the store, and whoever did is thrown out.
  void TakeStoreAway() const {
    ExecuteSql(warehouse_, "ALTER DATABASE " + NameOf(store_) + " WITH ALLOW_CONNECTIONS false");
    ExecuteSql(warehouse_, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                               NameOf(store_) + "'");
  }
  void GiveStoreBack() const {
    ExecuteSql(warehouse_, "ALTER DATABASE " + NameOf(store_) + " WITH ALLOW_CONNECTIONS true");
  }

  std::string store_;
  std::string warehouse_;
  TempDir dir_;
};

TEST_F(FaultsTest, AStoreThatGoesAwayForAWhileLosesNothingAndRepeatsNothing) {
  ExecuteSql(warehouse_, "CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(1)");
  ExecuteSql(warehouse_, "CREATE TABLE quick AS SELECT 1 AS id");
  dir_.Write("checks/a.toml",
             "[defaults]\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n"
             "[[table]]\nname = \"public.slow\"\n[[table]]\nname = \"public.quick\"\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const auto finished = [&] {
    const auto count = Ask(store_, "SELECT count(*) FROM amont.run WHERE finished IS NOT NULL");
    return count.empty() ? 0 : std::atoi(count.front().c_str());
  };
  ASSERT_TRUE(Until([&] { return finished() >= 2; })) << service.process().Errors();
  const std::string in_flight =
      "SELECT id FROM amont.run WHERE finished IS NULL AND id NOT IN (SELECT run FROM amont.verdict) ORDER BY id";
  One running;
  ASSERT_TRUE(Until([&] { return !(running = Ask(store_, in_flight)).empty(); }));
  TakeStoreAway();
  EXPECT_TRUE(service.WaitForSample("amont_leader", "0")) << "its term ends meanwhile";
  EXPECT_EQ(HttpClient(service.http_port()).Ask("GET", "/-/healthy").status, 200);
  std::this_thread::sleep_for(std::chrono::seconds(2));
  EXPECT_FALSE(service.process().Ended());
  GiveStoreBack();
  ASSERT_TRUE(service.WaitForSample("amont_leader", "1")) << service.process().Errors();
  const int before = finished();
  ASSERT_TRUE(Until([&] { return finished() >= before + 3; })) << service.process().Errors();
  service.process().Signal(SIGTERM);
  EXPECT_EQ(service.process().Wait().exit_code, 0) << service.process().Errors();
  for (const std::string& id : running) {
    EXPECT_EQ(
        Ask(store_, "SELECT count(*) FROM amont.verdict WHERE check_id LIKE '%slow:volume' AND run = " + id),
        One{"1"})
        << "what was measured while the store was away";
  }
  EXPECT_EQ(Ask(store_, "SELECT count(*) - count(DISTINCT trigger_key) FROM amont.run"), One{"0"});
  EXPECT_EQ(Ask(store_,
                "SELECT count(*) FROM amont.run WHERE finished IS NOT NULL AND (SELECT count(*) FROM "
                "amont.verdict WHERE verdict.run = run.id) NOT IN (2, 4)"),
            One{"0"})
      << "every run has all of its verdicts";
  EXPECT_EQ(Ask(store_, "SELECT count(*) FROM amont.lease WHERE epoch = 1"), One{"1"}) << "nobody else led";
}

TEST_F(FaultsTest, ATableThatIsDroppedUnderARunIsSaidAndTheOthersAreMeasured) {
  ExecuteSql(warehouse_, "CREATE TABLE waits AS SELECT 1 AS id");
  ExecuteSql(warehouse_, "CREATE TABLE quick AS SELECT 1 AS id");
  dir_.Write(
      "checks/a.toml",
      "[defaults]\nsource = \"shop\"\nschedule = \"1s\"\n"
      "[[table]]\nname = \"public.waits\"\n[[table.sql]]\nname = \"slow\"\nvalue = \"SELECT count(*) FROM "
      "{table}, pg_sleep(1)\"\nmin = 0\n[[table]]\nname = \"public.quick\"\nvolume = { min = 1 }\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string quick =
      R"(amont_check_status{source="shop",table="public.quick",check="shop/public.quick:volume",kind="volume",status=")";
  ASSERT_TRUE(service.WaitForSample(quick + "pass\"}", "1")) << service.process().Errors();
  for (int i = 0; i < 3; ++i) {
    // It waits for the run's own lock on the table, and comes between two statements of it.
    ExecuteSql(warehouse_, "DROP TABLE waits");
    EXPECT_TRUE(service.WaitForSample(
        R"(amont_check_status{source="shop",table="public.waits",check="shop/public.waits:exists",kind="schema",status="fail"})",
        "1"))
        << service.process().Errors();
    EXPECT_EQ(service.Sample(quick + "pass\"}"), "1");
    ExecuteSql(warehouse_, "CREATE TABLE waits AS SELECT 1 AS id");
    ASSERT_TRUE(service.WaitForSample(
        R"(amont_check_status{source="shop",table="public.waits",check="shop/public.waits:exists",kind="schema",status="pass"})",
        "1"));
  }
}

TEST_F(FaultsTest, ASourceThatAReloadRemovesUnderARunEndsWithItAndLeaves) {
  const std::string other = PostgresServer::Get().CreateDatabase();
  ExecuteSql(other, "CREATE VIEW slow AS SELECT 1 AS id FROM pg_sleep(2)");
  ExecuteSql(warehouse_, "CREATE TABLE quick AS SELECT 1 AS id");
  Write("[source.shop]\nurl = \"" + warehouse_ + "\"\n[source.far]\nurl = \"" + other + "\"\n");
  dir_.Write(
      "checks/a.toml",
      "[[table]]\nname = \"public.quick\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  dir_.Write(
      "checks/b.toml",
      "[[table]]\nname = \"public.slow\"\nsource = \"far\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string slow = "amont_check_status{source=\"far\",table=\"public.slow\"";
  ASSERT_TRUE(service.WaitForSample(slow, "1")) << service.process().Errors();
  const std::string open =
      "SELECT count(*) FROM amont.run WHERE finished IS NULL AND trigger_key LIKE '%far%'";
  ASSERT_TRUE(Until([&] { return Ask(store_, open) == One{"1"}; })) << service.process().Errors();
  Write("[source.shop]\nurl = \"" + warehouse_ + "\"\n");
  std::filesystem::remove(dir_.Path("checks/b.toml"));
  EXPECT_EQ(HttpClient(service.http_port()).Ask("POST", "/-/reload").status, 200);
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"far\"", ""));
  EXPECT_TRUE(Until([&] { return Ask(store_, open) == One{"0"}; })) << "the run went on to its end";
  EXPECT_TRUE(Until([&] {
    return Ask(store_, "SELECT DISTINCT table_name FROM amont.check_state") == One{"shop/public.quick"};
  }));
  EXPECT_EQ(service.Sample("amont_check_info{source=\"far\""), "");
  EXPECT_EQ(service.Sample(slow), "");
  EXPECT_EQ(service.Sample("amont_check_status{source=\"shop\",table=\"public.quick\""), "1");
  EXPECT_FALSE(service.process().Ended());
}

// ---------- SQLite stores

class StoreFileFaults : public ::testing::Test {
 protected:
  StoreFileFaults() {
    Sql("shop.db", {"CREATE TABLE orders (id INTEGER PRIMARY KEY)", "INSERT INTO orders VALUES (1), (2)"});
    Configure("amont.db");
    dir_.Write(
        "checks/orders.toml",
        "[[table]]\nname = \"main.orders\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 3 }\n");
  }

  void Configure(const std::string& store) const {
    dir_.Write("amont.toml", "[source.shop]\nurl = \"sqlite:shop.db\"\n[store]\nurl = \"sqlite:" + store +
                                 "\"\n" + kAnyPorts);
  }
  void Sql(const std::string& file, const std::vector<std::string>& statements) const {
    auto session = OpenSqliteStore(dir_.Path(file));
    ASSERT_TRUE(session) << session.error().message;
    for (const std::string& statement : statements) {
      const auto done = (*session)->Execute(statement, {});
      ASSERT_TRUE(done) << done.error().message;
    }
  }
  // A store that a service wrote and closed.
  void MakeStore() const {
    AmontService service(dir_);
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    ASSERT_TRUE(service.WaitForSample("amont_table_rows{", "2"));
    service.process().Signal(SIGTERM);
    ASSERT_EQ(service.process().Wait().exit_code, 0);
  }
  // It refuses to start and says why in a line that contains `why`, and the store's bytes are as they were.
  void ExpectRefused(const std::string& why, const std::string& store = "amont.db") const {
    const std::string before = ReadFile(dir_.Path(store));
    AmontService service(dir_, "refused");
    EXPECT_FALSE(service.WaitUntilListening());
    const ProcessResult result = service.process().Wait();
    EXPECT_TRUE(result.exit_code == 2 || result.exit_code == 3) << result.exit_code << "\n" << result.err;
    std::string said;
    size_t lines = 0;
    std::istringstream text(result.err);
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("time=")) continue;  // the log
      ++lines;
      said += line;
    }
    EXPECT_EQ(lines, 1u) << result.err;
    EXPECT_NE(said.find(why), std::string::npos) << result.err;
    EXPECT_NE(said.find(store), std::string::npos) << result.err;
    EXPECT_EQ(ReadFile(dir_.Path(store)), before) << "nothing of it was touched";
  }

  TempDir dir_;
};

TEST_F(StoreFileFaults, ADamagedStoreIsRefused) {
  MakeStore();
  const std::string good = ReadFile(dir_.Path("amont.db"));
  std::string bad = good;
  std::fill(bad.begin(), bad.begin() + 100, 'x');
  dir_.Write("amont.db", bad);
  ExpectRefused("not a");
  bad = good;
  std::fill(bad.begin() + 4096, bad.end(), '\x7f');
  dir_.Write("amont.db", bad);
  ExpectRefused("malformed");
  dir_.Write("amont.db", good.substr(0, good.size() / 2));
  ExpectRefused("malformed");
  dir_.Write("amont.db", good);
  AmontService service(dir_);
  EXPECT_TRUE(service.WaitUntilReady()) << service.process().Errors();
}

TEST_F(StoreFileFaults, AStoreOfANewerReleaseIsRefused) {
  MakeStore();
  Sql("amont.db", {"UPDATE amont_store SET version = " + std::to_string(kStoreVersion + 2)});
  ExpectRefused("use a newer amont");
}

TEST_F(StoreFileFaults, AStoreThatAnotherProgramHoldsLockedIsRefused) {
  MakeStore();
  auto session = OpenSqliteStore(dir_.Path("amont.db"));
  ASSERT_TRUE(session) << session.error().message;
  ASSERT_TRUE((*session)->BeginWrite());
  ExpectRefused("locked");
  (*session)->Rollback();
}

TEST_F(StoreFileFaults, AStoreOnAFullDiskIsRefused) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can mount";
  MakeStore();
  const std::string disk = dir_.Path("disk");
  std::filesystem::create_directory(disk);
  // A disk of its own that has no room left, which goes with the shell.
  const std::string script = "mount -t tmpfs -o size=1m none '" + disk +
                             "' || exit 77; cp amont.db disk/amont.db; echo nobody > disk/amont.db.lock; "
                             "head -c 2000000 /dev/zero > disk/rest 2>/dev/null; cp disk/amont.db before.db; "
                             "'" +
                             AmontProgram() +
                             "' serve --port-file full.ports; code=$?; "
                             "cmp disk/amont.db before.db && exit $code; exit 99";
  Configure("disk/amont.db");
  const ProcessResult result = RunProgram({"unshare", "-m", "sh", "-c", script},
                                          {.env = {}, .input = {}, .directory = dir_.path().string()});
  if (result.exit_code == 77) GTEST_SKIP() << "nothing can be mounted here: " << result.err;
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_NE(result.err.find("full"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("disk/amont.db"), std::string::npos) << result.err;
}

// ---------- A DuckDB file

TEST_F(StoreFileFaults, ADuckDbFileThatSomebodyWritesIsAnErrorUntilItIsFree) {
  const std::string path = dir_.Path("lake.duckdb");
  DuckdbWriter(path).Run("CREATE TABLE t AS SELECT 1 AS id");
  dir_.Write("amont.toml", std::string("[source.lake]\nurl = \"duckdb:lake.duckdb\"\nstatement_timeout = "
                                       "\"500ms\"\n[store]\nurl = \"sqlite:amont.db\"\n") +
                               kAnyPorts);
  dir_.Write("checks/orders.toml",
             "[[table]]\nname = \"t\"\nsource = \"lake\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  const std::string passes =
      R"(amont_check_status{source="lake",table="t",check="lake/t:volume",kind="volume",status="pass"})";
  const std::string error = R"(amont_check_error{source="lake",table="t",check="lake/t:volume"})";
  {
    AmontService service(dir_, "first");
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    ASSERT_TRUE(service.WaitForSample(passes, "1")) << service.process().Errors();
    service.process().Signal(SIGTERM);
    service.process().Wait();
  }
  auto writer = std::make_unique<DuckdbWriter>(path);
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample(error, "1")) << service.process().Errors();
  EXPECT_EQ(service.Sample(passes), "1") << "what was last known stays";
  auto reader = OpenSqliteReader(dir_.Path("amont.db"), false);
  ASSERT_TRUE(reader);
  const auto said = RowsOf(**reader, "SELECT error FROM check_state WHERE check_id = 'lake/t:volume'");
  EXPECT_NE(said.at(0).find("in use by pid " + std::to_string(getpid())), std::string::npos) << said.at(0);
  writer.reset();
  EXPECT_TRUE(service.WaitForSample(error, "")) << service.process().Errors();
  EXPECT_EQ(service.Sample(passes), "1");
}

}  // namespace
}  // namespace amont::testing
