// PostgreSQL's catalog: one statement for all tables and wildcards of a source, and what its rows say. Pure.
//
// Flat rows of a few kinds, told apart by their first column, are the quickest form: 1,000 tables of ten
// columns take some 50 ms, and the client needs no parser.
#pragma once

#include <string>
#include <vector>

#include "checks/plan/dialect.h"

namespace amont {

std::vector<Statement> PostgresCatalogStatements(const CatalogRequest& request);
void ReadPostgresCatalog(const Statement& statement, const Rows& rows, const std::string& source,
                         Catalog& catalog);

// Whether version() is that of a PostgreSQL which enforces what its catalog says; the many products that only
// speak its protocol prove nothing.
bool IsRealPostgres(std::string_view version);

}  // namespace amont
