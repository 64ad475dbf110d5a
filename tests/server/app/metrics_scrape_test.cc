// /metrics as its readers see it: Prometheus itself, promtool, and clients of all sorts.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "server/app/http_routes.h"
#include "tests/server/telemetry/seeded.h"
#include "tests/testing/gzip.h"
#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"
#include "tests/testing/process.h"
#include "tests/testing/prometheus.h"

namespace amont {
namespace {

using testing::HttpAnswer;
using testing::HttpClient;
using testing::HttpGet;
using testing::SeededChecks;
using testing::SeededNow;
using testing::SeededStates;

// What one process of the service shows.
struct Replica {
  StateMap states;
  Instruments instruments;
  MetricsPage page{states, instruments};
  std::atomic<bool> ready = false;
  std::unique_ptr<HttpServer> server;

  Replica() {
    HttpHooks hooks;
    hooks.ready = [this] { return ready.load(); };
    hooks.admit = [](const std::string& token, Scope) {
      if (token.empty()) return Admitted{Access::kUnknown, {}, {}};
      return Admitted{token == "admin" ? Access::kGranted : Access::kForbidden, {}, {}};
    };
    hooks.reload = [this] {
      return HttpHooks::Reloaded{ready.load(), ready ? "reloaded\n" : "checks/a.toml:1: wrong\n"};
    };
    HttpOptions options;
    options.timeouts.send = std::chrono::hours(1);  // so that only what the client says can end it
    auto started = HttpServer::Start(options, ServiceRoutes(page, hooks));
    if (started) server = std::move(*started);
  }
  uint16_t port() const { return server->port(); }

  // `checks` as they stood at `at`, of sources that answer.
  void Lead(const std::vector<CheckPtr>& checks, const std::vector<CheckState>& loaded) {
    states.Replace(checks, {});
    states.Load(loaded);
    for (const CheckPtr& check : checks) states.SetSourceUp(check->table->name.source, true);
    instruments.SetLeader(true);
    page.SetLeading(true);
    page.Render();
  }
};

std::string Line(const std::string& page, const std::string& start) {
  const size_t at = page.find("\n" + start);
  return at == std::string::npos ? "" : page.substr(at + 1, page.find('\n', at + 1) - at - 1);
}

TEST(MetricsScrape, GzipIdentityAndHeadAreTheSamePage) {
  Replica replica;
  const std::vector<CheckPtr> checks = SeededChecks(70);
  replica.Lead(checks, SeededStates(checks, SeededNow()));
  HttpClient client(replica.port());
  const HttpAnswer plain = client.Ask("GET", "/metrics");
  EXPECT_EQ(plain.status, 200);
  EXPECT_EQ(plain.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_FALSE(plain.headers.contains("content-encoding"));
  const HttpAnswer gzip = client.Ask("GET", "/metrics", "Accept-Encoding: deflate, gzip;q=0.5\r\n");
  EXPECT_EQ(gzip.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(gzip.headers.at("vary"), "Accept-Encoding");
  EXPECT_LT(gzip.body.size() * 5, plain.body.size());
  const std::string page = testing::Gunzip(gzip.body).value_or("");
  EXPECT_EQ(page.substr(page.find("# HELP amont_check_status")),
            plain.body.substr(plain.body.find("# HELP amont_check_status")));
  EXPECT_FALSE(
      client.Ask("GET", "/metrics", "Accept-Encoding: gzip;q=0\r\n").headers.contains("content-encoding"));
  const HttpAnswer head = client.Ask("HEAD", "/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoul(head.headers.at("content-length")), 1000u);
  EXPECT_EQ(client.Ask("POST", "/metrics").status, 405);
}

TEST(MetricsScrape, HealthReadinessAndReloadAnswerEachForItself) {
  Replica replica;
  HttpClient client(replica.port());
  EXPECT_EQ(client.Ask("GET", "/-/healthy").status, 200);
  EXPECT_EQ(client.Ask("GET", "/-/ready").status, 503);
  const HttpAnswer bad = client.Ask("POST", "/-/reload", "Authorization: Bearer admin\r\n");
  EXPECT_EQ(bad.status, 500);
  EXPECT_EQ(bad.body, "checks/a.toml:1: wrong\n");
  replica.ready = true;
  EXPECT_EQ(client.Ask("GET", "/-/ready").status, 200);
  EXPECT_EQ(client.Ask("PUT", "/-/reload", "Authorization: Bearer admin\r\n").status, 200);
  EXPECT_EQ(client.Ask("POST", "/-/reload", "Authorization: Bearer other\r\n").status, 403);
  const HttpAnswer nobody = client.Ask("POST", "/-/reload");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(nobody.headers.at("www-authenticate"), "Bearer");
  EXPECT_EQ(client.Ask("GET", "/-/reload").status, 405);
}

// Prometheus says how long it waits; who reads slower than that gets no second chance.
TEST(MetricsScrape, AScrapeEndsWithPrometheusTimeout) {
  Replica replica;
  const std::vector<CheckPtr> checks = SeededChecks(2'000);  // far more than sockets hold
  replica.Lead(checks, SeededStates(checks, SeededNow()));
  HttpClient stuck(replica.port());
  stuck.Send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Prometheus-Scrape-Timeout-Seconds: 0.2\r\n\r\n");
  EXPECT_TRUE(stuck.WaitForHangUp());
  EXPECT_EQ(stuck.Read().status, 0);
  EXPECT_EQ(HttpGet(replica.port(), "/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 60\r\n").status, 200);
  EXPECT_EQ(HttpGet(replica.port(), "/metrics", "X-Prometheus-Scrape-Timeout-Seconds: soon\r\n").status, 200);
}

TEST(MetricsScrape, ScrapesDoNotQueueBehindAClientThatTakesNothing) {
  Replica replica;
  const std::vector<CheckPtr> checks = SeededChecks(2'000);
  replica.Lead(checks, SeededStates(checks, SeededNow()));
  std::vector<std::unique_ptr<HttpClient>> stuck;
  for (int i = 0; i < 20; ++i) {
    stuck.push_back(std::make_unique<HttpClient>(replica.port()));
    stuck.back()->Send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  for (int i = 0; i < 20; ++i) {
    const HttpAnswer answer = HttpGet(replica.port(), "/metrics", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(testing::Gunzip(answer.body).has_value());
  }
}

TEST(PrometheusScrape, TheQueriesHoldOverTwoReplicas) {
  Replica leads, stands_by;
  const std::vector<CheckPtr> checks = SeededChecks(3);
  const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  std::vector<CheckState> states = SeededStates(checks, now);
  states[1].status = Status::kFail;                    // the volume of the first table
  states[5].deadline = now - std::chrono::minutes(1);  // the freshness of the second
  leads.Lead(checks, states);
  leads.states.SetNextRun(std::vector{checks[1]->id, checks[2]->id}, now - std::chrono::minutes(16));
  leads.states.SetNextRun(std::vector{checks[3]->id}, now + std::chrono::minutes(5));
  leads.page.Render();
  stands_by.states.Replace(checks, {});
  stands_by.states.Load(states);
  const testing::PrometheusServer prometheus({leads.port(), stands_by.port()});

  EXPECT_EQ(prometheus.QueryUntil("count(up == 1)", [](const std::string& a) { return a == "{} => 2\n"; }),
            "{} => 2\n");
  EXPECT_EQ(prometheus.Query("sum(amont_leader)"), "{} => 1\n");
  const std::string failing =
      "max by (source,table,check) (amont_check_status{status=\"fail\"}) * on (source,table,check) "
      "group_left (severity,tier,data_owner) max by (source,table,check,severity,tier,data_owner) "
      "(amont_check_info) unless on (source,table) amont_table_upstream_incident";
  EXPECT_EQ(
      prometheus.Query(failing),
      "{check=\"warehouse/mart.orders_of_region_0:volume\", data_owner=\"finance\", "
      "severity=\"warning\", source=\"warehouse\", table=\"mart.orders_of_region_0\", tier=\"1\"} => 1\n");
  const std::string stalled =
      "count by (source) (time() - max by (source,table,check) (amont_check_next_run_timestamp_seconds) > "
      "900) > 0";
  EXPECT_EQ(prometheus.Query(stalled), "{source=\"warehouse\"} => 2\n");
  const std::string overdue =
      "count by (source,table) (time() > max by (source,table) "
      "(amont_table_freshness_deadline_timestamp_seconds) and on (source) min by (source) (amont_source_up) "
      "== 1)";
  EXPECT_EQ(prometheus.Query(overdue), "{source=\"warehouse\", table=\"mart.orders_of_region_1\"} => 1\n");

  // The other takes over: the series of the first end at once, since nothing is scraped with a time of its
  // own.
  leads.page.SetLeading(false);
  states[1].status = Status::kPass;
  states[1].last_run += std::chrono::seconds(1);
  stands_by.Lead(checks, states);
  EXPECT_EQ(prometheus.QueryUntil(failing, [](const std::string& a) { return a.empty(); }), "");
  EXPECT_EQ(prometheus.QueryUntil("count(amont_check_status)",
                                  [](const std::string& a) { return a == "{} => 15\n"; }),
            "{} => 15\n");
}

TEST(PrometheusScrape, RulesHoldOverATakeover) {
  testing::ProcessOptions options;
  options.directory = testing::SourcePath("tests/cases/promql");
  const testing::ProcessResult tested =
      testing::RunProgram({"promtool", "test", "rules", "queries.yml"}, options);
  EXPECT_EQ(tested.exit_code, 0) << tested.out << tested.err;
}

TEST(PrometheusScrape, AnythingASourceMayNameIsScraped) {
  Replica replica;
  std::vector<CheckPtr> odd;
  for (const std::string& name : {std::string("a\"b\\c\nd"), std::string("🦆"), std::string("\xff"),
                                  std::string("\xfe"), std::string("nul\0l", 5)}) {
    odd.push_back(testing::SeededCheck(testing::SeededTable({"w", "s", name}), "sql", "sql@" + name));
  }
  replica.Lead(odd, SeededStates(odd, SeededNow()));
  testing::ProcessOptions options;
  options.input = HttpGet(replica.port(), "/metrics").body;
  ASSERT_NE(Line(options.input, "amont_check_status{"), "");
  const testing::ProcessResult checked = testing::RunProgram({"promtool", "check", "metrics"}, options);
  EXPECT_EQ(checked.out + checked.err, "");
  const testing::PrometheusServer prometheus({replica.port()});
  EXPECT_EQ(prometheus.QueryUntil("count(amont_check_status)",
                                  [](const std::string& a) { return a == "{} => 5\n"; }),
            "{} => 5\n");
  EXPECT_EQ(prometheus.Query("count(amont_check_value{table=~'(?s).*a\"\"b.c.d.*'})"), "{} => 1\n");
}

}  // namespace
}  // namespace amont
