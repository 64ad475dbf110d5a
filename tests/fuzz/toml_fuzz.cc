// Any bytes as a declaration file: parsed, walked, read as every type, and its diagnostics rendered.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/toml_reader.h"

namespace amont {
namespace {

void CheckSpan(const Span& span) {
  if (span.line == 0) return;
  if (span.column < 1 || span.length < 1 || !span.file) __builtin_trap();
}

void Walk(const TomlNode& node, Diagnostics& diagnostics) {
  CheckSpan(node.span);
  if (const TomlNode::Array* array = node.AsArray()) {
    for (const TomlNode& item : *array) Walk(item, diagnostics);
  }
  const TomlNode::Table* table = node.AsTable();
  if (table == nullptr) return;
  TomlReader reader(node, "[table]", diagnostics);
  for (size_t i = 0; i < table->size(); ++i) {
    const TomlEntry& entry = (*table)[i];
    CheckSpan(entry.key.span);
    Walk(entry.node, diagnostics);
    if (i % 9 == 8) continue;  // left unknown
    const std::string& key = entry.key.name;
    reader.String(key);
    reader.Integer(key);
    reader.Number(key);
    reader.Boolean(key);
    reader.DurationOf(key);
    reader.Strings(key);
    reader.StringOrStrings(key);
    reader.Word(key, {"contains", "exact", "ordered"});
  }
  reader.RejectUnknown();
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file = std::make_shared<amont::SourceText>();
  file->path = "fuzz.toml";
  file->text.assign(reinterpret_cast<const char*>(data), size);
  amont::Diagnostics diagnostics;
  if (const auto tree = amont::ParseToml(file, diagnostics)) {
    amont::Walk(*tree, diagnostics);
  } else if (diagnostics.empty()) {
    __builtin_trap();  // refused without a reason
  }
  diagnostics.Sort();
  amont::RenderText(diagnostics, true);
  amont::RenderJson(diagnostics);
  return 0;
}
