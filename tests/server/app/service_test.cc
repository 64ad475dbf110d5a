// `amont serve` as a process of its own on a SQLite store: what it runs, shows, keeps and gives up.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <regex>
#include <thread>

#include "core/sql/connection.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

constexpr const char* kTable =
    "[[table]]\nname = \"main.orders\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 3 }\n";

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    dir_.Write("amont.toml", std::string("[source.shop]\nurl = \"sqlite:shop.db\"\n[store]\nurl = "
                                         "\"sqlite:amont.db\"\n") +
                                 kAnyPorts);
    dir_.Write("checks/orders.toml", kTable);
    Sql("shop.db", {"CREATE TABLE orders (id INTEGER PRIMARY KEY)", "INSERT INTO orders VALUES (1), (2)"});
  }

  void Sql(const std::string& file, const std::vector<std::string>& statements) {
    auto session = OpenSqliteStore(dir_.Path(file));
    ASSERT_TRUE(session) << session.error().message;
    for (const std::string& statement : statements) {
      const auto done = (*session)->Execute(statement, {});
      ASSERT_TRUE(done) << done.error().message;
    }
  }

  // Rows of a query on the store, joined by "|".
  std::vector<std::string> Stored(const std::string& sql) {
    std::vector<std::string> rows;
    auto reader = OpenSqliteReader(dir_.Path("amont.db"), false);
    if (!reader) return {reader.error().message};
    const auto read = (*reader)->Query(sql, {}, {}, {}, [&](std::span<const Value> row) {
      std::string text;
      for (const Value& value : row) text += (text.empty() ? "" : "|") + HumanText(value);
      rows.push_back(text);
      return Result<void>();
    });
    return read ? rows : std::vector<std::string>{read.error().message};
  }

  bool WaitForStored(const std::string& sql, const std::vector<std::string>& rows) {
    const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
    while (Stored(sql) != rows) {
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }

  int Reload(const AmontService& service) {
    return HttpClient(service.http_port()).Ask("POST", "/-/reload").status;
  }

  TempDir dir_;
};

TEST_F(ServiceTest, RunsItsChecksAndShowsThem) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample(
      R"(amont_check_status{source="shop",table="main.orders",check="shop/main.orders:volume",kind="volume",status="fail"})",
      "1"));
  EXPECT_EQ(service.Sample("amont_table_rows{"), "2");
  EXPECT_EQ(service.Sample("amont_leader"), "1");
  Sql("shop.db", {"INSERT INTO orders VALUES (3)"});
  EXPECT_TRUE(service.WaitForSample(
      R"(amont_check_status{source="shop",table="main.orders",check="shop/main.orders:volume",kind="volume",status="pass"})",
      "1"));
  service.process().Signal(SIGTERM);
  EXPECT_EQ(service.process().Wait().exit_code, 0) << service.process().Errors();
}

TEST_F(ServiceTest, NoSlotIsRecordedTwiceOverRestarts) {
  for (int i = 0; i < 4; ++i) {
    AmontService service(dir_);
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    ASSERT_TRUE(service.WaitForSample("amont_runs_total{source=\"shop\"}", "2"))
        << service.process().Errors();
    service.process().Signal(i % 2 == 0 ? SIGKILL : SIGTERM);
    service.process().Wait();
  }
  EXPECT_EQ(Stored("SELECT count(*) - count(DISTINCT trigger_key) FROM run"), std::vector<std::string>{"0"});
  EXPECT_EQ(Stored("SELECT count(*) FROM (SELECT 1 FROM verdict GROUP BY check_id, run HAVING count(*) > 1)"),
            std::vector<std::string>{"0"});
  EXPECT_EQ(Stored("SELECT epoch FROM lease"), std::vector<std::string>{"4"});
}

TEST_F(ServiceTest, AFileWithAMistakeKeepsItsLastAcceptedTextOverARestart) {
  dir_.Write("checks/other.toml", "[[table]]\nname = \"main.other\"\nsource = \"shop\"\nschedule = \"1s\"\n");
  {
    AmontService service(dir_);
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    dir_.Write("checks/orders.toml", std::string(kTable) + "colour = \"red\"\n");
    dir_.Write("checks/other.toml",
               "[[table]]\nname = \"main.third\"\nsource = \"shop\"\nschedule = \"1s\"\n");
    EXPECT_NE(Reload(service), 200) << "a mistake is said";
    EXPECT_TRUE(service.WaitForSample(
        R"(amont_check_status{source="shop",table="main.third",check="shop/main.third:exists",kind="schema",status="fail"})",
        "1"));
    EXPECT_EQ(service.Sample("amont_check_info{source=\"shop\",table=\"main.other\""), "");
    EXPECT_EQ(service.Sample("amont_check_info{source=\"shop\",table=\"main.orders\""), "1");
    EXPECT_EQ(service.Sample("amont_config_file_invalid{"), "1");
    EXPECT_NE(service.process().Errors().find("checks/orders.toml:6:1: unknown key `colour`"),
              std::string::npos);
    service.process().Signal(SIGTERM);
    EXPECT_EQ(service.process().Wait().exit_code, 0);
  }
  AmontService service(dir_, "again");
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.orders\"", "1"));
}

TEST_F(ServiceTest, AmontTomlWithAMistakeKeepsWhatItWasAndTheDeclarationsApply) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string before = ReadFile(dir_.Path("amont.toml"));
  dir_.Write("amont.toml", before + "[sorce.x]\n");
  dir_.Write("checks/other.toml", "[[table]]\nname = \"main.other\"\nsource = \"shop\"\nschedule = \"1s\"\n");
  EXPECT_NE(Reload(service), 200);
  EXPECT_EQ(service.Sample("amont_config_file_invalid{file=\"amont.toml\"}"), "1");
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.other\"", "1"));
  const ProcessResult status = RunProgram({AmontProgram(), "status", "--server", service.grpc_address()},
                                          {.env = {}, .input = {}, .directory = dir_.path().string()});
  EXPECT_NE((status.out + status.err).find("amont.toml:8:2: unknown key `sorce`"), std::string::npos)
      << status.out << status.err;
  EXPECT_TRUE(service.WaitForSample("amont_config_last_reload_successful", "0"));
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.orders\"", "1"));
  dir_.Write("amont.toml", before);
  service.process().Signal(SIGHUP);
  EXPECT_TRUE(service.WaitForSample("amont_config_last_reload_successful", "1"));
  EXPECT_EQ(service.Sample("amont_config_file_invalid{"), "");
}

TEST_F(ServiceTest, ARemovedTableLeaves) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ASSERT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.orders\"", "1"));
  ASSERT_TRUE(service.WaitForSample("amont_table_rows{source=\"shop\",table=\"main.orders\"", "2"));
  dir_.Write("checks/orders.toml", "");
  EXPECT_EQ(Reload(service), 200);
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.orders\"", ""));
  EXPECT_TRUE(WaitForStored("SELECT count(*) FROM check_state", {"0"}))
      << "nor does the store keep how it stood";
  EXPECT_NE(Stored("SELECT count(*) FROM verdict"), std::vector<std::string>{"0"}) << "what was said stays";
}

TEST_F(ServiceTest, ATableThatLeftAWildcardIsForgottenOnceThatIsAccepted) {
  dir_.Write("checks/orders.toml",
             "[[table]]\nname = \"main.c_*\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  Sql("shop.db", {"CREATE TABLE c_a (x)", "CREATE TABLE c_b (x)"});
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string gone =
      "amont_check_status{source=\"shop\",table=\"main.c_b\",check=\"shop/main.c_b:exists\",kind=\"schema\"";
  ASSERT_TRUE(service.WaitForSample(gone + ",status=\"pass\"", "1"));
  Sql("shop.db", {"DROP TABLE c_b"});
  ASSERT_TRUE(service.WaitForSample(gone + ",status=\"fail\"", "1"));
  Sql("amont.db", {"DELETE FROM known_table WHERE table_name = 'c_b'"});
  EXPECT_TRUE(service.WaitForSample(gone, ""));
  EXPECT_TRUE(WaitForStored("SELECT DISTINCT table_name FROM check_state", {"shop/main.c_a"}));
}

TEST_F(ServiceTest, AWildcardsChecksAreShownAfterARestartBeforeTheyRunAgain) {
  const std::string wildcard =
      "[[table]]\nname = \"main.c_*\"\nsource = \"shop\"\nvolume = { min = 1 }\nschedule = ";
  dir_.Write("checks/orders.toml", wildcard + "\"1s\"\n");
  Sql("shop.db", {"CREATE TABLE c_a (x)"});
  const std::string status =
      "amont_check_status{source=\"shop\",table=\"main.c_a\",check=\"shop/main.c_a:volume\",kind=\"volume\",status="
      "\"fail\"";
  {
    AmontService service(dir_);
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    ASSERT_TRUE(service.WaitForSample(status, "1"));
    service.process().Signal(SIGTERM);
    service.process().Wait();
  }
  dir_.Write("checks/orders.toml", wildcard + "\"0 0 29 2 * UTC\"\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample(status, "1")) << service.process().Errors();
  EXPECT_EQ(service.Sample("amont_runs_total{source=\"shop\"}"), "0") << "no run was needed";
}

TEST_F(ServiceTest, ATokensFileWithAMistakeStaysAndTheDeclarationsApply) {
  const std::string token =
      "[[token]]\nname = \"ops\"\nsha256 = "
      "\"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\nscopes = [\"admin\"]\n";  // of
                                                                                                       // "secret"
  dir_.Write("tokens.toml", token);
  dir_.Write("amont.toml", ReadFile(dir_.Path("amont.toml")) + "auth = { tokens_file = \"tokens.toml\" }\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const auto reload = [&](const std::string& header) {
    return HttpClient(service.http_port()).Ask("POST", "/-/reload", header).status;
  };
  EXPECT_EQ(reload(""), 401);
  dir_.Write("tokens.toml", token + "colour = 1\n");
  dir_.Write("checks/orders.toml",
             "[[table]]\nname = \"main.other\"\nsource = \"shop\"\nschedule = \"1s\"\n");
  EXPECT_EQ(reload("Authorization: Bearer secret\r\n"), 500);
  EXPECT_TRUE(service.WaitForSample("amont_check_info{source=\"shop\",table=\"main.other\"", "1"));
  EXPECT_EQ(service.Sample("amont_config_last_reload_successful"), "0");
  EXPECT_EQ(reload("Authorization: Bearer other\r\n"), 401) << "the tokens stay as they were";
}

TEST_F(ServiceTest, SaysWhatIsInForceWithoutSecrets) {
  dir_.Write(
      "amont.toml",
      std::string("[source.shop]\nurl = \"postgresql://ann:hush1@127.0.0.1:1/shop\"\n[source.more]\nurl = "
                  "\"postgresql://127.0.0.1:1/more?user=ann&password=hush2\"\n[store]\nurl = "
                  "\"sqlite:amont.db\"\n") +
          kAnyPorts);
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  service.process().Signal(SIGTERM);
  service.process().Wait();
  const std::string log = service.process().Errors();
  EXPECT_EQ(log.find("hush"), std::string::npos) << log;
  for (const char* said :
       {"source in force\" source=shop", "store in force", "listeners in force", "127.0.0.1:1/shop"}) {
    EXPECT_NE(log.find(said), std::string::npos) << said << "\n" << log;
  }
}

TEST_F(ServiceTest, AWildcardsTablesComeAndGo) {
  dir_.Write("checks/orders.toml",
             "[[table]]\nname = \"main.c_*\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1 }\n");
  Sql("shop.db", {"CREATE TABLE c_a (x)", "INSERT INTO c_a VALUES (1)"});
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string a =
      "amont_check_status{source=\"shop\",table=\"main.c_a\",check=\"shop/main.c_a:volume\"";
  const std::string b =
      "amont_check_status{source=\"shop\",table=\"main.c_b\",check=\"shop/main.c_b:volume\"";
  EXPECT_TRUE(service.WaitForSample(a, "1"));
  EXPECT_EQ(service.Sample(b), "");
  Sql("shop.db", {"CREATE TABLE c_b (x)", "INSERT INTO c_b VALUES (1)"});
  EXPECT_TRUE(service.WaitForSample(b, "1"));
}

TEST_F(ServiceTest, AWildcardsCheckRunsByTheScheduleThatTheNameGives) {
  dir_.Write(
      "checks/orders.toml",
      "[[table]]\nname = \"main.c_{every}\"\nsource = \"shop\"\nschedule = \"1s\"\nvolume = { min = 1, "
      "schedule = \"{every}\" }\n");
  Sql("shop.db", {"CREATE TABLE c_2s (x)", "INSERT INTO c_2s VALUES (1)"});
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample(
      "amont_check_status{source=\"shop\",table=\"main.c_2s\",check=\"shop/main.c_2s:volume\"", "1"));
}

TEST_F(ServiceTest, ACheckThatIsAddedDoesNotWaitForTheNextSlot) {
  const std::string hourly =
      "[[table]]\nname = \"main.orders\"\nsource = \"shop\"\nschedule = \"1h\"\nvolume = { min = 1 }\n";
  dir_.Write("checks/orders.toml", hourly);
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string status =
      "amont_check_status{source=\"shop\",table=\"main.orders\",check=\"shop/main.orders:";
  ASSERT_TRUE(service.WaitForSample(status + "volume\"", "1"));
  dir_.Write("checks/orders.toml", hourly + "not_null = [\"id\"]\n");
  EXPECT_EQ(Reload(service), 200);
  EXPECT_TRUE(service.WaitForSample(status + "null_count(id)\"", "1"));
}

TEST_F(ServiceTest, ASecondServiceOnTheSameStoreNamesTheFirst) {
  AmontService first(dir_);
  ASSERT_TRUE(first.WaitUntilReady()) << first.process().Errors();
  AmontService second(dir_, "second");
  const ProcessResult result = second.process().Wait();
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find(std::to_string(first.process().pid())), std::string::npos) << result.err;
}

TEST_F(ServiceTest, AConfigurationThatIsWrongAndWasNeverRightIsRefused) {
  dir_.Write("amont.toml", "[serve]\nhttp = \"0.0.0.0:0\"\n");
  AmontService service(dir_);
  const ProcessResult result = service.process().Wait();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_NE(result.err.find("amont.toml:2:8: other machines can reach 0.0.0.0:0"), std::string::npos)
      << result.err;
}

TEST_F(ServiceTest, ASourceThatIsAwayIsDownAndTheOthersRun) {
  dir_.Write("amont.toml",
             std::string("[source.shop]\nurl = \"sqlite:shop.db\"\n[source.far]\nurl = "
                         "\"postgresql://127.0.0.1:1/none\"\n[store]\nurl = \"sqlite:amont.db\"\n") +
                 kAnyPorts);
  dir_.Write("checks/far.toml", "[[table]]\nname = \"public.t\"\nsource = \"far\"\nschedule = \"1s\"\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_TRUE(service.WaitForSample("amont_source_up{source=\"far\"}", "0"));
  EXPECT_TRUE(service.WaitForSample("amont_source_up{source=\"shop\"}", "1"));
  EXPECT_TRUE(service.WaitForSample("amont_check_error{source=\"far\"", "1"));
  EXPECT_TRUE(service.WaitForSample("amont_table_rows{source=\"shop\"", "2"));
}

}  // namespace
}  // namespace amont::testing
