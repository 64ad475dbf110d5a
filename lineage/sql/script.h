// AnalyseSql: text in, the lineage of its statements out. The door of lineage/sql.
//
// Statements are taken in order, and what they create, alter, rename and drop is known to those behind them.
// One that does not parse is `failed`, with its place, and spoils no other. Nothing is executed and nothing
// is read but the text. Must be called on a thread with a big stack (lineage/sql/parser.h); any thread is
// safe, a small stack refuses deep statements. A catalog is changed by one call at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lineage/sql/catalog.h"
#include "lineage/sql/statement.h"

namespace amont {

struct SqlOptions {
  std::vector<std::string> search_path = {"public"};  // SET search_path in the text changes it from there on
};

// What the text's DDL says is put into `catalog`.
std::vector<SqlStatement> AnalyseSql(std::string_view text, SqlCatalog& catalog, const SqlOptions& options);

// Reads a schema: as AnalyseSql, but for the sake of `catalog` alone. Its views may stand in any order. Gives
// the statements that are not resolved.
std::vector<SqlStatement> ReadSqlCatalog(std::string_view ddl, SqlCatalog& catalog,
                                         const SqlOptions& options);

}  // namespace amont
