#include "server/app/dbt_reading.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "core/file.h"
#include "core/quoted.h"
#include "lineage/dbt/dbt_sql.h"
#include "lineage/dbt/run_results.h"
#include "lineage/openlineage/namespace.h"
#include "server/app/lineage_hub.h"
#include "server/app/statement_end.h"
#include "server/executor/big_stack.h"
#include "server/store/digest.h"
#include "server/store/lineage_store.h"

namespace amont {

namespace {

constexpr size_t kManifestBytesMax = 256u << 20;  // the largest projects have 100 MB

DbtSources SourcesOf(const Config& config, const std::string& source) {
  DbtSources sources;
  sources.source = source.empty() ? DefaultSourceOf(config) : source;
  if (!source.empty()) return sources;
  for (const auto& [name, settings] : config.sources) {
    const std::string database = ReadNamespace(settings.connect.url).database;
    if (!database.empty()) sources.databases.emplace(database, name);
  }
  return sources;
}

ReadStatement ToRead(const DbtStatement& statement, const DbtProject& project, Timestamp now) {
  ReadStatement read;
  read.key = fmt::format("dbt\n{}\n{}\n{:x}", project.name, statement.model->unique_id,
                         DigestOf(statement.model->sql));
  read.end = EndOf(statement.status);
  read.reason = statement.reason;
  read.origin = project.name;
  read.subject = statement.model->node.Text();
  read.unresolved = statement.unresolved;
  read.seen = now;
  return read;
}

// Models of warehouses whose SQL is another dialect are not read as PostgreSQL's.
void ReadSql(const DbtProject& project, Timestamp now, DbtReading& reading) {
  if (!IsSqlRead(project) || project.compiled.empty()) return;
  DbtSql sql;
  RunOnBigStack([&] { sql = ReadDbtSql(project, now); });
  const std::vector<UndeclaredRead> undeclared = UndeclaredReads(
      project, [&](const CompiledModel& model) { return std::move(sql.reads[model.unique_id]); });
  for (const UndeclaredRead& read : undeclared) {
    reading.warnings.push_back(
        fmt::format("{} reads {}, which its depends_on does not have", read.node.Text(), read.read.Text()));
  }
  size_t open = 0;
  for (const DbtStatement& statement : sql.statements) {
    reading.order.statements.push_back(ToRead(statement, project, now));
    if (statement.status != SqlStatus::kResolved) ++open;
  }
  if (open > 0) {
    reading.warnings.push_back(fmt::format(
        "of {} of {} compiled statements not all could be resolved; their column lineage may lack something",
        open, sql.statements.size()));
  }
  reading.order.further.push_back(std::move(sql.extract));
}

// How dbt's last run went, as tags of the tables it made. Commands that make no table tell nothing of any.
void ReadRun(const std::string& text, const DbtProject& project, DbtReading& reading) {
  const Result<DbtRun> run = ReadDbtRunResults(text, project.relations);
  if (!run) {
    reading.warnings.push_back(fmt::format("how dbt ran is not known: {}", run.error().message));
    return;
  }
  reading.warnings.insert(reading.warnings.end(), run->warnings.begin(), run->warnings.end());
  static const std::set<std::string> kMake = {"", "build", "run", "retry", "seed", "snapshot"};
  if (!kMake.contains(run->command)) return;
  Extract extract;
  extract.provenance = Provenance::kDbt;
  extract.origin = project.name + " run";
  extract.at = run->generated_at.value_or(reading.order.extract.at);
  for (const DbtNodeResult& result : run->results) {
    if (!result.node) continue;
    NodeFacts facts;
    facts.name = *result.node;
    facts.tags.push_back("run:" + result.status);
    if (result.rows_affected) facts.tags.push_back(fmt::format("run-rows:{}", *result.rows_affected));
    if (result.completed_at) {
      facts.tags.push_back("run-at:" +
                           FormatTimestamp(std::chrono::floor<std::chrono::seconds>(*result.completed_at)));
    }
    extract.nodes.push_back(std::move(facts));
  }
  reading.order.further.push_back(std::move(extract));
}

// Empty where there is no such file.
Result<std::string> ReadBeside(const std::string& manifest_path, std::string_view name) {
  const std::string path = (std::filesystem::path(manifest_path).parent_path() / name).string();
  auto text = ReadFile(path, kManifestBytesMax);
  if (!text && text.error().code == ErrorCode::kNotFound) return std::string();
  return text;
}

}  // namespace

Result<DbtTexts> ReadDbtFiles(const std::string& manifest_path) {
  DbtTexts texts;
  AMONT_TRY(texts.manifest, ReadFile(manifest_path, kManifestBytesMax));
  AMONT_TRY(texts.catalog, ReadBeside(manifest_path, "catalog.json"));
  AMONT_TRY(texts.run_results, ReadBeside(manifest_path, "run_results.json"));
  return texts;
}

Result<DbtReading> ReadDbtProject(const DbtTexts& texts, const Config& config, const std::string& source,
                                  Timestamp now) {
  AMONT_TRY(DbtProject project,
            ReadDbtManifest(texts.manifest, texts.catalog, SourcesOf(config, source), now));
  DbtReading reading;
  ReadSql(project, now, reading);
  reading.warnings.insert(reading.warnings.begin(), project.extract.warnings.begin(),
                          project.extract.warnings.end());
  reading.order.extract = std::move(project.extract);
  if (!texts.run_results.empty()) ReadRun(texts.run_results, project, reading);
  return reading;
}

ImportedManifest SummaryOf(const DbtReading& reading) {
  ImportedManifest summary;
  summary.project = reading.order.extract.origin;
  summary.nodes = reading.order.extract.nodes.size();
  summary.edges = reading.order.extract.edges.size();
  for (const Extract& extract : reading.order.further) summary.edges += extract.edges.size();
  summary.warnings = reading.warnings;
  return summary;
}

}  // namespace amont
