// Types as far as lineage needs them: whether a cast changes anything, and which of two columns USING keeps.
//
// A type is a text in the form the server stores: int4, varchar(10), timestamptz, text[], myschema.mytype.
// Empty: not known; "unknown": a quoted literal or NULL, which takes the type of what it meets. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "lineage/sql/catalog.h"

namespace amont {

// Of a TypeName in the parse tree.
std::string SqlTypeName(JsonValue type_name);
// Whether a cast from `from` to `to` leaves a column as it is; false where either is not known.
bool IsSameSqlType(std::string_view from, std::string_view to);
// The type that UNION, CASE, COALESCE and USING make of two; empty: not known.
std::string CommonSqlType(const std::string& left, const std::string& right);
// The type of the column that USING makes of two: the left one's where only their modifiers differ.
std::string MergedSqlType(const std::string& left, const std::string& right);
// One of PostgreSQL's own.
bool IsBuiltInSqlType(std::string_view type);
SqlName SplitSqlTypeName(std::string_view type);
// What a function or aggregate of PostgreSQL's own returns; empty: not known.
std::string SqlFunctionType(std::string_view name, const std::vector<std::string>& arguments);
// What an operator returns; `left` is empty of a prefix operator.
std::string SqlOperatorType(std::string_view name, const std::string& left, const std::string& right);

}  // namespace amont
