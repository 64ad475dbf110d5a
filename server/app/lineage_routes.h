// The routes of lineage: POST /api/v1/lineage and /api/v1/lineage/batch take OpenLineage events, GET
// /api/v1/lineage/graph gives the nodes and edges around a table as Grafana's node graph takes them.
//
// An event is answered once it is on the disk. Every answer but 201 and 204 is JSON.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "lineage/graph.h"
#include "server/app/http_access.h"
#include "server/http/http_server.h"
#include "server/ingest/lineage_ingest.h"

namespace amont {

struct LineageHooks {
  // As LineageIngest::Add.
  std::function<Result<void>(IngestOrder, LineageIngest::Answer)> ingest;
  // The graph of now; never null.
  std::function<std::shared_ptr<const LineageGraph>()> graph;
  // Where a table without a source is looked for; empty: nowhere.
  std::function<std::string()> default_source;
};

// None where the hooks are empty.
std::vector<HttpRoute> LineageRoutes(Admit admit, LineageHooks hooks);

}  // namespace amont
