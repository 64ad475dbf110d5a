// What DuckDB's error texts mean. The C API gives a class word and prose ("Binder Error: Referenced column
// …"); the word decides the code, and the prose is cut to one line without the user's values. Pure.
#pragma once

#include <string_view>

#include "core/result.h"

namespace amont {

// Of a statement. Texts of the classes that may carry data (conversion, range, input, constraints) lose
// everything quoted and every number; the others keep the names they quote.
Error DuckdbStatementError(std::string_view message);

// Of opening a database file. kBusy where another process holds it: the text then ends in "in use by pid N".
Error DuckdbOpenError(std::string_view file, std::string_view message);

}  // namespace amont
