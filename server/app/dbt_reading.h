// A dbt project's files as one reading of lineage: its manifest, with the catalog.json and the
// run_results.json beside it where there are such. Also what comes of the SQL dbt compiled.
//
// Any thread but those of the big stacks. Errors name the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/dbt/manifest.h"
#include "server/config/config.h"
#include "server/ingest/lineage_ingest.h"
#include "server/rpc/lineage_backend.h"

namespace amont {

struct DbtTexts {
  std::string manifest;
  std::string catalog;      // empty: there is none
  std::string run_results;  // likewise
};

// kNotFound, kPermission, kLimit: a file cannot be read.
Result<DbtTexts> ReadDbtFiles(const std::string& manifest_path);

// The manifest's edges, those of the SQL, and how each table fared when dbt made it last, as tags of it.
struct DbtReading {
  ReadingOrder order;
  std::vector<std::string> warnings;  // what was not understood, and reads that a model does not declare
};

// `source`: whose tables the project makes; empty: by the databases of the configured sources.
Result<DbtReading> ReadDbtProject(const DbtTexts& texts, const Config& config, const std::string& source,
                                  Timestamp now);

// Tables, exposures and edges of all its extracts.
ImportedManifest SummaryOf(const DbtReading& reading);

}  // namespace amont
