// status, history and run --server as a user has them: the program against a service, or against its store.

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "tests/core/sql/sqlite_writer.h"
#include "tests/server/cli/project.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

constexpr const char* kVolume = "shop/orders:volume";
constexpr const char* kAmount = "shop/orders:min(amount)";

class ServiceCommands : public ::testing::Test {
 protected:
  ServiceCommands() {
    Shop(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount REAL, country TEXT);"
        "CREATE TABLE lines (id INTEGER PRIMARY KEY);"
        "INSERT INTO orders VALUES (1, 1, 'FR'), (2, 20, 'DE'), (3, 30, 'DE'); INSERT INTO lines VALUES (1)");
    project_.Config(
        std::string("[source.shop]\nurl = \"sqlite:shop.db\"\n[owner.finance]\n[store]\nurl = "
                    "\"sqlite:amont.db\"\n[defaults]\nsource = \"shop\"\nschedule = \"0 0 1 1 *\"\n") +
        kAnyPorts + serve_);
    project_.Declare(
        "[[table]]\nname = \"orders\"\nowner = \"finance\"\ntier = 1\n[table.volume]\nmin = 2\n"
        "[table.columns.amount]\nmin = { min = 5, group_by = \"country\" }\n"
        "[[table]]\nname = \"lines\"\n[table.volume]\nmax = 9\n");
  }
  void Shop(const std::string& sql) { SqliteWriter(project_.Path("shop.db")).Run(sql); }

  // A service that has measured everything once, and by its schedule does not before the next year.
  std::unique_ptr<AmontService> Serve() {
    auto service = std::make_unique<AmontService>(project_.directory());
    EXPECT_TRUE(service->WaitUntilReady()) << service->process().Errors();
    const ProcessResult first = Ask({"run"}, *service);
    EXPECT_EQ(first.exit_code, 1) << first.out << first.err;
    return service;
  }
  ProcessResult Ask(std::vector<std::string> arguments, const AmontService& service) {
    arguments.push_back("--server=" + service.grpc_address());
    return project_.Amont(arguments, {.env = environment_, .input = {}, .directory = {}});
  }
  static bool Has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  Project project_;
  std::map<std::string, std::string> environment_ = {{"LC_ALL", "C.UTF-8"}};
  std::string serve_;
};

TEST_F(ServiceCommands, StatusShowsWorstFirstAndExitsAsARunDoes) {
  const auto service = Serve();
  const ProcessResult text = Ask({"status"}, *service);
  EXPECT_EQ(text.exit_code, 1) << text.err;
  EXPECT_TRUE(text.out.starts_with("✗ shop/orders  owner finance · tier 1 · 1 failed, ")) << text.out;
  EXPECT_TRUE(Has(text.out, " · next run in ")) << text.out;
  EXPECT_TRUE(Has(text.out, "critical · since 20")) << text.out;
  EXPECT_TRUE(Has(text.out, " · checks/tables.toml:")) << text.out;
  EXPECT_TRUE(Has(text.out, "(now, " + service->grpc_address() + ")\n")) << text.out;

  const Report report = ReadReport(Ask({"status", "--format=json"}, *service));
  EXPECT_EQ(report.Status(kAmount), "fail");
  EXPECT_EQ(report.Status(kVolume), "pass");
  EXPECT_EQ(report.json["told_by"].text, service->grpc_address());
  const JsonTree& worst = report.json["tables"].items.at(0)["checks"].items.at(0);
  EXPECT_EQ(worst["id"].text, kAmount);
  for (const char* key : {"since", "last_run", "last_success", "next_run"}) {
    EXPECT_TRUE(worst[key].text.starts_with("20")) << key;
  }
  EXPECT_EQ(report.json["statements"].kind, JsonTree::Kind::kAbsent);

  EXPECT_EQ(Ask({"status", "lines"}, *service).exit_code, 0);
  EXPECT_EQ(Ask({"status", "--owner=finance"}, *service).exit_code, 1);
}

TEST_F(ServiceCommands, AWordThatSelectsNothingIsWrongUsage) {
  const auto service = Serve();
  for (const std::string command : {"status", "run"}) {
    const ProcessResult result = Ask({command, "ordrs"}, *service);
    EXPECT_EQ(result.exit_code, 64) << result.out;
    EXPECT_TRUE(Has(result.err, "`ordrs`; did you mean `orders`?")) << result.err;
    const ProcessResult owner = Ask({command, "--owner=finanse"}, *service);
    EXPECT_EQ(owner.exit_code, 64) << owner.out;
    EXPECT_TRUE(Has(owner.err, "did you mean `finance`?")) << owner.err;
  }
}

TEST_F(ServiceCommands, WhatIsNotMeasuredYetIsUnknown) {
  AmontService service(project_.directory());
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const Report report = ReadReport(Ask({"status", "--format=json"}, service));
  EXPECT_EQ(report.Status(kVolume), "no_data");
  EXPECT_EQ(report.At(kVolume).sentence, "not measured yet");
  EXPECT_EQ(report.exit_code, 2);
  const ProcessResult text = Ask({"status", "orders"}, service);
  EXPECT_EQ(text.exit_code, 2);
  EXPECT_TRUE(Has(text.out, "  no_data   volume  not measured yet\n")) << text.out;
  const ProcessResult history = Ask({"history", kVolume}, service);
  EXPECT_EQ(history.exit_code, 0) << history.err;
  EXPECT_TRUE(Has(history.out, "  measured  nothing since 20")) << history.out;
}

TEST_F(ServiceCommands, AFileWithAMistakeIsANote) {
  const auto service = Serve();
  project_.Declare("[[table]]\nname = \"orders\"\nvolum = { min = 1 }\n");
  project_.directory().Write("checks/new.toml", "[[table]]\nnam = \"lines\"\n");
  service->process().Signal(SIGHUP);
  ASSERT_TRUE(service->process().WaitForText("msg=reloaded")) << service->process().Errors();
  const Report report = ReadReport(Ask({"status", "--format=json"}, *service));
  EXPECT_EQ(report.Status(kVolume), "pass") << "what was accepted holds";
  ASSERT_EQ(report.notes.size(), 2);
  EXPECT_TRUE(Has(report.notes[0], "checks/new.toml:")) << report.notes[0];
  EXPECT_TRUE(report.notes[0].ends_with(" (nothing of that file is in force)")) << report.notes[0];
  EXPECT_TRUE(Has(report.notes[1], "checks/tables.toml:3:1: unknown key `volum`")) << report.notes[1];
  EXPECT_TRUE(report.notes[1].ends_with(" (its last accepted text is in force)")) << report.notes[1];
}

TEST_F(ServiceCommands, WithoutAServiceTheStoreIsRead) {
  const ProcessResult before = project_.Amont({"status"});
  EXPECT_EQ(before.exit_code, 2);
  EXPECT_TRUE(Has(before.err, "nothing was measured yet: ")) << before.err;
  ASSERT_EQ(project_.Amont({"run"}).exit_code, 1);
  const Report report = ReadReport(project_.Amont({"status", "--format=json"}));
  EXPECT_EQ(report.Status(kAmount), "fail");
  EXPECT_EQ(report.At(kAmount).severity, "critical");
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_EQ(project_.Amont({"status", "--store=sqlite:amont.db", "lines"}).exit_code, 0);
  EXPECT_EQ(project_.Amont({"status", "ordrs"}).exit_code, 64);
  EXPECT_EQ(project_.Amont({"status", "--store=none"}).exit_code, 64);
  EXPECT_EQ(project_.Amont({"status", "--server=127.0.0.1:1", "--store=sqlite:amont.db"}).exit_code, 64);
  project_.Config("source = 1\n");
  EXPECT_EQ(project_.Amont({"status"}).exit_code, 3);
}

TEST_F(ServiceCommands, AWildcardsTablesAreKnownFromTheStore) {
  project_.Declare("[[table]]\nname = \"l*\"\n[table.volume]\nmin = 1\n");
  ASSERT_EQ(project_.Amont({"run"}).exit_code, 0);
  const Report report = ReadReport(project_.Amont({"status", "--format=json"}));
  EXPECT_EQ(report.Status("shop/lines:volume"), "pass");
  EXPECT_EQ(report.exit_code, 0);
  const ProcessResult history = project_.Amont({"history", "shop/lines:exists"});
  EXPECT_EQ(history.exit_code, 0) << history.err;
  EXPECT_TRUE(history.out.starts_with("shop/lines:exists  ")) << history.out;
}

TEST_F(ServiceCommands, AServiceThatDoesNotAnswerIsUnknown) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status"}, {"history", kVolume}, {"run"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--server=127.0.0.1:1");
    const ProcessResult result = project_.Amont(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_TRUE(result.err.starts_with("amont: no service answers at 127.0.0.1:1: ")) << result.err;
  }
  const ProcessResult by_environment =
      project_.Amont({"status"}, {.env = {{"AMONT_SERVER", "127.0.0.1:1"}}, .input = {}, .directory = {}});
  EXPECT_EQ(by_environment.exit_code, 2);
  EXPECT_EQ(project_.Amont({"status", "--server=nowhere"}).exit_code, 64);
}

TEST_F(ServiceCommands, HistoryDrawsWhatWasMeasured) {
  const auto service = Serve();
  for (int i = 10; i < 14; ++i) {
    Shop("INSERT INTO orders VALUES (" + std::to_string(i) + ", " + std::to_string(i) + ", 'FR')");
    EXPECT_EQ(Ask({"run", "orders"}, *service).exit_code, 1);
  }
  const ProcessResult text = Ask({"history", kVolume}, *service);
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("shop/orders:volume  owner finance · critical · checks/tables.toml:"));
  EXPECT_TRUE(Has(text.out, "\n  now       pass since 20")) << text.out;
  EXPECT_TRUE(Has(text.out, "\n  expected  at least 2\n")) << text.out;
  EXPECT_TRUE(Has(text.out, "▃▅▇█  3 to 7\n") || Has(text.out, "▃▅▆█  3 to 7\n")) << text.out;
  EXPECT_TRUE(Has(text.out, "\n  changes of the verdict\n")) << text.out;
  EXPECT_TRUE(text.out.ends_with("  pass      7\n")) << text.out;

  environment_["LC_ALL"] = "C";
  EXPECT_TRUE(Has(Ask({"history", kVolume}, *service).out, "#  3 to 7\n"));

  const ProcessResult written = Ask({"history", kVolume, "--format=json"}, *service);
  const auto json = ParseJson(written.out);
  ASSERT_TRUE(json) << written.out;
  EXPECT_EQ((*json)["now"]["expected_min"].text.substr(0, 1), "2");
  EXPECT_EQ((*json)["measurements"].items.back()["observed"].text, "7");
  EXPECT_EQ((*json)["changes"].items.size(), 1);
}

TEST_F(ServiceCommands, HistoryOfGroupsDrawsEach) {
  const auto service = Serve();
  const ProcessResult all = Ask({"history", kAmount}, *service);
  EXPECT_LT(all.out.find("fail      FR  1\n"), all.out.find("pass      DE  20\n")) << all.out;
  EXPECT_TRUE(Has(all.out, "pass      DE  20\n")) << all.out;
  const ProcessResult one = Ask({"history", kAmount, "--group=DE"}, *service);
  EXPECT_TRUE(Has(one.out, "of group DE")) << one.out;
  EXPECT_FALSE(Has(one.out, "FR  1")) << one.out;
  const ProcessResult none = Ask({"history", kAmount, "--group=DEE"}, *service);
  EXPECT_EQ(none.exit_code, 64) << none.out;
  EXPECT_TRUE(Has(none.err, "no group `DEE` was measured; did you mean `DE`?")) << none.err;
  EXPECT_EQ(Ask({"history", kVolume, "--group=DE"}, *service).exit_code, 64);
}

TEST_F(ServiceCommands, HistoryOfFreshnessShowsAges) {
  Shop(
      "CREATE TABLE loads (at TEXT);"
      "INSERT INTO loads VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-2 hours'))");
  project_.Declare(
      "[[table]]\nname = \"loads\"\n[table.freshness]\ncolumn = \"at\"\nformat = \"iso\"\nfail_after = "
      "\"3h\"\n");
  AmontService service(project_.directory());
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ASSERT_EQ(Ask({"run"}, service).exit_code, 0);
  const ProcessResult text = Ask({"history", "shop/loads:freshness"}, service);
  EXPECT_TRUE(Has(text.out, "\n  expected  at most 3 h\n")) << text.out;
  EXPECT_TRUE(Has(text.out, "\n  measured  ▅  2 h\n")) << text.out;
  EXPECT_TRUE(Has(text.out, "  pass      2 h old (20")) << text.out;
}

TEST_F(ServiceCommands, HistorySaysWhatItDoesNotKnow) {
  const auto service = Serve();
  const ProcessResult unknown = Ask({"history", "shop/orders:volum"}, *service);
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_EQ(unknown.err,
            "amont: there is no check `shop/orders:volum`; did you mean `shop/orders:volume`?\n");
  const ProcessResult table = Ask({"history", "orders"}, *service);
  EXPECT_EQ(table.exit_code, 64);
  EXPECT_TRUE(Has(table.err, "`orders` is no check but a table; its checks are shop/orders:")) << table.err;
  const ProcessResult empty = Ask({"history", kVolume, "--since=2200-01-01"}, *service);
  EXPECT_EQ(empty.exit_code, 0) << empty.err;
  EXPECT_TRUE(Has(empty.out, "measured  nothing since 2200-01-01T00:00:00Z\n")) << empty.out;
  const ProcessResult since = Ask({"history", kVolume, "--since=yesterday"}, *service);
  EXPECT_EQ(since.exit_code, 64);
  EXPECT_TRUE(Has(since.err, "--since is a span such as 30d")) << since.err;
}

TEST_F(ServiceCommands, ARunOnTheServiceReportsAsOneOfOurOwn) {
  const auto service = Serve();
  const Report theirs = ReadReport(Ask({"run", "--format=json"}, *service));
  const Report ours = project_.Run({"--store=none"});
  EXPECT_EQ(theirs.Statuses(), ours.Statuses());
  EXPECT_EQ(theirs.exit_code, ours.exit_code);
  for (const auto& [id, check] : ours.checks) {
    EXPECT_EQ(theirs.At(id).sentence, check.sentence);
    // Over the wire 1.0 is 1.
    EXPECT_EQ(std::atof(theirs.At(id).observed.c_str()), std::atof(check.observed.c_str())) << id;
    EXPECT_EQ(theirs.At(id).severity, check.severity);
    EXPECT_EQ(theirs.At(id).declared_at, check.declared_at);
    EXPECT_EQ(theirs.At(id).proof, check.proof);
    EXPECT_EQ(theirs.At(id).groups, check.groups);
  }
  EXPECT_EQ(theirs.statements, ours.statements);
  const ProcessResult junit = Ask({"run", "--format=junit"}, *service);
  EXPECT_EQ(junit.exit_code, 1);
  EXPECT_EQ(XmlComplaint(junit.out), "");
  EXPECT_TRUE(Has(junit.out, "<failure type=\"critical\"")) << junit.out;
  EXPECT_EQ(Ask({"run", "lines"}, *service).exit_code, 0);
}

TEST_F(ServiceCommands, ARunIsRepeatedByItsId) {
  const auto service = Serve();
  const Report first = ReadReport(Ask({"run", "--format=json", "--request-id=nightly"}, *service));
  Shop("UPDATE orders SET amount = 50");
  const Report again = ReadReport(Ask({"run", "--format=json", "--request-id=nightly"}, *service));
  EXPECT_EQ(again.Statuses(), first.Statuses()) << "its verdicts, not new ones";
  EXPECT_FALSE(again.notes.empty());
  EXPECT_EQ(ReadReport(Ask({"run", "--format=json"}, *service)).Status(kAmount), "pass");
  EXPECT_EQ(project_.Amont({"run", "--request-id=nightly"}).exit_code, 64);
}

TEST_F(ServiceCommands, WhatOnlyARunOfOurOwnCanDoIsWrongUsage) {
  for (const std::string flag : {"--as-of=2001-01-01", "--store=none", "--record=no", "--disable=fold"}) {
    const ProcessResult result = project_.Amont({"run", "--server=127.0.0.1:1", flag});
    EXPECT_EQ(result.exit_code, 64) << flag;
    EXPECT_TRUE(Has(result.err, flag.substr(0, flag.find('=')) + " cannot be had with --server: "))
        << result.err;
  }
}

TEST_F(ServiceCommands, AnInterruptCancelsTheRun) {
  // A recursive query that takes far longer than any test waits.
  project_.Declare(
      "[[table]]\nname = \"orders\"\n[[table.sql]]\nname = \"slow\"\nvalue = \"WITH RECURSIVE n(i) AS (SELECT 1 "
      "UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT count(*) FROM n\"\nmin = 1\n");
  AmontService service(project_.directory());
  ASSERT_TRUE(service.WaitUntilReady());
  Process run({AmontProgram(), "run", "--server=" + service.grpc_address(), "--request-id=slow"});
  ASSERT_TRUE(service.process().WaitForText("request_id=slow")) << service.process().Errors();
  run.Signal(SIGINT);
  const ProcessResult ended = run.Wait();
  EXPECT_EQ(ended.exit_code, 130) << ended.err;
  EXPECT_TRUE(Has(ended.out, "interrupted: ")) << ended.out;
}

TEST_F(ServiceCommands, TokensAndCertificatesAreAskedFor) {
  const auto made = RunProgram({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                "-keyout", project_.Path("key.pem"), "-out", project_.Path("cert.pem")});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  // sha256 of "secret"
  project_.directory().Write(
      "tokens.toml",
      "[[token]]\nname = \"ci\"\nscopes = [\"read\", \"run\"]\n"
      "sha256 = \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n"
      "[[token]]\nname = \"runner\"\nscopes = [\"run\"]\n"
      "sha256 = \"" +
          std::string("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824") + "\"\n");
  project_.directory().Write(
      "amont.toml", ReadFile(project_.Path("amont.toml")) +
                        "tls = { cert_file = \"cert.pem\", key_file = \"key.pem\" }\nauth = { tokens_file = "
                        "\"tokens.toml\" }\n");
  AmontService service(project_.directory());
  ASSERT_TRUE(service.WaitUntilListening()) << service.process().Errors();
  environment_["AMONT_CA_FILE"] = project_.Path("cert.pem");
  const ProcessResult bare = Ask({"status"}, service);
  EXPECT_EQ(bare.exit_code, 3) << bare.err;
  EXPECT_TRUE(Has(bare.err, "AMONT_TOKEN or AMONT_TOKEN_FILE holds the token")) << bare.err;
  environment_["AMONT_TOKEN"] = "secret";
  EXPECT_EQ(Ask({"run"}, service).exit_code, 1);
  const ProcessResult status = Ask({"status"}, service);
  EXPECT_EQ(status.exit_code, 1) << status.err;

  environment_["AMONT_TOKEN"] = "hello";  // may run, not read
  const Report run = ReadReport(Ask({"run", "--format=json"}, service));
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.At(kAmount).severity, "warning");
  EXPECT_EQ(Ask({"status"}, service).exit_code, 3);

  environment_.erase("AMONT_CA_FILE");
  environment_["AMONT_TOKEN"] = "secret";
  EXPECT_EQ(Ask({"status"}, service).exit_code, 2) << "in the clear to a server that speaks TLS";
}

}  // namespace
}  // namespace amont::testing
