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

// The primary message of an error on one line. Names in the words of a mistaken statement stay: those of
// class 42 that the server `placed` in the statement's text, and of a missing privilege. The same classes
// without a place come from values that were looked up or parsed while running (`'x'::regclass`, to_tsquery).
// In all others everything from the first quote to the last is cut, and a text that a function raised is not
// shown.
Error PostgresError(std::string_view sqlstate, std::string_view message, bool placed = false);

// The text without what it quotes, which may be a value: from the first quote to the last.
std::string WithoutQuoted(std::string_view text);

// The text of a failed PQconnectPoll with PQERRORS_VERBOSE, which hides the SQLSTATE in its words.
Error PostgresConnectError(std::string_view text);

}  // namespace amont
