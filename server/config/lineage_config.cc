#include "server/config/lineage_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "core/quoted.h"
#include "core/table_name.h"

namespace amont {
namespace {

constexpr std::array kProvenances = {Provenance::kDeclared, Provenance::kDbt, Provenance::kOpenLineage,
                                     Provenance::kSql, Provenance::kCatalog};
constexpr std::array kTrustable = {Provenance::kOpenLineage, Provenance::kSql};

class LineageConfigReader {
 public:
  LineageConfigReader(const TomlNode& node, const std::vector<std::string>& sources, Diagnostics& diagnostics)
      : reader_(node, "[lineage]", diagnostics), sources_(sources), diagnostics_(diagnostics) {}

  LineageConfig Read() {
    ReadManifests();
    ReadAliases();
    ReadTrust();
    reader_.RejectUnknown();
    return std::move(lineage_);
  }

 private:
  // The place of one item of a list.
  Span PlaceOf(std::string_view key, size_t item) {
    const TomlEntry* entry = reader_.Find(key);
    const TomlNode::Array* items = entry == nullptr ? nullptr : entry->node.AsArray();
    return items != nullptr && item < items->size() ? (*items)[item].span : reader_.Place(key);
  }

  void ReadManifests() {
    const auto globs = reader_.StringOrStrings("dbt_manifests");
    if (!globs) return;
    for (size_t i = 0; i < globs->size(); ++i) {
      if (!globs->at(i).empty()) continue;
      diagnostics_.Error(PlaceOf("dbt_manifests", i), "a manifest has a path",
                         "such as \"target/manifest.json\", relative to amont.toml");
    }
    lineage_.dbt_manifests = *globs;
    std::erase_if(lineage_.dbt_manifests, [](const std::string& glob) { return glob.empty(); });
  }

  void ReadAliases() {
    const TomlEntry* entry = reader_.Find("aliases");
    if (entry == nullptr) return;
    const TomlNode::Table* aliases = entry->node.AsTable();
    if (aliases == nullptr) {
      diagnostics_.Error(entry->node.span,
                         R"(`aliases` must be a table: { "postgres://db.example:5432" = "warehouse" })");
      return;
    }
    for (const TomlEntry& alias : *aliases) {
      const std::string* source = alias.node.AsString();
      if (source == nullptr) {
        diagnostics_.Error(alias.node.span, "an alias names a source: a text");
      } else if (alias.key.name.empty()) {
        diagnostics_.Error(alias.key.span, "an alias begins with a namespace of OpenLineage");
      } else if (std::find(sources_.begin(), sources_.end(), *source) == sources_.end()) {
        const std::string hint = DidYouMean(*source, sources_);
        diagnostics_.Error(
            alias.node.span, fmt::format("there is no source {}", Quoted(*source)),
            hint.empty() ? fmt::format("declare it as [source.{}]", QuotePart(*source)) : hint);
      } else {
        lineage_.aliases[alias.key.name] = *source;
      }
    }
  }

  void ReadTrust() {
    const auto words = reader_.Strings("trust");
    if (!words) return;
    std::vector<std::string> known;
    for (const Provenance provenance : kTrustable) known.emplace_back(Word(provenance));
    for (size_t i = 0; i < words->size(); ++i) {
      const std::string& word = words->at(i);
      const auto* const found = std::find_if(kProvenances.begin(), kProvenances.end(),
                                             [&](Provenance provenance) { return Word(provenance) == word; });
      if (found == kProvenances.end()) {
        const std::string hint = DidYouMean(word, known);
        diagnostics_.Error(PlaceOf("trust", i), fmt::format("nothing is called {} here", Quoted(word)),
                           hint.empty() ? fmt::format("{}", fmt::join(known, " or ")) : hint);
      } else if (std::find(kTrustable.begin(), kTrustable.end(), *found) == kTrustable.end()) {
        diagnostics_.Warning(PlaceOf("trust", i), fmt::format("{} is always trusted", Quoted(word)));
      } else {
        lineage_.trust.push_back(*found);
      }
    }
  }

  TomlReader reader_;
  const std::vector<std::string>& sources_;
  Diagnostics& diagnostics_;
  LineageConfig lineage_;
};

}  // namespace

LineageConfig ReadLineageConfig(const TomlNode& node, const std::vector<std::string>& sources,
                                Diagnostics& diagnostics) {
  return LineageConfigReader(node, sources, diagnostics).Read();
}

}  // namespace amont
