// LineageBackend: what the RPCs of lineage need of the rest of the service. Filled by the composition root.
//
// Every function is called by gRPC's threads, several at once; none may throw. Nothing here knows gRPC.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/graph.h"
#include "server/ingest/event_learner.h"

namespace amont {

// A dbt project's files, as a caller sent them.
struct ManifestImport {
  std::string manifest;
  std::string catalog;      // empty: none was sent
  std::string run_results;  // likewise
  std::string source;       // whose tables it makes; empty: as the manifest's database says
  std::string token;        // who asks, for the log
};

struct ImportedManifest {
  std::string project;
  size_t nodes = 0;
  size_t edges = 0;
  std::vector<std::string> warnings;
};

struct LineageBackend {
  // Of now; never null.
  std::function<std::shared_ptr<const LineageGraph>()> graph = {};
  // As of a time, read from the store; blocks.
  std::function<Result<std::shared_ptr<const LineageGraph>>(Timestamp)> graph_at = {};
  // Where a table without a source is looked for; empty: nowhere.
  std::function<std::string()> default_source = {};
  // Block until it is written. kLimit: too much waits.
  std::function<Result<IngestReport>(IngestOrder)> ingest = {};
  std::function<Result<ImportedManifest>(const ManifestImport&)> import_manifest = {};
};

}  // namespace amont
