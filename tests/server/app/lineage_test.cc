// Lineage over HTTP, on a real `amont serve`: what is taken, refused, bounded and kept.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "core/json_document.h"
#include "core/time.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/gzip.h"
#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

constexpr const char* kJson = "Content-Type: application/json\r\n";
const std::string kRun = "0190e1a0-0000-7000-8000-000000000001";

std::string Dataset(const std::string& name) {
  return fmt::format(R"({{"namespace":"postgres://db:5432","name":"shop.{}"}})", name);
}

// What is old has expired.
std::string Now() {
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

std::string Event(const std::string& run, const std::string& type, const std::string& inputs,
                  const std::string& outputs, const std::string& time = Now()) {
  return fmt::format(
      R"({{"eventTime":"{}","producer":"p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json",)"
      R"("eventType":"{}","run":{{"runId":"{}"}},"job":{{"namespace":"n","name":"j"}},"inputs":[{}],"outputs":[{}]}})",
      time, type, run, inputs, outputs);
}

class LineageServiceTest : public ::testing::Test {
 protected:
  LineageServiceTest() { Configure(""); }

  void Configure(const std::string& serve) {
    dir_.Write("amont.toml",
               std::string(
                   "[source.wh]\nurl = \"postgresql://db:5432/shop\"\n[source.crm]\nurl = \"sqlite:crm.db\"\n"
                   "[store]\nurl = \"sqlite:amont.db\"\n") +
                   kAnyPorts + serve + "[lineage]\naliases = { \"postgres://db:5432/crm\" = \"crm\" }\n");
  }
  // Tokens "w", "c" and "r": lineage of wh, of crm, and reading only.
  void ConfigureTokens() {
    const auto token = [](const std::string& name, const std::string& digest, const std::string& scope,
                          const std::string& sources) {
      return fmt::format("[[token]]\nname = \"{}\"\nsha256 = \"{}\"\nscopes = [\"{}\"]\n{}\n", name, digest,
                         scope, sources);
    };
    dir_.Write(
        "tokens.toml",
        token("wh", "50e721e49c013f00c62cf59f2163542a9d8df02464efeb615d31051b0fddc326", "lineage",
              "sources = [\"wh\"]") +
            token("crm", "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6", "lineage",
                  "sources = [\"crm\"]") +
            token("reader", "454349e422f05297191ead13e21d3db520e5abef52055e4964b82fb213f593a1", "read", ""));
    Configure("auth = { tokens_file = \"tokens.toml\" }\n");
  }
  static HttpAnswer Post(const AmontService& service, const std::string& body, const std::string& path = "",
                         const std::string& headers = "") {
    return HttpClient(service.http_port()).Ask("POST", "/api/v1/lineage" + path, kJson + headers, body);
  }
  static std::string Bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }
  static HttpAnswer Graph(const AmontService& service, const std::string& query,
                          const std::string& headers = "") {
    return HttpGet(service.http_port(), "/api/v1/lineage/graph?" + query, headers);
  }
  // Waits until the graph around the table has so many nodes.
  static bool WaitForNodes(const AmontService& service, const std::string& table, size_t nodes) {
    for (int i = 0; i < 600; ++i) {
      const HttpAnswer answer = Graph(service, "limit=1500&table=" + table);
      const auto json = ParseJson(answer.body);
      if (json && json->Root()["nodes"].Size() == nodes) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  TempDir dir_;
};

TEST_F(LineageServiceTest, AnEventIsTakenAndTheGraphShowsIt) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  EXPECT_EQ(Graph(service, "table=wh/mart.orders").status, 404);
  const HttpAnswer taken =
      Post(service, Event(kRun, "COMPLETE", Dataset("raw.orders"), Dataset("mart.orders")));
  EXPECT_EQ(taken.status, 201) << taken.body;
  ASSERT_TRUE(WaitForNodes(service, "wh/mart.orders", 2));
  const HttpAnswer graph = Graph(service, "table=wh/mart.orders&direction=upstream&depth=1");
  EXPECT_EQ(graph.headers.at("content-type"), "application/json");
  const auto json = ParseJson(graph.body);
  ASSERT_TRUE(json.has_value()) << graph.body;
  EXPECT_EQ(json->Root()["edges"].Size(), 1u);
  for (const JsonValue edge : json->Root()["edges"]) {
    EXPECT_EQ(edge["source"].String(), "wh/raw.orders");
    EXPECT_EQ(edge["target"].String(), "wh/mart.orders");
    EXPECT_EQ(edge["mainstat"].String(), "openlineage");
  }
  EXPECT_EQ(Graph(service, "table=mart.orders").status, 200) << "the only PostgreSQL source is meant";
  const HttpAnswer unknown = Graph(service, "table=wh/mart.ordres");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("did you mean"), std::string::npos) << unknown.body;
  EXPECT_EQ(Graph(service, "table=").status, 400);
  EXPECT_EQ(Graph(service, "table=wh/mart.orders&direction=sideways").status, 400);
  EXPECT_EQ(Graph(service, "table=wh/mart.orders&depth=-1").status, 400);
  EXPECT_TRUE(service.WaitForSample("amont_lineage_events_total{status=\"accepted\"}", "1"));
  EXPECT_TRUE(service.WaitForSample("amont_lineage_edges{provenance=\"openlineage\"}", "1"));
}

TEST_F(LineageServiceTest, TheSqlOfAnEventIsReadToo) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  std::string event = Event(kRun, "COMPLETE", "", Dataset("mart.b"));
  const std::string job = R"("job":{"namespace":"n","name":"j")";
  const std::string sql =
      R"(,"facets":{"sql":{"_producer":"p","_schemaURL":"s","query":"INSERT INTO mart.b SELECT id FROM raw.x; SELEC"}})";
  event.insert(event.find(job) + job.size(), sql);
  const HttpAnswer taken = Post(service, event);
  EXPECT_EQ(taken.status, 201) << taken.body;
  EXPECT_TRUE(WaitForNodes(service, "wh/mart.b", 2));
  EXPECT_TRUE(service.WaitForSample("amont_lineage_statements_total{status=\"failed\"}", "1"));
}

TEST_F(LineageServiceTest, WhatIsRefusedSaysWhy) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const auto reason = [&](const std::string& body, int status = 400) {
    const HttpAnswer answer = Post(service, body);
    EXPECT_EQ(answer.status, status) << body.substr(0, 300);
    const auto json = ParseJson(answer.body);
    return json ? std::string(json->Root()["error"].String()) : "no JSON: " + answer.body;
  };
  EXPECT_NE(reason("not json"), "");
  EXPECT_NE(
      reason(R"({"eventTime":"2026-01-24T06:00:00Z","producer":"p","schemaURL":"s","eventType":"START",)"
             R"("job":{"namespace":"n","name":"j"},"run":{}})")
          .find("/run/runId: missing"),
      std::string::npos);
  EXPECT_NE(reason(Event(kRun, "START", "7", "")).find("/inputs/0: a number"), std::string::npos);
  EXPECT_NE(reason(Event(kRun, "START", "", "", "2999-01-01T00:00:00Z")).find("future"), std::string::npos);
  EXPECT_EQ(Post(service, std::string((4u << 20) + 1, ' ')).status, 413);
  const HttpAnswer form =
      HttpClient(service.http_port()).Ask("POST", "/api/v1/lineage", "Content-Type: text/plain\r\n", "{}");
  EXPECT_EQ(form.status, 415);
  std::string inputs;
  for (int i = 0; i < 2000; ++i) inputs += (i > 0 ? "," : "") + Dataset("raw.t" + std::to_string(i));
  EXPECT_EQ(Post(service, Event(kRun, "COMPLETE", inputs, Dataset("mart.b"))).status, 201) << "many are fine";
  const std::string strange = R"({"namespace":"postgres://db:None","name":"shop.raw.x"})";
  EXPECT_EQ(Post(service, Event(kRun, "COMPLETE", strange, Dataset("mart.c"))).status, 201);
}

TEST_F(LineageServiceTest, ABatchSaysWhichOfItsEventsWereNotTaken) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string good = Event(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b"));
  EXPECT_EQ(Post(service, "[" + good + "," + good + "]", "/batch").status, 204);
  const HttpAnswer partly = Post(service, "[" + good + ",{}," + good + "]", "/batch");
  EXPECT_EQ(partly.status, 200);
  const auto json = ParseJson(partly.body);
  ASSERT_TRUE(json.has_value()) << partly.body;
  EXPECT_EQ(json->Root()["status"].String(), "partial_success");
  EXPECT_EQ(json->Root()["summary"]["received"].Integer(), 3);
  EXPECT_EQ(json->Root()["summary"]["successful"].Integer(), 2);
  EXPECT_EQ(json->Root()["summary"]["failed"].Integer(), 1);
  for (const JsonValue failed : json->Root()["failed_events"]) EXPECT_EQ(failed["index"].Integer(), 1);
  EXPECT_EQ(Post(service, "[" + good, "/batch").status, 400) << "it is cut";
}

TEST_F(LineageServiceTest, GzipIsInflatedAndABombIsNot) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string gzip = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(
      Post(service, Gzip(Event(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b"))), "", gzip).status,
      201);
  EXPECT_EQ(Post(service, Gzip(std::string(200u << 20, ' ')), "/batch", gzip).status, 413);
  EXPECT_EQ(Post(service, Gzip("{}").substr(0, 12), "", gzip).status, 400);
}

TEST_F(LineageServiceTest, ATokenWritesWhatItsScopeAndSourcesAllow) {
  ConfigureTokens();
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::string event = Event(kRun, "COMPLETE", Dataset("raw.a"), Dataset("mart.b"));
  EXPECT_EQ(Post(service, event).status, 401);
  EXPECT_EQ(Post(service, event, "", Bearer("x")).status, 401);
  EXPECT_EQ(Post(service, event, "", Bearer("r")).status, 403) << "the scope is missing";
  EXPECT_EQ(Post(service, event, "", Bearer("c")).status, 403) << "it is another source's";
  EXPECT_EQ(Post(service, event, "", Bearer("w")).status, 201);
  EXPECT_EQ(Graph(service, "table=wh/mart.b", Bearer("w")).status, 403);
  EXPECT_EQ(Graph(service, "table=wh/mart.b").status, 401);
  for (int i = 0; i < 400 && Graph(service, "table=wh/mart.b", Bearer("r")).status == 404; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(Graph(service, "table=wh/mart.b", Bearer("r")).status, 200);
  EXPECT_NE(service.process().Errors().find("token=wh"), std::string::npos) << "every write is logged";
}

TEST_F(LineageServiceTest, WhatWasAcknowledgedOutlivesAKill) {
  std::vector<std::string> tables;
  for (int round = 0; round < 3; ++round) {
    AmontService service(dir_, "serve" + std::to_string(round));
    ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
    // Sends until nobody answers any more.
    std::jthread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      service.process().Signal(SIGKILL);
    });
    for (int i = 0; i < 100'000; ++i) {
      const std::string table = fmt::format("raw.t{}_{}", round, i);
      const std::string run = fmt::format("0190e1a0-0000-7000-{:04}-{:012}", 8000 + round, i);
      if (Post(service, Event(run, "COMPLETE", Dataset(table), Dataset("mart.b"))).status != 201) break;
      if (tables.size() < 1'000) tables.push_back(table);
      if (tables.size() >= 300u * static_cast<unsigned>(round + 1)) break;
    }
    killer.join();
    service.process().Wait();
  }
  AmontService service(dir_, "last");
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  for (const std::string& table : tables) {
    EXPECT_EQ(Graph(service, "direction=downstream&table=wh/" + table).status, 200) << table;
  }
}

TEST_F(LineageServiceTest, AFloodIsRefusedAndMemoryStaysBounded) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  // Batches of some megabytes each, more than may wait.
  std::string batch = "[";
  const std::string blanks(60'000, ' ');
  for (int i = 0; i < 200; ++i) {
    const std::string run = fmt::format("0190e1a0-0000-7000-8000-{:012}", i);
    batch += (i > 0 ? "," : "") + Event(run, "COMPLETE", Dataset("raw.a"), Dataset("mart.b")) + blanks;
  }
  batch += "]";
  std::atomic<int> taken = 0;
  std::atomic<int> later = 0;
  std::atomic<int> others = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 24; ++i) {
      clients.emplace_back([&] {
        const HttpAnswer answer = Post(service, batch, "/batch");
        if (answer.status == 204) {
          ++taken;
        } else if (answer.status == 429) {
          EXPECT_TRUE(answer.headers.contains("retry-after"));
          ++later;
        } else {
          ++others;
        }
      });
    }
  }
  EXPECT_GT(taken, 0);
  EXPECT_GT(later, 0);
  EXPECT_EQ(others, 0);
  EXPECT_EQ(HttpGet(service.http_port(), "/-/healthy").status, 200);
  const double bytes = std::stod(service.Sample("process_resident_memory_bytes"));
  EXPECT_LT(bytes, 1.2e9);
}

}  // namespace
}  // namespace amont::testing
