// LineageHub: the lineage of a service: what comes in, the graph that is made of it, and what is shown of it.
//
// Thread-safe. All it is given outlives it.
#pragma once

#include <memory>
#include <set>

#include "core/guarded.h"
#include "server/app/generation.h"
#include "server/app/lineage_feeds.h"
#include "server/app/lineage_routes.h"
#include "server/ingest/lineage_ingest.h"
#include "server/ingest/live_graph.h"
#include "server/rpc/lineage_backend.h"
#include "server/store/store.h"
#include "server/telemetry/instruments.h"
#include "server/telemetry/metrics_page.h"
#include "server/telemetry/state_map.h"

namespace amont {

class LineageHub {
 public:
  LineageHub(Store& store, const StateMap& states, Instruments& instruments, MetricsPage& page);
  ~LineageHub();
  LineageHub(const LineageHub&) = delete;
  LineageHub& operator=(const LineageHub&) = delete;

  // Reads the graph that the store remembers and takes lineage from then on.
  Result<void> Start(const std::shared_ptr<const Generation>& generation);
  // Looks for lineage itself (server/app/lineage_feeds.h) while `leads` says so.
  void Feed(std::function<bool()> leads);
  // Another configuration is in force: sources, aliases, declared tables.
  void PutInForce(std::shared_ptr<const Generation> generation);
  LineageHooks Hooks();
  LineageBackend Backend();
  std::shared_ptr<const LineageGraph> Graph() const { return graph_.Get(); }
  LineageIngest& ingest() { return *ingest_; }
  // Where a table without a source is looked for: the only source, or the only one on PostgreSQL; empty:
  // nowhere.
  std::string DefaultSource() const;
  // Takes no more, and answers whoever waits.
  void Stop();

 private:
  void Show(const LineageGraph& graph);
  // Blocks until it is written.
  template <class Order>
  Result<IngestReport> Ingest(Order order);
  Result<ImportedManifest> Import(const ManifestImport& import);

  Store& store_;
  const StateMap& states_;
  Instruments& instruments_;
  MetricsPage& page_;
  Published<Generation> generation_{nullptr};
  LiveGraph graph_;
  std::unique_ptr<LineageIngest> ingest_;
  std::unique_ptr<LineageFeeds> feeds_;
};

// Which tables OpenLineage's datasets are, by a configuration.
DatasetNaming NamingOf(const Config& config);
std::string DefaultSourceOf(const Config& config);

}  // namespace amont
