// Describe: a declared table and a lowered check as text for people and as JSON for programs: `amont
// validate`.
//
// Only what differs from its default is said, in a fixed order, so that two descriptions can be compared line
// by line. Pure.
#pragma once

#include <string>

#include "checks/check.h"
#include "core/json.h"

namespace amont {

// "warehouse/mart.orders" and below it, indented by two, owner, tier, schedule …
std::string Describe(const Table& table);
// The id with kind and options, and below it, indented by two, what is measured and what is expected.
std::string Describe(const Check& check);

// One object each. Keys are as in declarations; `measure` and `expect` are the texts Describe gives.
void WriteJson(JsonWriter& json, const Table& table);
void WriteJson(JsonWriter& json, const Check& check);

}  // namespace amont
