// DuckDB's catalog: one DESCRIBE a file table, one statement for all tables of the database file. Pure.
//
// Files prove nothing. A table of a database file enforces its NOT NULL, PRIMARY KEY, UNIQUE and
// single-column FOREIGN KEY constraints for every row and cannot defer or disable them, so they prove.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "checks/plan/dialect.h"

namespace amont {

std::vector<Statement> DuckdbCatalogStatements(const CatalogRequest& request, const std::string& source,
                                               const std::map<std::string, std::string>& files);
void ReadDuckdbCatalog(const Statement& statement, const Result<Rows>& rows, const std::string& source,
                       Catalog& catalog);

}  // namespace amont
