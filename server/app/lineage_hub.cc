#include "server/app/lineage_hub.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <limits>
#include <map>
#include <utility>

#include "core/log.h"
#include "server/app/dbt_reading.h"
#include "server/app/event_sql.h"
#include "server/clock/wall_clock.h"
#include "server/store/lineage_store.h"
#include "server/telemetry/lineage_families.h"

namespace amont {

namespace {

constexpr std::array kProvenances = {Provenance::kDeclared, Provenance::kDbt, Provenance::kOpenLineage,
                                     Provenance::kSql, Provenance::kCatalog};

std::set<TableName> DeclaredTables(const Config& config) {
  std::set<TableName> tables;
  for (const CheckPtr& check : config.declarations.checks) tables.insert(check->table->name);
  return tables;
}

// When tables last got something, as their checks saw it.
TableTimes LastUpdates(const StateMap& states) {
  TableTimes updated;
  for (const KnownCheckPtr& known : states.List({}, "", std::numeric_limits<size_t>::max())) {
    if (!known->state || !known->state->newest) continue;
    Timestamp& newest = updated[known->check->table->name];
    newest = std::max(newest, *known->state->newest);
  }
  return updated;
}

}  // namespace

DatasetNaming NamingOf(const Config& config) {
  std::vector<SourceAddress> sources;
  for (const auto& [name, source] : config.sources) {
    const bool postgres = EngineOf(source.connect.url).value_or(Engine::kDuckdb) == Engine::kPostgres;
    SourceAddress address;
    address.source = name;
    address.space = source.connect.url;
    address.default_schema = postgres ? "public" : "";
    for (const auto& [table, glob] : source.connect.files) {
      const bool elsewhere = glob.find("://") != std::string::npos;  // s3://bucket/…
      address.files[table] =
          elsewhere ? glob : (std::filesystem::path(config.directory) / glob).lexically_normal().string();
    }
    sources.push_back(std::move(address));
  }
  return DatasetNaming(sources, config.lineage.aliases);
}

std::string DefaultSourceOf(const Config& config) {
  std::string only;
  size_t servers = 0;
  for (const auto& [name, source] : config.sources) {
    if (config.sources.size() == 1) return name;
    if (EngineOf(source.connect.url).value_or(Engine::kDuckdb) != Engine::kPostgres) continue;
    only = name;
    ++servers;
  }
  return servers == 1 ? only : std::string();
}

LineageHub::LineageHub(Store& store, const StateMap& states, Instruments& instruments, MetricsPage& page)
    : store_(store), states_(states), instruments_(instruments), page_(page), graph_(store.Lineage(), [this] {
        LiveGraph::Options options;
        options.now = &WallClock;
        options.published = [this](const std::shared_ptr<const LineageGraph>& graph) { Show(*graph); };
        return options;
      }()) {}

LineageHub::~LineageHub() { Stop(); }

Result<void> LineageHub::Start(const std::shared_ptr<const Generation>& generation) {
  generation_.Set(generation);
  LineageIngest::Hooks hooks;
  hooks.now = &WallClock;
  hooks.events = [this](std::string_view status, size_t count) { instruments_.LineageEvents(status, count); };
  hooks.statement = [this](StatementEnd end) { instruments_.LineageStatement(Word(end)); };
  hooks.written = [this] { graph_.Wake(); };
  hooks.sql = [](const DatasetNaming& naming) -> ReadEventSql {
    const auto sql = std::make_shared<EventSql>(naming);
    return [sql](const OpenLineageEvent& event) { return sql->Read(event); };
  };
  AMONT_TRY_VOID(graph_.Start());
  ingest_ = std::make_unique<LineageIngest>(store_.Lineage(), NamingOf(generation->config), IngestLimits(),
                                            std::move(hooks));
  return {};
}

void LineageHub::PutInForce(std::shared_ptr<const Generation> generation) {
  generation_.Set(generation);
  if (ingest_ == nullptr) return;
  ingest_->SetNaming(NamingOf(generation->config));
  Show(*graph_.Get());
  if (feeds_ != nullptr) feeds_->Wake();
}

LineageHooks LineageHub::Hooks() {
  LineageHooks hooks;
  hooks.ingest = [this](IngestOrder order, LineageIngest::Answer answer) {
    return ingest_->Add(std::move(order), std::move(answer));
  };
  hooks.graph = [this] { return Graph(); };
  hooks.default_source = [this] { return DefaultSource(); };
  return hooks;
}

template <class Order>
Result<IngestReport> LineageHub::Ingest(Order order) {
  const auto answered = std::make_shared<std::promise<Result<IngestReport>>>();
  auto answer = answered->get_future();
  AMONT_TRY_VOID(ingest_->Add(
      std::move(order), [answered](Result<IngestReport> report) { answered->set_value(std::move(report)); }));
  return answer.get();
}

Result<ImportedManifest> LineageHub::Import(const ManifestImport& import) {
  const auto generation = generation_.Get();
  AMONT_TRY(DbtReading reading, ReadDbtProject({import.manifest, import.catalog, import.run_results},
                                               generation->config, import.source, WallClock()));
  ImportedManifest imported = SummaryOf(reading);
  AMONT_TRY_VOID(Ingest(std::move(reading.order)));
  Log(LogLevel::kInfo, "a manifest was imported", {{"token", import.token}, {"project", imported.project}});
  return imported;
}

LineageBackend LineageHub::Backend() {
  LineageBackend backend;
  backend.graph = [this] { return Graph(); };
  backend.graph_at = [this](Timestamp at) -> Result<std::shared_ptr<const LineageGraph>> {
    AMONT_TRY(LineageGraph graph, ReadGraph(store_.Lineage(), at, {}));
    return std::make_shared<const LineageGraph>(std::move(graph));
  };
  backend.default_source = [this] { return DefaultSource(); };
  backend.ingest = [this](IngestOrder order) { return Ingest(std::move(order)); };
  backend.import_manifest = [this](const ManifestImport& import) { return Import(import); };
  return backend;
}

void LineageHub::Feed(std::function<bool()> leads) {
  LineageFeeds::Hooks hooks;
  hooks.leads = std::move(leads);
  hooks.generation = [this] { return generation_.Get(); };
  hooks.tables = [this] {
    std::map<TableName, std::shared_ptr<const Table>> tables;
    if (const auto generation = generation_.Get()) {
      for (const auto& table : generation->config.declarations.tables) tables.emplace(table->name, table);
    }
    for (const KnownCheckPtr& known : states_.List({}, "", std::numeric_limits<size_t>::max())) {
      tables.emplace(known->check->table->name, known->check->table);
    }
    std::vector<std::shared_ptr<const Table>> list;
    for (const auto& [name, table] : tables) list.push_back(table);
    return list;
  };
  hooks.ingest = [this](ReadingOrder order, LineageIngest::Answer answer) {
    return ingest_->Add(std::move(order), std::move(answer));
  };
  hooks.looked = [this] { Show(*graph_.Get()); };
  hooks.now = &WallClock;
  feeds_ = std::make_unique<LineageFeeds>(std::move(hooks));
}

std::string LineageHub::DefaultSource() const { return DefaultSourceOf(generation_.Get()->config); }

void LineageHub::Show(const LineageGraph& graph) {
  for (const Provenance provenance : kProvenances) {
    instruments_.SetLineageEdges(Word(provenance), graph.stated_edges().at(static_cast<size_t>(provenance)));
  }
  if (const auto generation = generation_.Get()) {
    page_.SetLineage(LineageFamilies(graph, DeclaredTables(generation->config), LastUpdates(states_),
                                     EdgeFilter::Trusting(generation->config.lineage.trust)));
  }
}

void LineageHub::Stop() {
  if (feeds_ != nullptr) feeds_->Stop();
  if (ingest_ != nullptr) ingest_->Stop();
  graph_.Stop();
}

}  // namespace amont
