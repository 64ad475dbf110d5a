// ReadPlpgsql: the SQL inside a PL/pgSQL body. Inside of lineage/sql.
//
// Every static statement is analysed, queries of loops, assignments and conditions included where they read
// something; values are followed through variables and records. SQL that is put together when the routine
// runs (EXECUTE) cannot be known: each such place is named in `dynamic`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "lineage/sql/routine_variables.h"
#include "lineage/sql/script_reader.h"
#include "lineage/sql/statement.h"

namespace amont {

struct PlpgsqlBody {
  std::vector<SqlStatement> statements;
  std::vector<std::string> dynamic;  // a sentence each
};

// `tree` is what ParsePlpgsql gave; the body's text begins at `place`.
PlpgsqlBody ReadPlpgsql(JsonValue tree, RoutineVariables variables, TextPlace place, ScriptReader& reader);

}  // namespace amont
