// ReadDbtSql: what the SQL that dbt compiled says: which relations each model reads, and which columns its
// columns are made of.
//
// A model's SQL is one SELECT; its columns become those of the model's table. Ephemeral models are in the SQL
// of those that use them already, so they are read for what they read and make no edges. What a star or an
// unqualified name means follows from the columns of the relations that are read: those of catalog.json, else
// those that the SQL of the model itself makes, else those the manifest documents, to which others may come.
// So models are read in the order in which they depend on each other; of those in a cycle in the manifest's.
//
// Must be called on a thread with a big stack (lineage/sql/parser.h). Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/time.h"
#include "lineage/dbt/manifest.h"
#include "lineage/edge.h"
#include "lineage/sql/statement.h"

namespace amont {

// How the reading of one model ended.
struct DbtStatement {
  const CompiledModel* model = nullptr;  // of the project
  SqlStatus status = SqlStatus::kResolved;
  std::string reason;  // of those not resolved, with the place in the SQL of those that failed
  std::vector<std::string> unresolved;
};

struct DbtSql {
  // The edges between columns, and between tables where no column is known: provenance kSql, the project's
  // origin, no job. Complete where the project is and all its SQL was compiled: a manifest that was written
  // for some of its models says nothing of the others.
  Extract extract;
  std::vector<DbtStatement> statements;
  std::map<std::string, std::vector<NodeName>> reads;  // by the model's unique_id
};

// PostgreSQL's and Redshift's dialects are understood.
bool IsSqlRead(const DbtProject& project);
// `at`: when the files were read. The project outlives what is given.
DbtSql ReadDbtSql(const DbtProject& project, Timestamp at);

}  // namespace amont
