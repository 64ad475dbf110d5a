// The cases of tests/cases/lineage_sql: a script in, its statements' lineage as text or JSON out.

#include <gtest/gtest.h>

#include "lineage/sql/script.h"
#include "lineage/sql/statement_json.h"
#include "tests/testing/corpus.h"

namespace amont::testing {
namespace {

// A line "-- script" divides the DDL of what exists from the script. A case whose title ends with "(json)"
// is answered in JSON.
std::string Answer(const CorpusCase& each) {
  constexpr std::string_view kDivider = "-- script\n";
  SqlCatalog catalog;
  std::string answer;
  std::string script = each.input;
  if (const size_t at = script.find(kDivider); at != std::string::npos) {
    for (const SqlStatement& statement : ReadSqlCatalog(script.substr(0, at), catalog, {})) {
      answer += "catalog " + SqlStatementText(statement);
    }
    script = script.substr(at + kDivider.size());
  }
  for (const SqlStatement& statement : AnalyseSql(script, catalog, {})) {
    answer +=
        each.title.ends_with("(json)") ? SqlStatementJson(statement) + "\n" : SqlStatementText(statement);
  }
  return answer;
}

TEST(LineageSqlCorpus, EveryCaseIsAnsweredAsWritten) { CheckCorpus("lineage_sql", Answer); }

}  // namespace
}  // namespace amont::testing
