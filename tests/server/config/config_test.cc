// amont.toml: what it becomes and every mistake in it: tests/cases/config. What is not text in, text out,
// stands below.
//
// The input of a case is amont.toml; a line ">>> NAME" begins another file beside it. The environment has
// USER_NAME and PG_PASSWORD.
#include "server/config/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "tests/testing/corpus.h"
#include "tests/testing/temp_dir.h"

namespace amont {
namespace {

std::optional<std::string> TestEnvironment(const std::string& name) {
  if (name == "USER_NAME") return "amont";
  if (name == "PG_PASSWORD") return "s3cret";
  return std::nullopt;
}

std::string Joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

std::string DescribeSource(const SourceConfig& settings, const Source& source) {
  std::ostringstream out;
  out << "source " << source.name << " (" << ToString(source.engine) << ")\n"
      << "  url " << settings.connect.url << " printed as " << source.url << "\n";
  if (!settings.connect.password.empty()) out << "  password " << settings.connect.password << "\n";
  for (const auto& [table, glob] : source.files) out << "  file " << table << " = " << glob << "\n";
  out << "  connections " << settings.connections << "; statement_timeout "
      << FormatDuration(settings.connect.statement_timeout) << "; max_scan_rows " << settings.max_scan_rows
      << "; timezone " << source.zone.name() << "\n";
  if (!source.pii.empty()) out << "  pii " << Joined(source.pii) << "\n";
  return out.str();
}

std::string DescribeConfig(const Config& config) {
  std::ostringstream out;
  for (const auto& [name, settings] : config.sources) {
    out << DescribeSource(settings, config.surroundings.sources.at(name));
  }
  for (const auto& [name, owner] : config.surroundings.owners) {
    out << "owner " << name << " " << owner.contact;
    for (const auto& [label, value] : owner.labels) out << " " << label << "=" << value;
    out << "\n";
  }
  for (const auto& [name, calendar] : config.surroundings.calendars) {
    out << "calendar " << name << " " << calendar->weekdays << " " << calendar->zone.name();
    for (const Date day : calendar->holidays) out << " " << FormatDate(day);
    out << "\n";
  }
  const StoreConfig& store = config.store;
  if (store.declared) {
    out << "store " << store.url << " measurements " << FormatDuration(store.keep_measurements)
        << " verdicts " << FormatDuration(store.keep_verdicts) << " events "
        << FormatDuration(store.keep_events) << "\n";
  }
  const ServeConfig& serve = config.serve;
  if (!(serve.grpc == ServeConfig().grpc && serve.http == ServeConfig().http)) {
    out << "serve grpc " << serve.grpc.Text() << " http " << serve.http.Text();
    if (serve.tls) {
      out << " tls " << serve.tls->cert_file << " " << serve.tls->key_file << " "
          << serve.tls->client_ca_file;
    }
    out << " tokens " << serve.tokens_file << (serve.insecure ? " insecure" : "") << "\n";
  }
  if (const LineageConfig& lineage = config.lineage; !(lineage == LineageConfig())) {
    out << "lineage manifests " << Joined(lineage.dbt_manifests) << " aliases";
    for (const auto& [space, source] : lineage.aliases) out << " " << space << "=" << source;
    out << " trust";
    for (const Provenance provenance : lineage.trust) out << " " << Word(provenance);
    out << "\n";
  }
  for (const auto& file : config.files) out << "file " << file->path << "\n";
  for (const CheckPtr& check : config.declarations.checks) out << "check " << check->id << "\n";
  return out.str();
}

std::string Without(std::string text, const std::string& part) {
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
    text.erase(at, part.size());
  return text;
}

std::string Answer(const std::string& input) {
  const testing::TempDir folder;
  std::string name = "amont.toml";
  std::string text;
  std::istringstream lines(input);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(">>> ")) {
      folder.Write(name, text);
      name = line.substr(4);
      text.clear();
    } else {
      text += line + "\n";
    }
  }
  folder.Write(name, text);

  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
  if (!config) return config.error().message;
  diagnostics.Sort();
  return Without(DescribeConfig(*config) + RenderText(diagnostics, false), folder.path().string() + "/");
}

TEST(Config, ReadsAmontToml) {
  testing::CheckCorpus("config", [](const testing::CorpusCase& one) { return Answer(one.input); });
}

TEST(Config, SaysWhereItLooksWhenThereIsNone) {
  const testing::TempDir folder;
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
  EXPECT_NE(config.error().message.find("--config"), std::string::npos);
  EXPECT_TRUE(diagnostics.empty());
}

TEST(Config, NamesFilesAsTheConfigWasNamed) {
  const testing::TempDir folder;
  folder.Write("conf/amont.toml", "[source.lake]\nurl = \"duckdb:\"\n");
  folder.Write("conf/checks/a/b.toml", "[[table]]\nname = \"x\"\n");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig("conf/amont.toml", &TestEnvironment, diagnostics);
  std::filesystem::current_path(before);
  ASSERT_TRUE(config.has_value());
  ASSERT_EQ(config->files.size(), 1u);
  EXPECT_EQ(config->files.front()->path, "conf/checks/a/b.toml");
  EXPECT_EQ(config->directory, folder.Path("conf"));
  EXPECT_TRUE(diagnostics.empty()) << RenderText(diagnostics, false);
}

TEST(Config, NoPasswordIsEverPrinted) {
  const std::string secret = "hunter2";
  for (const std::string line :
       {"url = \"postgresql://amont:hunter2@db/x\" junk", "url = \"mysql://amont:hunter2@db/x\"",
        "url = \"postgresql://amont:hunt@er2:hunter2@db/x\"\nconnections = 0\nurll = 1",
        "ur = \"postgresql://db/x?user=a&password=hunter2&sslmode=off\"",
        "url = [\"postgresql://amont:hunter2@db/x\"]", "url = 'postgresql://amont:hunter2@db/x"}) {
    const testing::TempDir folder;
    folder.Write("amont.toml", "[source.warehouse]\n" + line + "\n");
    Diagnostics diagnostics;
    const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
    EXPECT_TRUE(diagnostics.HasErrors()) << line;
    EXPECT_EQ(RenderText(diagnostics, false).find(secret), std::string::npos)
        << RenderText(diagnostics, false);
    EXPECT_EQ(RenderJson(diagnostics).find(secret), std::string::npos) << RenderJson(diagnostics);
  }
}

TEST(Config, WhoDoesNotConnectNeedsNoSecret) {
  const testing::TempDir folder;
  folder.Write("amont.toml",
               "[source.a]\nurl = \"postgresql://u:${NOT_SET}@db/x\"\npassword_file = \"gone\"\n"
               "[source.b]\nurl = \"${NOT_SET}\"\n"
               "[store]\nurl = \"${NOT_SET}\"\npassword_file = \"gone\"\n");
  folder.Write("checks/a.toml", "[[table]]\nname = \"a/x\"\n");
  Diagnostics needed;
  ASSERT_TRUE(LoadConfig(folder.Path("amont.toml"), &TestEnvironment, needed));
  EXPECT_TRUE(needed.HasErrors());
  Diagnostics optional;
  const Result<Config> config =
      LoadConfig(folder.Path("amont.toml"), &TestEnvironment, optional, Secrets::kOptional);
  ASSERT_TRUE(config.has_value());
  EXPECT_FALSE(optional.HasErrors()) << RenderText(optional, false);
  EXPECT_EQ(optional.list().size(), 5u) << RenderText(optional, false);
  for (const Diagnostic& each : optional.list()) EXPECT_GT(each.span.line, 1) << each.message;
  EXPECT_EQ(config->declarations.tables.size(), 1u);
}

TEST(Config, AnEmptyNameIsCalledEmpty) {
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig("", &TestEnvironment, diagnostics);
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("--config"), std::string::npos);
  EXPECT_NE(config.error().message.find("empty"), std::string::npos) << config.error().message;
}

TEST(Config, ALinkToNothingIsAMistake) {
  const testing::TempDir folder;
  folder.Write("amont.toml", "[source.lake]\nurl = \"duckdb:\"\n");
  folder.Write("checks/b.toml", "[[table]]\nname = \"b\"\n");
  std::filesystem::create_symlink("gone.toml", folder.path() / "checks/a.toml");
  Diagnostics diagnostics;
  ASSERT_TRUE(LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics));
  EXPECT_NE(RenderText(diagnostics, false).find("it is a link to gone.toml"), std::string::npos)
      << RenderText(diagnostics, false);
}

TEST(Config, AFileThatIsNotUtf8IsAMistakeOfItsOwn) {
  const testing::TempDir folder;
  folder.Write("amont.toml", "[source.lake]\nurl = \"duckdb:\"\n");
  folder.Write("checks/a.toml", "[[table]]\nname = \"\xff\"\n");
  folder.Write("checks/b.toml", "[[table]]\nname = \"b\"\n");
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(diagnostics.list().size(), 1u) << RenderText(diagnostics, false);
  EXPECT_EQ(config->declarations.tables.size(), 1u);
}

TEST(Config, AFileThatCannotBeReadIsAMistakeOfItsOwn) {
  const testing::TempDir folder;
  folder.Write("amont.toml", "[source.lake]\nurl = \"duckdb:\"\n");
  folder.Write("checks/b.toml", "[[table]]\nname = \"b\"\n");
  std::filesystem::resize_file(folder.Write("checks/a.toml", ""), limits::kFileBytesMax + 1);
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(diagnostics.HasErrors());
  EXPECT_NE(RenderText(diagnostics, false).find("checks/a.toml"), std::string::npos);
  EXPECT_EQ(config->declarations.tables.size(), 1u);
}

TEST(Config, LoadsTensOfThousandsOfTablesWithEveryCheckOnce) {
  constexpr int kFiles = 40;
  constexpr int kTablesEach = 500;
  const testing::TempDir folder;
  folder.Write(
      "amont.toml",
      "[source.warehouse]\nurl = \"postgresql://db/x\"\n[owner.finance]\ncontact = \"#f\"\n"
      "[defaults]\nsource = \"warehouse\"\nowner = \"finance\"\nschedule = \"0 6 * * * Europe/Paris\"\n");
  for (int file = 0; file < kFiles; ++file) {
    std::string text;
    for (int table = 0; table < kTablesEach; ++table) {
      text += "[[table]]\nname = \"mart.t" + std::to_string(file) + "_" + std::to_string(table) +
              "\"\nnot_null = [\"id\"]\nunique = [\"id\"]\n"
              "[table.freshness]\ncolumn = \"at\"\nfail_after = \"26h\"\n[table.volume]\nmin = 1000\n"
              "[table.schema]\ncolumns = [\"id\", \"at\"]\n";
    }
    folder.Write("checks/f" + std::to_string(file) + ".toml", text);
  }
  Diagnostics diagnostics;
  const Result<Config> config = LoadConfig(folder.Path("amont.toml"), &TestEnvironment, diagnostics);
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(diagnostics.empty()) << RenderText(diagnostics, false).substr(0, 2000);
  EXPECT_EQ(config->declarations.tables.size(), size_t{kFiles * kTablesEach});
  constexpr size_t kChecksEach = 6;  // five, and exists
  EXPECT_EQ(config->declarations.checks.size(), kFiles * kTablesEach * kChecksEach);
  std::set<std::string_view> ids;
  for (const CheckPtr& check : config->declarations.checks) ids.insert(check->id);
  EXPECT_EQ(ids.size(), config->declarations.checks.size());
}

}  // namespace
}  // namespace amont
