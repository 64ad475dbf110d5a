#include "server/app/dbt_reading.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "core/file.h"
#include "core/quoted.h"
#include "lineage/openlineage/namespace.h"
#include "lineage/sql/script.h"
#include "server/app/lineage_hub.h"
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

// The project's relations, as the parser of SQL knows them.
SqlCatalog CatalogOf(const DbtProject& project) {
  SqlCatalog catalog;
  for (const NodeFacts& facts : project.extract.nodes) {
    if (!facts.name.IsTable()) continue;
    SqlRelation relation;
    relation.name = {facts.name.schema, facts.name.name};
    for (const NodeColumn& column : facts.columns) relation.columns.push_back({column.name, column.type});
    relation.complete = !facts.columns.empty();
    catalog.Put(std::move(relation));
  }
  return catalog;
}

StatementEnd EndOf(SqlStatus status) {
  switch (status) {
    case SqlStatus::kResolved:
      return StatementEnd::kResolved;
    case SqlStatus::kPartial:
      return StatementEnd::kPartial;
    case SqlStatus::kFailed:
      return StatementEnd::kFailed;
  }
  return StatementEnd::kFailed;
}

// What the model's own statement reads; the model's SQL is one SELECT.
std::vector<NodeName> ReadModel(const CompiledModel& model, const DbtProject& project,
                                const SqlCatalog& known, Timestamp now,
                                std::vector<ReadStatement>& statements) {
  SqlCatalog catalog(&known);
  std::vector<NodeName> reads;
  for (const SqlStatement& statement : AnalyseSql(model.sql, catalog, {})) {
    ReadStatement read;
    read.key = fmt::format("dbt\n{}\n{}\n{:x}", project.name, model.unique_id, DigestOf(model.sql));
    read.end = EndOf(statement.status);
    read.reason = statement.reason;
    if (read.end == StatementEnd::kFailed) {
      read.reason = fmt::format("line {}, column {}: {}", statement.line, statement.column, statement.reason);
    }
    read.origin = project.name;
    read.subject = model.node.Text();
    read.unresolved = statement.unresolved;
    read.seen = now;
    statements.push_back(std::move(read));
    for (const SqlName& name : statement.reads) {
      reads.push_back({NodeKind::kTable, model.node.space, name.schema, name.name});
    }
  }
  return reads;
}

}  // namespace

Result<DbtTexts> ReadDbtFiles(const std::string& manifest_path) {
  DbtTexts texts;
  AMONT_TRY(texts.manifest, ReadFile(manifest_path, kManifestBytesMax));
  const std::string beside = (std::filesystem::path(manifest_path).parent_path() / "catalog.json").string();
  auto catalog = ReadFile(beside, kManifestBytesMax);
  if (catalog) {
    texts.catalog = std::move(*catalog);
  } else if (catalog.error().code != ErrorCode::kNotFound) {
    return catalog.error();
  }
  return texts;
}

Result<DbtReading> ReadDbtProject(const DbtTexts& texts, const Config& config, const std::string& source,
                                  Timestamp now) {
  AMONT_TRY(DbtProject project,
            ReadDbtManifest(texts.manifest, texts.catalog, SourcesOf(config, source), now));
  DbtReading reading;
  // Models of warehouses whose SQL is another dialect are not read as PostgreSQL's.
  if (project.adapter == "postgres" || project.adapter == "redshift") {
    const SqlCatalog catalog = CatalogOf(project);
    std::vector<UndeclaredRead> undeclared;
    RunOnBigStack([&] {
      undeclared = UndeclaredReads(project, [&](const CompiledModel& model) {
        return ReadModel(model, project, catalog, now, reading.order.statements);
      });
    });
    for (const UndeclaredRead& read : undeclared) {
      reading.warnings.push_back(
          fmt::format("{} reads {}, which its depends_on does not have", read.node.Text(), read.read.Text()));
    }
  }
  reading.warnings.insert(reading.warnings.begin(), project.extract.warnings.begin(),
                          project.extract.warnings.end());
  reading.order.extract = std::move(project.extract);
  return reading;
}

}  // namespace amont
