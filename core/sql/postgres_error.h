// What PostgreSQL says when it refuses, in our codes and fit to print.
//
// The codes decide what a run does next (only kData is bisected); the texts lose what may come from a user's
// rows. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace amont {

// By SQLSTATE; an empty one is a lost connection.
ErrorCode PostgresErrorCode(std::string_view sqlstate);

// The primary message of an error on one line. Names in the words of a mistaken statement (class 42) stay; in
// all others everything from the first quote to the last is cut, and a text that a function raised is not
// shown at all.
Error PostgresError(std::string_view sqlstate, std::string_view message);

// The text without what it quotes, which may be a value: from the first quote to the last.
std::string WithoutQuoted(std::string_view text);

// The text of a failed PQconnectPoll with PQERRORS_VERBOSE, which hides the SQLSTATE in its words.
Error PostgresConnectError(std::string_view text);

}  // namespace amont
