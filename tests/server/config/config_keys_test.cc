// The key table of amont.toml against the reader, and its JSON Schema.
#include "server/config/config_keys.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "checks/kinds/json_schema.h"
#include "checks/kinds/reference.h"
#include "server/config/config.h"
#include "tests/testing/json_schema.h"
#include "tests/testing/paths.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {
namespace {

// Every key there is.
constexpr const char* kWhole = R"(checks = ["checks/*.toml"]

[source.warehouse]
url = "postgresql://amont@db.example/warehouse"
password_file = "password"
connections = 4
statement_timeout = "2m"
max_scan_rows = 100_000_000
timezone = "UTC"
pii = ["*email*"]

[source.lake]
url = "duckdb:"
tables = { flights = "data/*.parquet" }

[owner.finance]
contact = "#finance-data"
labels = { team = "finance" }

[calendar.business]
timezone = "Europe/Paris"
weekdays = "mon-fri"
holidays = ["2026-12-24", 2026-12-25]

[defaults]
source = "warehouse"
schedule = "15m"
severity = "info"
freshness = { fail_after = "26h" }

[store]
url = "sqlite:amont.db"
keep = { measurements = "400d", verdicts = "90d", events = "30d" }
lease = "15s"

[serve]
grpc = "127.0.0.1:7433"
http = "127.0.0.1:7434"
tls = { cert_file = "cert.pem", key_file = "key.pem", client_ca_file = "ca.pem" }
auth = { tokens_file = "tokens.toml" }
insecure = false

[lineage]
dbt_manifests = ["target/manifest.json"]
aliases = { "postgres://db:5432" = "warehouse" }
trust = ["openlineage", "sql"]
)";

void ExpectNamed(std::span<const Key> keys) {
  for (const Key& key : keys) {
    EXPECT_NE(std::string_view(kWhole).find(key.name), std::string_view::npos) << key.name;
    if (key.name != "defaults") ExpectNamed(key.keys);  // declarations have tests of their own
  }
}

TEST(ConfigKeys, AreThoseTheReaderTakes) {
  ExpectNamed(ConfigKeys());
  const TempDir folder;
  folder.Write("password", "secret\n");
  folder.Write("checks/a.toml", "[[table]]\nname = \"mart.orders\"\n");
  const std::string path = folder.Write("amont.toml", kWhole);
  Diagnostics diagnostics;
  const auto config = LoadConfig(
      path, [](const std::string&) { return std::nullopt; }, diagnostics);
  ASSERT_TRUE(config);
  EXPECT_TRUE(diagnostics.empty()) << RenderText(diagnostics, false);
}

TEST(ConfigKeys, MakeASchemaThatTheExamplesPassAndTyposDoNot) {
  std::vector<std::string> good = {kWhole};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SourcePath("examples"))) {
    if (entry.path().filename() == "amont.toml") good.push_back(ReadFile(entry.path()));
  }
  ASSERT_GE(good.size(), 2u);
  const std::vector<std::string> typos = {
      "[sources.a]\nurl = \"duckdb:\"",
      "[source.a]\nurl = \"duckdb:\"\nconnection = 4",
      "[source.a]\nconnections = 4",
      "[source.a]\nurl = \"duckdb:\"\nconnections = \"4\"",
      "[store]\nkeep = { measurement = \"1d\" }",
      "[store]\nkeep = { measurements = \"one day\" }",
      "[defaults]\nname = \"x\"",
      "[[table]]\nname = \"x\"",
      "[calendar.a]\ncountry = \"FR\"",
  };
  std::vector<std::string> texts = good;
  texts.insert(texts.end(), typos.begin(), typos.end());
  const auto complaints = ValidateToml(JsonSchema("amont.toml", ConfigKeys()), texts);
  if (!complaints) GTEST_SKIP() << "needs python3 with tomllib and jsonschema";
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i < good.size()) {
      EXPECT_EQ((*complaints)[i], "") << texts[i];
    } else {
      EXPECT_NE((*complaints)[i], "") << texts[i];
    }
  }
}

// AMONT_UPDATE=1 writes the file anew.
TEST(Reference, InTheDocumentationIsWhatTheKeyTablesSay) {
  const std::filesystem::path file = SourcePath("docs/reference.md");
  const std::string text = ReferenceText(ConfigKeys());
  if (std::getenv("AMONT_UPDATE") != nullptr) std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(ReadFile(file), text) << "run this test with AMONT_UPDATE=1";
}

}  // namespace
}  // namespace amont::testing
