// Quoted: how a piece of text a user wrote stands inside a sentence: in backquotes, on one line, not too
// long.
//
// Control characters become '?', and a long text is cut between characters and ends in "…". Pure; never
// fails.
#pragma once

#include <string>
#include <string_view>

namespace amont {

std::string Quoted(std::string_view text);

}  // namespace amont
