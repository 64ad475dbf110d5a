// `amont lineage upstream|downstream|impact|cause|path`, offline.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <thread>

#include "core/json_document.h"
#include "core/sql/connection.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/paths.h"
#include "tests/testing/process.h"
#include "tests/testing/shared_data.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

constexpr const char* kDeclared = R"toml([[table]]
name = "main.orders"
source = "shop"
owner = "finance"
upstream = ["main.raw_orders", "main.payments"]
feeds = ["dashboard:Revenue"]
[table.volume]
min = 5
[[table]]
name = "main.raw_orders"
source = "shop"
[table.volume]
min = 5
)toml";

class LineageTrace : public ::testing::Test {
 protected:
  LineageTrace() {
    dir_.Write("amont.toml", "[source.shop]\nurl = \"sqlite:shop.db\"\n[owner.finance]\ncontact = \"#f\"\n");
    dir_.Write("checks/orders.toml", kDeclared);
  }
  ProcessResult Amont(std::vector<std::string> arguments) {
    ProcessOptions options;
    options.directory = dir_.Path("");
    arguments.insert(arguments.begin(), {AmontProgram(), "lineage"});
    return Process(arguments, options).Wait();
  }
  TempDir dir_;
};

TEST_F(LineageTrace, UpstreamAndDownstreamOfWhatIsDeclared) {
  const auto up = Amont({"upstream", "shop/main.orders"});
  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_NE(up.out.find("shop/main.raw_orders"), std::string::npos) << up.out;
  EXPECT_NE(up.out.find("shop/main.payments"), std::string::npos) << up.out;
  const auto down = Amont({"downstream", "main.payments", "--format=json"});
  EXPECT_EQ(down.exit_code, 0) << down.err;
  const auto json = ParseJson(down.out);
  ASSERT_TRUE(json.has_value()) << down.out;
  EXPECT_EQ(json->Root()["nodes"].Size(), 3u);
  EXPECT_NE(Amont({"downstream", "main.payments", "--format=dot"}).out.find("digraph"), std::string::npos);
  EXPECT_NE(Amont({"downstream", "main.payments", "--format=mermaid"}).out.find("flowchart"),
            std::string::npos);
}

TEST_F(LineageTrace, ImpactNamesOwnersAndExposures) {
  const auto impact = Amont({"impact", "shop/main.payments"});
  EXPECT_EQ(impact.exit_code, 0) << impact.err;
  EXPECT_NE(impact.out.find("1 table, 0 columns, 1 exposure"), std::string::npos) << impact.out;
  EXPECT_NE(impact.out.find("dashboard:Revenue"), std::string::npos) << impact.out;
  EXPECT_NE(impact.out.find("owners: finance"), std::string::npos) << impact.out;
}

TEST_F(LineageTrace, APathIsFoundEitherWay) {
  const auto path = Amont({"path", "main.payments", "dashboard:Revenue"});
  EXPECT_EQ(path.exit_code, 0) << path.err;
  EXPECT_NE(path.out.find("shop/main.orders"), std::string::npos) << path.out;
  const auto none = Amont({"path", "main.payments", "main.raw_orders"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("no data is known to flow"), std::string::npos) << none.err;
}

TEST_F(LineageTrace, TheCauseIsTheFailingTableUpstream) {
  const auto nothing = Amont({"cause", "main.orders"});
  EXPECT_EQ(nothing.exit_code, 0) << nothing.err;
  EXPECT_NE(nothing.out.find("nothing at or above"), std::string::npos) << nothing.out;
}

TEST_F(LineageTrace, AServiceAnswersTheSame) {
  dir_.Write("amont.toml",
             ReadFile(dir_.Path("amont.toml")) + "[store]\nurl = \"sqlite:amont.db\"\n" + kAnyPorts);
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ASSERT_TRUE(service.WaitForSample("amont_lineage_edges{provenance=\"declared\"}", "3"));
  for (const std::vector<std::string>& question : {std::vector<std::string>{"upstream", "shop/main.orders"},
                                                   {"downstream", "shop/main.payments", "--format=json"},
                                                   {"impact", "shop/main.payments"},
                                                   {"path", "shop/main.payments", "dashboard:Revenue"},
                                                   {"upstream", "shop/main.ordres"}}) {
    const auto offline = Amont(question);
    std::vector<std::string> asked = question;
    asked.insert(asked.end(), {"--server", service.grpc_address()});
    const auto online = Amont(asked);
    EXPECT_EQ(online.out, offline.out) << question.front() << "\n" << online.err;
    EXPECT_EQ(online.exit_code, offline.exit_code) << online.err;
  }
  EXPECT_EQ(Amont({"upstream", "shop/main.orders", "--server", "127.0.0.1:1"}).exit_code, 2);
  EXPECT_EQ(
      Amont({"upstream", "shop/main.orders", "--server", "127.0.0.1:1", "--store", "sqlite:x"}).exit_code,
      64);
}

TEST_F(LineageTrace, TheSqlOfADbtProjectLeadsDownToColumns) {
  AMONT_NEEDS_SHARED_DATA("dbt");
  const std::string start = "[source.warehouse]\nurl = \"postgresql://nowhere.invalid/postgres\"\n";
  dir_.Write("amont.toml", start + "[store]\nurl = \"sqlite:amont.db\"\n" + kAnyPorts +
                               "[lineage]\ndbt_manifests = [\"target/manifest.json\"]\n");
  dir_.Write("checks/orders.toml", "");
  dir_.Write("target/manifest.json", ReadFile(SharedData("dbt/fivetran_github_manifest.json")));
  dir_.Write("target/catalog.json", ReadFile(SharedData("dbt/fivetran_github_catalog.json")));
  const std::string column = "public_github_dev.github__issues.issue_id";
  const auto offline = Amont({"upstream", column});
  EXPECT_EQ(offline.exit_code, 0) << offline.err;
  EXPECT_NE(offline.out.find("github_issue_data.id"), std::string::npos) << offline.out;
  EXPECT_EQ(offline.out.find("tables only"), std::string::npos) << offline.out;
  EXPECT_EQ(Amont({"upstream", "warehouse/" + column}).out, offline.out);
  EXPECT_EQ(Amont({"upstream", "github__issues.issue_id"}).out, offline.out);
  EXPECT_NE(Amont({"upstream", column + "s"}).err.find("did you mean"), std::string::npos);

  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ProcessResult online;
  for (int i = 0; i < 100 && online.out != offline.out; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    online = Amont({"upstream", column, "--server", service.grpc_address()});
  }
  EXPECT_EQ(online.out, offline.out) << online.err;
}

// The two are asked one after the other.
std::string WithoutAges(const std::string& text) {
  return std::regex_replace(text, std::regex(" \\([^()]* ago\\)"), "");
}

TEST_F(LineageTrace, AServiceNamesTheFailingTablesInBetween) {
  auto shop = OpenSqliteStore(dir_.Path("shop.db"));
  for (const char* table : {"orders", "raw_orders", "payments"}) {
    ASSERT_TRUE(shop && (*shop)->Execute(fmt::format("CREATE TABLE {} (id INTEGER)", table), {}));
  }
  shop = MakeError(ErrorCode::kInternal, "closed");
  dir_.Write("amont.toml",
             ReadFile(dir_.Path("amont.toml")) + "[store]\nurl = \"sqlite:amont.db\"\n" + kAnyPorts);
  dir_.Write("checks/mart.toml",
             "[[table]]\nname = \"main.mart\"\nsource = \"shop\"\nupstream = [\"main.orders\"]\n");
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  ASSERT_TRUE(service.WaitForSample("amont_lineage_edges{provenance=\"declared\"}", "4"));
  const ProcessResult run = Process({AmontProgram(), "run", "--server", service.grpc_address()}).Wait();
  ASSERT_EQ(run.exit_code, 1) << run.out << run.err;
  for (const char* format : {"json", "text"}) {
    const std::string flag = fmt::format("--format={}", format);
    const auto offline = Amont({"cause", "main.mart", flag});
    const auto online = Amont({"cause", "main.mart", flag, "--server", service.grpc_address()});
    EXPECT_EQ(WithoutAges(online.out), WithoutAges(offline.out)) << online.err;
    EXPECT_NE(online.out.find("shop/main.raw_orders"), std::string::npos) << online.out << online.err;
  }
  const auto drawn = Amont({"cause", "main.mart", "--format=mermaid", "--server", service.grpc_address()});
  EXPECT_EQ(drawn.out, Amont({"cause", "main.mart", "--format=mermaid"}).out);
}

TEST_F(LineageTrace, WhatIsUnknownIsSaidWithWhatMayBeMeant) {
  const auto unknown = Amont({"upstream", "shop/main.ordres"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("did you mean"), std::string::npos) << unknown.err;
  EXPECT_EQ(Amont({"upstream"}).exit_code, 64);
  EXPECT_EQ(Amont({"upstream", "main.orders", "--format=svg"}).exit_code, 64);
  EXPECT_EQ(Amont({"upstream", "main.orders", "--at", "yesterday"}).exit_code, 64);
  EXPECT_EQ(Amont({"upstream", "main.orders", "--depth=-1"}).exit_code, 64);
  EXPECT_EQ(Amont({"sideways", "main.orders"}).exit_code, 64);
}

}  // namespace
}  // namespace amont::testing
