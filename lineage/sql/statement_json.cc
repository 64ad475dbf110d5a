#include "lineage/sql/statement_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/table_name.h"

namespace amont {
namespace {

std::vector<std::string> SourceTexts(const SqlStatement& statement) {
  std::vector<std::string> texts;
  texts.reserve(statement.sources.size());
  for (const SqlSource& source : statement.sources) {
    const std::string column = source.column == "*" ? "*" : QuotePart(source.column);
    texts.push_back(statement.reads[source.relation].Text() + "." + column);
  }
  return texts;
}

// Whole-statement and unused sources count as indirect of every output.
std::vector<bool> AllIndirect(const SqlStatement& statement, const SqlOutput& output) {
  std::vector<bool> in(statement.sources.size(), false);
  for (const std::vector<uint32_t>* ids : {&output.indirect, &statement.indirect, &statement.unused}) {
    for (const uint32_t id : *ids) in[id] = true;
  }
  return in;
}

void WriteList(JsonWriter& json, std::string_view key, const std::vector<uint32_t>& ids,
               const std::vector<std::string>& texts) {
  json.Key(key).BeginArray();
  for (const uint32_t id : ids) json.String(texts[id]);
  json.EndArray();
}

std::string ListText(const std::vector<uint32_t>& ids, const std::vector<std::string>& texts) {
  std::vector<std::string_view> words;
  for (const uint32_t id : ids) words.push_back(texts[id]);
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

void WriteJson(const SqlStatement& statement, std::string_view file, JsonWriter& json) {
  const std::vector<std::string> texts = SourceTexts(statement);
  json.BeginObject();
  json.Key("kind").String(statement.kind);
  json.Key("status").String(Word(statement.status));
  json.Key("reason").String(statement.reason);
  if (!file.empty()) json.Key("file").String(file);
  json.Key("line").Integer(statement.line);
  json.Key("column").Integer(statement.column);
  if (!statement.routine.empty()) json.Key("routine").String(statement.routine);
  json.Key("target");
  if (statement.target) {
    json.String(statement.target->Text());
  } else {
    json.Null();
  }
  json.Key("reads").BeginArray();
  for (const SqlName& name : statement.reads) json.String(name.Text());
  json.EndArray();
  json.Key("columns").BeginArray();
  for (const SqlOutput& output : statement.columns) {
    json.BeginObject();
    json.Key("name").String(output.name);
    WriteList(json, "direct", output.direct, texts);
    json.Key("indirect").BeginArray();
    const std::vector<bool> indirect = AllIndirect(statement, output);
    for (size_t id = 0; id < texts.size(); ++id) {
      if (indirect[id]) json.String(texts[id]);
    }
    json.EndArray();
    json.Key("origin");
    if (output.origin) {
      json.String(texts[*output.origin]);
    } else {
      json.Null();
    }
    json.EndObject();
  }
  json.EndArray();
  WriteList(json, "indirect", statement.indirect, texts);
  WriteList(json, "unused", statement.unused, texts);
  json.Key("unresolved").BeginArray();
  for (const std::string& sentence : statement.unresolved) json.String(sentence);
  json.EndArray();
  json.EndObject();
}

std::string SqlStatementJson(const SqlStatement& statement, std::string_view file) {
  JsonWriter json;
  WriteJson(statement, file, json);
  return json.Text(-1);
}

std::string SqlStatementText(const SqlStatement& statement, std::string_view file) {
  const std::vector<std::string> texts = SourceTexts(statement);
  std::string text = file.empty() ? fmt::format("line {}", statement.line)
                                  : fmt::format("{}:{}:{}", file, statement.line, statement.column);
  text += fmt::format(": {}", statement.kind);
  if (statement.target) text += fmt::format(" {}", statement.target->Text());
  if (!statement.routine.empty()) text += fmt::format(" in {}", statement.routine);
  text += fmt::format(": {}", Word(statement.status));
  if (statement.status == SqlStatus::kFailed) text += fmt::format(": {}", statement.reason);
  text += '\n';
  for (const std::string& sentence : statement.unresolved) text += fmt::format("  ? {}\n", sentence);
  for (const SqlOutput& output : statement.columns) {
    text += fmt::format("  {}", output.name);
    if (!output.direct.empty()) text += fmt::format(" <- {}", ListText(output.direct, texts));
    if (!output.indirect.empty()) text += fmt::format("  (by {})", ListText(output.indirect, texts));
    text += '\n';
  }
  if (!statement.indirect.empty()) {
    text += fmt::format("  rows by {}\n", ListText(statement.indirect, texts));
  }
  if (!statement.unused.empty()) {
    text += fmt::format("  read and not used: {}\n", ListText(statement.unused, texts));
  }
  return text;
}

}  // namespace amont
