#include "lineage/sql/statement_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/json.h"
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

void AppendKey(std::string& json, std::string_view key) {
  if (json.back() != '{') json += ',';
  json += '"';
  json += key;
  json += "\":";
}

void AppendText(std::string& json, std::string_view key, std::string_view text) {
  AppendKey(json, key);
  json += JsonQuote(text);
}

void AppendNumber(std::string& json, std::string_view key, int number) {
  AppendKey(json, key);
  json += fmt::format_int(number).c_str();
}

// Of texts that are quoted already: a source stands in many lists.
void AppendList(std::string& json, std::string_view key, const std::vector<uint32_t>& ids,
                const std::vector<std::string>& quoted) {
  AppendKey(json, key);
  json += '[';
  for (const uint32_t id : ids) {
    if (json.back() != '[') json += ',';
    json += quoted[id];
  }
  json += ']';
}

void AppendOutput(std::string& json, const SqlStatement& statement, const SqlOutput& output,
                  const std::vector<std::string>& quoted) {
  if (json.back() != '[') json += ',';
  json += '{';
  AppendText(json, "name", output.name);
  AppendList(json, "direct", output.direct, quoted);
  std::vector<uint32_t> indirect;
  const std::vector<bool> in = AllIndirect(statement, output);
  for (uint32_t id = 0; id < in.size(); ++id) {
    if (in[id]) indirect.push_back(id);
  }
  AppendList(json, "indirect", indirect, quoted);
  AppendKey(json, "origin");
  json += output.origin ? std::string_view(quoted[*output.origin]) : std::string_view("null");
  json += '}';
}

std::string ListText(const std::vector<uint32_t>& ids, const std::vector<std::string>& texts) {
  std::vector<std::string_view> words;
  for (const uint32_t id : ids) words.push_back(texts[id]);
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

// Written by hand: a wide view's lists repeat hundreds of names.
std::string SqlStatementJson(const SqlStatement& statement, std::string_view file) {
  std::vector<std::string> quoted = SourceTexts(statement);
  for (std::string& text : quoted) text = JsonQuote(text);
  std::string json = "{";
  AppendText(json, "kind", statement.kind);
  AppendText(json, "status", Word(statement.status));
  AppendText(json, "reason", statement.reason);
  if (!file.empty()) AppendText(json, "file", file);
  AppendNumber(json, "line", statement.line);
  AppendNumber(json, "column", statement.column);
  if (!statement.routine.empty()) AppendText(json, "routine", statement.routine);
  AppendKey(json, "target");
  json += statement.target ? JsonQuote(statement.target->Text()) : std::string("null");
  AppendKey(json, "reads");
  json += '[';
  for (const SqlName& name : statement.reads) {
    if (json.back() != '[') json += ',';
    json += JsonQuote(name.Text());
  }
  json += ']';
  AppendKey(json, "columns");
  json += '[';
  for (const SqlOutput& output : statement.columns) AppendOutput(json, statement, output, quoted);
  json += ']';
  AppendList(json, "indirect", statement.indirect, quoted);
  AppendList(json, "unused", statement.unused, quoted);
  AppendKey(json, "unresolved");
  json += '[';
  for (const std::string& sentence : statement.unresolved) {
    if (json.back() != '[') json += ',';
    json += JsonQuote(sentence);
  }
  json += "]}";
  return json;
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
