#include "server/store/lineage_facts.h"

#include <array>
#include <vector>

#include "core/json.h"
#include "core/json_document.h"
#include "server/store/reading.h"

namespace amont {

namespace {

// By FactMember.
constexpr std::array<std::string_view, kFactMembers> kKeys = {"form", "owner", "description", "url",
                                                              "tags", "tests", "columns"};

void WriteList(JsonWriter& json, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) json.String(text);
}

void WriteMember(JsonWriter& json, const NodeFacts& facts, FactMember member) {
  switch (member) {
    case FactMember::kForm:
      json.String(facts.form);
      return;
    case FactMember::kOwner:
      json.String(facts.owner);
      return;
    case FactMember::kDescription:
      json.String(facts.description);
      return;
    case FactMember::kUrl:
      json.String(facts.url);
      return;
    case FactMember::kTags:
      return WriteList(json, facts.tags);
    case FactMember::kTests:
      return WriteList(json, facts.tests);
    case FactMember::kColumns:
      for (const NodeColumn& column : facts.columns) json.String(column.name).String(column.type);
      return;
  }
}

// `values`: a time, then texts.
void ReadMember(const std::vector<std::string>& texts, FactMember member, NodeFacts& facts) {
  const std::string first = texts.empty() ? std::string() : texts.front();
  switch (member) {
    case FactMember::kForm:
      facts.form = first;
      return;
    case FactMember::kOwner:
      facts.owner = first;
      return;
    case FactMember::kDescription:
      facts.description = first;
      return;
    case FactMember::kUrl:
      facts.url = first;
      return;
    case FactMember::kTags:
      facts.tags = texts;
      return;
    case FactMember::kTests:
      facts.tests = texts;
      return;
    case FactMember::kColumns:
      for (size_t i = 0; i + 1 < texts.size(); i += 2) facts.columns.push_back({texts[i], texts[i + 1]});
      return;
  }
}

}  // namespace

// {"form":[1732424400000000,"model"],…}
std::string TextOfFacts(const StatedFacts& stated) {
  JsonWriter json;
  json.BeginObject();
  for (size_t i = 0; i < kFactMembers; ++i) {
    const auto member = static_cast<FactMember>(i);
    if (stated.said.at(i) == Timestamp() && !IsSaid(stated.facts, member)) continue;
    json.Key(kKeys.at(i)).BeginArray().Integer(Micros(stated.said.at(i)));
    WriteMember(json, stated.facts, member);
    json.EndArray();
  }
  json.EndObject();
  return json.Text(-1);
}

void ReadFactsText(std::string_view text, StatedFacts& stated) {
  const Result<JsonDocument> document = ParseJson(text);
  if (!document) return;
  for (size_t i = 0; i < kFactMembers; ++i) {
    const JsonValue value = document->Root()[kKeys.at(i)];
    std::vector<std::string> texts;
    for (const JsonValue& item : value) {
      if (const auto at = item.Integer()) {
        stated.said.at(i) = Timestamp(Duration(*at));
      } else {
        texts.emplace_back(item.String());
      }
    }
    ReadMember(texts, static_cast<FactMember>(i), stated.facts);
  }
}

}  // namespace amont
