// SQLite's catalog: one statement over sqlite_schema and the pragma functions. Pure.
//
// NOT NULL and INTEGER PRIMARY KEY hold for every row. A unique index proves where it is whole, without
// expressions, and nothing about it or the table speaks of a collation. Foreign keys are not enforced by
// default: they prove nothing.
#pragma once

#include <string>
#include <vector>

#include "checks/plan/dialect.h"

namespace amont {

std::vector<Statement> SqliteCatalogStatements(const CatalogRequest& request);
void ReadSqliteCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                       Catalog& catalog);

}  // namespace amont
