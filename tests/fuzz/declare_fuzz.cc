// Any bytes as a declaration file: declared, expanded over a small catalog, described, its diagnostics
// rendered. A file without errors must give ids that are unique.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "checks/declare/declarations.h"
#include "checks/declare/describe.h"

namespace amont {
namespace {

Surroundings MakeSurroundings() {
  Surroundings surroundings;
  for (const char* name : {"warehouse", "lake"}) surroundings.sources[name].name = name;
  surroundings.owners["finance"].name = "finance";
  surroundings.calendars["business"] = std::make_shared<const Calendar>();
  return surroundings;
}

Catalog MakeCatalog() {
  Catalog catalog;
  for (const char* text :
       {"raw.orders", "client_acme.orders", "client_a_b.orders", "mart.\"o'\"", "mart.v", "x"}) {
    const Result<TableName> name = ParseTableName(text, "warehouse");
    if (!name) __builtin_trap();
    catalog.tables[*name].name = *name;
  }
  return catalog;
}

// The corpora are the seeds: of several cases in a file, the declarations of the first.
std::string FirstCase(std::string_view text) {
  if (text.starts_with("====")) text.remove_prefix(std::min(text.find('\n'), text.size()));
  for (const std::string_view end : {"\n====", "\n>>> ", "\n--\n"}) text = text.substr(0, text.find(end));
  return std::string(text);
}

template <class Each>
void Visit(const Each& each, std::set<std::string>& ids, bool unique) {
  for (const auto& table : each.tables) Describe(*table);
  JsonWriter json;
  json.BeginArray();
  for (const CheckPtr& check : each.checks) {
    if (check->table == nullptr) __builtin_trap();
    if (!ids.insert(check->id).second && unique) __builtin_trap();
    Describe(*check);
    WriteJson(json, *check);
  }
  json.EndArray();
  json.Text(-1);
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const amont::Surroundings surroundings = amont::MakeSurroundings();
  static const amont::Catalog catalog = amont::MakeCatalog();
  auto file = std::make_shared<amont::SourceText>();
  file->path = "fuzz.toml";
  file->text = amont::FirstCase({reinterpret_cast<const char*>(data), size});
  const std::shared_ptr<const amont::SourceText> files[] = {file};

  amont::Diagnostics diagnostics;
  const amont::Declarations declarations = amont::Declare(files, surroundings, diagnostics);
  std::set<std::string> ids;
  amont::Visit(declarations, ids, true);
  const amont::Expansion expansion =
      amont::Expand(declarations, surroundings, "warehouse", catalog, {}, diagnostics);
  amont::Visit(expansion, ids, true);
  diagnostics.Sort();
  amont::RenderText(diagnostics, false);
  return 0;
}
