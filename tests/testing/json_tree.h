// JSON read strictly (RFC 8259: no comments, no trailing commas, nothing after the value) into a tree, so
// that a test both proves a document well-formed and looks into it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amont::testing {

struct JsonMember;

struct JsonTree {
  enum class Kind { kAbsent, kNull, kBoolean, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kAbsent;
  std::string text;  // a string's characters; a number, true, false or null as written
  std::vector<JsonTree> items;
  std::vector<JsonMember> members;

  // The member of that name; one of kind kAbsent where there is none.
  const JsonTree& operator[](std::string_view key) const;
  bool IsTrue() const { return kind == Kind::kBoolean && text == "true"; }
};

struct JsonMember {
  std::string name;
  JsonTree value;
};

// nullopt where the text is no JSON, or says a key twice in one object.
std::optional<JsonTree> ParseJson(std::string_view text);

}  // namespace amont::testing
