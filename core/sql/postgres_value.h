// Values as PostgreSQL writes and reads them: text format, with the types' own numbers (OIDs).
//
// Assumes a session that speaks ISO dates and UTC, as ours are told to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sql/value.h"

namespace amont {

// The parameters of one statement in the arrays that libpq wants. Texts and NULLs have no type of their own:
// the server takes the one that the statement asks for, so '{a,b}' serves $1::text[] and "7" an integer
// column.
struct PostgresParams {
  std::vector<std::optional<std::string>> texts;
  std::vector<uint32_t> types;

  std::vector<const char*> Pointers() const;  // into texts
};

// kInvalid where a text holds a zero byte, which PostgreSQL cannot store, or there are too many for the
// protocol.
Result<PostgresParams> EncodePostgres(std::span<const Value> params);

// One cell. Numerics stay exact; infinite dates, years before 1 or after 9999, and every type that Value has
// no kind for, stay the text that the server sent.
Value DecodePostgres(uint32_t type, std::string_view text);

// "bigint", "timestamp with time zone", …; "type 12345" for one that is not built in.
std::string PostgresTypeName(uint32_t type);

}  // namespace amont
