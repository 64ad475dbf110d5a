// Any bytes as a script, with and without a schema: every statement ends with a status and a reason, and what
// comes out is consistent.
#include <cstddef>
#include <cstdint>
#include <string>

#include "lineage/sql/edges.h"
#include "lineage/sql/script.h"
#include "lineage/sql/statement_json.h"

namespace amont {
namespace {

void CheckIds(const std::vector<uint32_t>& ids, size_t size) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] >= size || (i > 0 && ids[i] <= ids[i - 1])) __builtin_trap();
  }
}

void Check(const SqlStatement& statement) {
  if (statement.line < 1 || statement.column < 1 || statement.kind.empty()) __builtin_trap();
  if ((statement.status == SqlStatus::kResolved) != statement.reason.empty()) __builtin_trap();
  for (const SqlSource& source : statement.sources) {
    if (source.relation >= statement.reads.size()) __builtin_trap();
  }
  for (const SqlOutput& output : statement.columns) {
    CheckIds(output.direct, statement.sources.size());
    CheckIds(output.indirect, statement.sources.size());
    if (output.origin && *output.origin >= statement.sources.size()) __builtin_trap();
  }
  CheckIds(statement.indirect, statement.sources.size());
  CheckIds(statement.unused, statement.sources.size());
  SqlStatementJson(statement, "fuzz.sql");
  SqlStatementText(statement);
}

void Run(const std::string& text) {
  SqlCatalog catalog;
  ReadSqlCatalog(text, catalog, {});
  SqlCatalog above(&catalog);
  const std::vector<SqlStatement> statements = AnalyseSql(text, above, {});
  for (const SqlStatement& statement : statements) Check(statement);
  ExtractOfSql(statements, {.source = "w", .origin = "fuzz.sql", .job = std::nullopt, .at = {}});
}

}  // namespace
}  // namespace amont

// libpg_query forgets the buffer of its warnings where PL/pgSQL is parsed.
extern "C" const char* __lsan_default_suppressions() { return "leak:pg_query_raw_parse\n"; }

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  amont::Run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
