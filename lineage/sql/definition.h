// What DDL does to a catalog: CREATE, ALTER, RENAME, DROP. Inside of lineage/sql.
//
// Each function takes the tree of one statement and changes the catalog as PostgreSQL would, as far as
// columns go. False: not a statement of that kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "lineage/sql/catalog.h"
#include "lineage/sql/statement.h"

namespace amont {

struct DefinitionScope {
  SqlCatalog& catalog;
  std::vector<std::string>& search_path;

  // Where something new of that name would be created.
  SqlName Created(JsonValue range_var) const;
  // What the name finds, or where it would be created.
  SqlName Named(JsonValue range_var) const;
};

// CREATE TABLE, FOREIGN TABLE, TYPE AS: what is created.
SqlName DefineTable(std::string_view tag, JsonValue body, DefinitionScope& scope);
// A view or table whose columns are those of a statement's output.
void DefineAs(const SqlStatement& statement, SqlForm form, DefinitionScope& scope);
SqlName DefineFunction(JsonValue body, DefinitionScope& scope);
SqlName AlterTable(JsonValue body, DefinitionScope& scope);
SqlName RenameThing(JsonValue body, DefinitionScope& scope);
SqlName MoveToSchema(JsonValue body, DefinitionScope& scope);
// The last one dropped.
SqlName DropThings(JsonValue body, DefinitionScope& scope);
void SetVariable(JsonValue body, DefinitionScope& scope);

}  // namespace amont
