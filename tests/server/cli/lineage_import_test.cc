// `amont lineage import`: dbt's files and OpenLineage events, into a store and into a service.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "core/time.h"
#include "tests/testing/amont_service.h"
#include "tests/testing/paths.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

constexpr const char* kManifest =
    R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/manifest/v12.json","project_name":"shop",)"
    R"("adapter_type":"postgres"},"nodes":{"model.shop.b":{"unique_id":"model.shop.b","resource_type":"model",)"
    R"("package_name":"shop","name":"b","database":"shop","schema":"mart","alias":"b","language":"sql",)"
    R"("relation_name":"\"shop\".\"mart\".\"b\"","config":{"materialized":"table"},)"
    R"("depends_on":{"nodes":["source.shop.raw.a"]},"compiled":true,)"
    R"("compiled_code":"select * from shop.raw.a"}},)"
    R"("sources":{"source.shop.raw.a":{"unique_id":"source.shop.raw.a","resource_type":"source",)"
    R"("package_name":"shop","name":"a","source_name":"raw","database":"shop","schema":"raw","identifier":"a",)"
    R"("relation_name":"\"shop\".\"raw\".\"a\""}},"exposures":{}})";
constexpr const char* kCatalog =
    R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/catalog/v1.json"},"nodes":{},"sources":)"
    R"({"source.shop.raw.a":{"columns":{"id":{"name":"id","type":"integer","index":1}}}}})";
constexpr const char* kRunResults =
    R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/run-results/v6.json",)"
    R"("generated_at":"2026-11-20T05:00:00Z"},"args":{"which":"run"},"results":[{"unique_id":"model.shop.b",)"
    R"("status":"success","adapter_response":{"rows_affected":7},)"
    R"("timing":[{"completed_at":"2026-11-20T04:59:58.5Z"}]}]})";

std::string Event(int run, const std::string& type = "COMPLETE") {
  const Timestamp now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format(
      R"({{"eventTime":"{}","producer":"p","schemaURL":"https://openlineage.io/spec/2-0-2/OpenLineage.json",)"
      R"("eventType":"{}","run":{{"runId":"0190e1a0-0000-7000-8000-{:012}"}},)"
      R"("job":{{"namespace":"n","name":"j{}"}},"inputs":[{{"namespace":"postgres://db:5432","name":"shop.in.t{}"}}],)"
      R"("outputs":[{{"namespace":"postgres://db:5432","name":"shop.out.t"}}]}})",
      FormatTimestamp(now), type, run, run, run);
}

class LineageImport : public ::testing::Test {
 protected:
  LineageImport() {
    dir_.Write("amont.toml", std::string("[source.wh]\nurl = \"postgresql://db:5432/shop\"\n") +
                                 "[store]\nurl = \"sqlite:amont.db\"\n" + kAnyPorts);
    dir_.Write("target/manifest.json", kManifest);
    dir_.Write("target/catalog.json", kCatalog);
    dir_.Write("target/run_results.json", kRunResults);
    dir_.Write("events.ndjson",
               Event(1, "START") + "\n" + Event(1) + "\n{\"eventTime\":1}\n" + Event(2) + "\n");
  }
  ProcessResult Amont(std::vector<std::string> arguments, const std::string& input = "") {
    ProcessOptions options;
    options.directory = dir_.Path("");
    options.input = input;
    arguments.insert(arguments.begin(), {AmontProgram(), "lineage"});
    return Process(arguments, options).Wait();
  }
  TempDir dir_;
};

TEST_F(LineageImport, DbtsFilesGoIntoTheStore) {
  const auto taken =
      Amont({"import", "target/run_results.json", "target/manifest.json", "target/catalog.json"});
  EXPECT_EQ(taken.exit_code, 0) << taken.err;
  EXPECT_EQ(
      taken.out,
      "target/manifest.json: dbt project shop: 2 nodes, 2 edges, with its catalog, with its run results\n");
  EXPECT_EQ(taken.err, "");
  const auto up = Amont({"upstream", "mart.b.id"});
  EXPECT_EQ(up.exit_code, 0) << up.err;
  EXPECT_NE(up.out.find("wh/raw.a.id  sql"), std::string::npos) << up.out;
}

TEST_F(LineageImport, EventsAreTakenAndEachRejectedOneIsNamed) {
  const auto taken = Amont({"import", "events.ndjson"});
  EXPECT_EQ(taken.exit_code, 2) << "one was rejected";
  EXPECT_EQ(taken.out, "events.ndjson: 3 events taken, 2 edges, 1 rejected\n");
  EXPECT_NE(taken.err.find("events.ndjson: event 3 is rejected: "), std::string::npos) << taken.err;
  const auto up = Amont({"upstream", "out.t"});
  EXPECT_NE(up.out.find("wh/in.t1"), std::string::npos) << up.out << up.err;
  EXPECT_NE(up.out.find("wh/in.t2"), std::string::npos) << up.out;

  const auto array = Amont({"import", "-"}, "[" + Event(3) + "," + Event(4) + "]");
  EXPECT_EQ(array.out, "standard input: 2 events taken, 2 edges\n") << array.err;
  EXPECT_EQ(array.exit_code, 0);
  EXPECT_EQ(Amont({"import", "-"}, Event(5)).out, "standard input: 1 event taken, 1 edge\n");
}

TEST_F(LineageImport, AServiceTakesTheSame) {
  AmontService service(dir_);
  ASSERT_TRUE(service.WaitUntilReady()) << service.process().Errors();
  const std::vector<std::string> files = {"import", "target/manifest.json", "target/catalog.json",
                                          "target/run_results.json", "events.ndjson"};
  const auto busy = Amont(files);
  EXPECT_EQ(busy.exit_code, 2);
  EXPECT_NE(busy.err.find("--server"), std::string::npos) << busy.err;
  std::vector<std::string> asked = files;
  asked.insert(asked.end(), {"--server", service.grpc_address()});
  const auto taken = Amont(asked);
  EXPECT_EQ(taken.exit_code, 2) << taken.err;
  EXPECT_EQ(
      taken.out,
      "target/manifest.json: dbt project shop: 2 nodes, 2 edges, with its catalog, with its run results\n"
      "events.ndjson: 3 events taken, 2 edges, 1 rejected\n");
  EXPECT_NE(taken.err.find("event 3 is rejected"), std::string::npos) << taken.err;
  ProcessResult up;
  for (int i = 0; i < 100 && up.out.find("wh/raw.a.id  sql") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    up = Amont({"upstream", "mart.b.id", "--server", service.grpc_address()});
  }
  EXPECT_NE(up.out.find("wh/raw.a.id  sql"), std::string::npos) << up.out << up.err;
  asked = {"import", "target/manifest.json", "--source", "crm", "--server", service.grpc_address()};
  EXPECT_EQ(Amont(asked).exit_code, 64);
}

TEST_F(LineageImport, WhatIsNoneOfTheseIsRefusedBeforeAnythingIsWritten) {
  dir_.Write("other.json", R"({"name":"x"})");
  dir_.Write("notes.txt", "manifest");
  dir_.Write("cut.json", std::string(kManifest).substr(0, 300));
  dir_.Write("sources.json",
             R"({"metadata":{"dbt_schema_version":"https://schemas.getdbt.com/dbt/sources/v3.json"}})");
  const auto refused = [&](std::vector<std::string> files, const std::string& why) {
    files.insert(files.begin(), "import");
    const auto result = Amont(files);
    EXPECT_EQ(result.exit_code, 64) << result.err;
    EXPECT_NE(result.err.find(why), std::string::npos) << result.err;
  };
  refused({"target/manifest.json", "other.json"}, "other.json: neither a dbt manifest");
  refused({"cut.json"}, "cut.json: not whole");
  refused({"sources.json"}, "it is of `https://schemas.getdbt.com/dbt/sources/v3.json`");
  refused({"notes.txt"}, "nor OpenLineage events: the text is no JSON");
  refused({"target/catalog.json"}, "name the manifest.json of its project too");
  refused({"target/manifest.json", "target/catalog.json", "target/catalog.json"}, "are both the catalog");
  refused({"nothing.json"}, "nothing.json");
  refused({"target/manifest.json", "--source", "crm"}, "there is no source `crm`");
  refused({"target/manifest.json", "--store", "none"}, "--store none");
  refused({"target/manifest.json", "--store", "sqlite:x", "--server", "127.0.0.1:1"}, "leave one out");
  refused({}, "FILE");
  EXPECT_FALSE(std::filesystem::exists(dir_.Path("amont.db")));
  EXPECT_EQ(Amont({"import", "target/manifest.json", "--server", "127.0.0.1:1"}).exit_code, 2);
  EXPECT_EQ(Amont({"import", "target/manifest.json", "--store", "nonsense"}).exit_code, 3);
}

}  // namespace
}  // namespace amont::testing
