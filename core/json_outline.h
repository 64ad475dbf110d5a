// Walks over the members of a JSON object, the elements of an array or values one after another, without
// parsing them: each is given as its text, to be parsed by itself or passed over.
//
// So a text of 100 MB costs the memory of its largest part that somebody looks at. Only brackets and quotes
// are looked at, in one pass over the text: whether what lies between them is JSON is ParseJson's to say. An
// object that is cut, or lacks a comma or a quote at its own level, is an Error that names the byte. What was
// walked before it has been given already. Pure; thread-safe.
#pragma once

#include <functional>
#include <string_view>

#include "core/result.h"

namespace amont {

using MemberSink = std::function<void(std::string_view key, std::string_view value)>;
using ElementSink = std::function<void(std::string_view value)>;

// Blanks around the object are allowed, anything else behind it is not. Keys come unescaped.
Result<void> ForEachMember(std::string_view object, const MemberSink& sink);
Result<void> ForEachElement(std::string_view array, const ElementSink& sink);
// An array's elements, or values with nothing but blanks between them: at least one.
Result<void> ForEachElementOrValue(std::string_view text, const ElementSink& sink);

// The first character that is no blank; 0 where there is none: '{' of an object, '[' of an array.
char FirstOfJson(std::string_view text);

}  // namespace amont
