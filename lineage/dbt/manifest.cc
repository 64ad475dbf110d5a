#include "lineage/dbt/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/json_document.h"
#include "core/json_outline.h"
#include "core/quoted.h"
#include "lineage/dbt/dbt_artifact.h"
#include "lineage/dbt/dbt_catalog.h"
#include "lineage/dbt/dbt_fold.h"
#include "lineage/dbt/dbt_node.h"
#include "lineage/joined_facts.h"

namespace amont {
namespace {

constexpr int kNewestManifest = 12;
constexpr size_t kWarningsMax = 200;

// dbt's names compare without regard to case in most engines.
std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

// Manifests before v8 do not name their project: it is the package whose nodes lie outside of the folders
// packages are installed in, or the one with the most nodes.
std::string ProjectName(const DbtArtifact& artifact, const DbtNodes& nodes) {
  const std::string_view named = artifact.metadata.Root()["project_name"].String();
  if (!named.empty()) return std::string(named);
  std::map<std::string, int> counts;
  for (const auto& [id, node] : nodes) {
    if (node.package.empty()) continue;
    const bool installed = node.root_path.find("dbt_packages") != std::string::npos ||
                           node.root_path.find("dbt_modules") != std::string::npos;
    counts[node.package] += installed ? 1 : 10'000;
  }
  std::string most;
  int count = 0;
  for (const auto& [package, nodes_of_it] : counts) {
    if (nodes_of_it <= count) continue;
    most = package;
    count = nodes_of_it;
  }
  return most.empty() ? "dbt" : most;
}

class ManifestReader {
 public:
  ManifestReader(const DbtSources& sources, Timestamp at) : sources_(sources) {
    project_.extract.provenance = Provenance::kDbt;
    project_.extract.at = at;
  }

  Result<DbtProject> Read(std::string_view manifest, std::string_view catalog) {
    AMONT_TRY(const DbtArtifact artifact, ReadDbtArtifact(manifest, "manifest", kNewestManifest));
    for (const std::string& warning : artifact.warnings) Warn(warning);
    for (const std::string_view part : {"nodes", "sources", "exposures", "metrics", "semantic_models",
                                        "saved_queries", "functions", "unit_tests"}) {
      AMONT_TRY_VOID(ReadNodes(artifact, part));
    }
    AMONT_TRY_VOID(ReadGroups(artifact));
    ReadCatalog(catalog);
    const JsonValue metadata = artifact.metadata.Root();
    project_.name = ProjectName(artifact, nodes_);
    project_.adapter = metadata["adapter_type"].String();
    project_.version = artifact.version;
    project_.dbt_version = metadata["dbt_version"].String();
    const Result<Timestamp> generated = ParseTimestamp(metadata["generated_at"].String());
    if (generated) project_.generated_at = *generated;
    project_.extract.origin = project_.name;
    // What was not understood may be there all the same: its edges have not ended.
    project_.extract.complete =
        broken_.empty() && artifact.version >= 1 && artifact.version <= kNewestManifest;
    ReadTests();
    Build();
    project_.extract.nodes = JoinedFacts(std::move(project_.extract.nodes));
    return std::move(project_);
  }

 private:
  void Warn(std::string warning) {
    std::vector<std::string>& warnings = project_.extract.warnings;
    if (warnings.size() < kWarningsMax) {
      warnings.push_back(std::move(warning));
    } else if (warnings.size() == kWarningsMax) {
      warnings.emplace_back("there is more that was left out");
    }
  }

  Result<void> ReadNodes(const DbtArtifact& artifact, std::string_view part) {
    const std::string_view text = artifact.Part(part);
    if (text.empty()) return {};
    if (FirstOfJson(text) != '{') {
      Warn(fmt::format("{} is not an object; it is left out", part));
      return {};
    }
    const Result<void> walked = ForEachMember(text, [&](std::string_view id, std::string_view value) {
      Result<DbtNode> node = ReadDbtNode(id, value);
      if (node) {
        nodes_.insert_or_assign(std::string(id), *std::move(node));
      } else {
        broken_.insert(std::string(id));
        Warn(fmt::format("{} is left out: {}", Quoted(id), node.error().message));
      }
    });
    if (!walked)
      return MakeError(ErrorCode::kInvalid,
                       fmt::format("{} of the dbt manifest: {}", part, walked.error().message));
    return {};
  }

  Result<void> ReadGroups(const DbtArtifact& artifact) {
    const std::string_view text = artifact.Part("groups");
    if (FirstOfJson(text) != '{') return {};
    const Result<void> walked = ForEachMember(text, [&](std::string_view id, std::string_view value) {
      const Result<JsonDocument> group = ParseJson(value);
      const std::string_view name = group ? group->Root()["name"].String() : std::string_view();
      if (name.empty()) {
        Warn(fmt::format("{} is left out: it has no name", Quoted(id)));
        return;
      }
      groups_[std::string(name)] = OwnerText(group->Root()["owner"]);
    });
    if (!walked)
      return MakeError(ErrorCode::kInvalid,
                       fmt::format("groups of the dbt manifest: {}", walked.error().message));
    return {};
  }

  // Lineage does not hang on the catalog: one that cannot be read costs columns only.
  void ReadCatalog(std::string_view text) {
    if (text.empty()) return;
    Result<DbtCatalog> read = ReadDbtCatalog(text);
    if (!read) {
      Warn(fmt::format("columns and types are not known: {}", read.error().message));
      return;
    }
    catalog_ = *std::move(read);
    for (const std::string& warning : catalog_.warnings) Warn(warning);
  }

  NodeName NameOf(const DbtNode& node) const {
    if (node.kind == DbtKind::kExposure) return NodeName::Exposure(node.exposure_type, node.name);
    DbtRelation relation = RelationOf(node);
    auto source = sources_.databases.find(relation.database);
    if (source == sources_.databases.end()) source = sources_.databases.find(node.database);
    std::string ours = source == sources_.databases.end() ? sources_.source : source->second;
    if (ours.empty()) ours = relation.database.empty() ? "dbt" : relation.database;
    return NodeName::Of({.source = std::move(ours),
                         .schema = std::move(relation.schema),
                         .table = std::move(relation.table)});
  }

  // Which nodes a test is of: the one it is attached to, the one it was given, or all it reads.
  std::vector<std::string> TestedBy(const DbtNode& test) const {
    if (!test.attached_node.empty()) return {test.attached_node};
    for (const std::string& id : test.depends_on) {
      const auto node = nodes_.find(id);
      if (!test.tested_model.empty() && node != nodes_.end() && node->second.name == test.tested_model)
        return {id};
    }
    return test.depends_on;
  }

  void ReadTests() {
    for (const auto& [id, node] : nodes_) {
      if (node.kind != DbtKind::kTest || !node.enabled) continue;
      for (const std::string& tested : TestedBy(node))
        tests_[tested].insert(node.test.empty() ? node.name : node.test);
    }
  }

  std::vector<NodeColumn> ColumnsOf(const DbtNode& node) const {
    const auto found = catalog_.columns.find(node.unique_id);
    if (found == catalog_.columns.end()) return node.columns;
    std::vector<NodeColumn> columns = found->second;
    std::set<std::string> known;
    for (const NodeColumn& column : columns) known.insert(Lower(column.name));
    for (const NodeColumn& column : node.columns) {
      if (!known.contains(Lower(column.name))) columns.push_back(column);
    }
    return columns;
  }

  void AddFacts(const DbtNode& node, const NodeName& name) {
    NodeFacts facts;
    facts.name = name;
    facts.form = node.kind == DbtKind::kExposure ? node.exposure_type : node.resource_type;
    facts.owner = node.owner;
    const auto group = groups_.find(node.group);
    if (facts.owner.empty() && group != groups_.end()) facts.owner = group->second;
    facts.description = node.description.empty() ? node.label : node.description;
    facts.url = node.url;
    facts.tags = node.tags;
    const auto tag = [&](std::string_view what, const std::string& value) {
      if (!value.empty()) facts.tags.push_back(fmt::format("{}:{}", what, value));
    };
    tag("package", node.package);
    if (node.kind == DbtKind::kModel) tag("materialized", node.materialized);
    tag("group", node.group);
    tag("maturity", node.maturity);
    const auto tests = tests_.find(node.unique_id);
    if (tests != tests_.end()) facts.tests.assign(tests->second.begin(), tests->second.end());
    facts.columns = ColumnsOf(node);
    const auto found = catalog_.columns.find(node.unique_id);
    if (found != catalog_.columns.end()) project_.catalogued.emplace(name, found->second);
    project_.extract.nodes.push_back(std::move(facts));
  }

  void AddEdge(const NodeName& from, const NodeName& to) {
    if (from == to) return;
    Edge edge;
    edge.upstream.node = from;
    edge.downstream.node = to;
    edge.provenance = Provenance::kDbt;
    edge.origin = project_.extract.origin;
    edge.first_seen = edge.last_seen = project_.extract.at;
    project_.extract.edges.push_back(std::move(edge));
  }

  void AddCompiled(DbtNode& node, const std::vector<NodeName>& before) {
    if (node.kind != DbtKind::kModel && node.kind != DbtKind::kSnapshot) return;
    if (node.language != "sql") return;
    if (!node.compiled) {
      project_.all_compiled = false;
      ++uncompiled_;
      return;
    }
    // dbt leaves what it could not render; no SQL holds it outside of texts.
    if (node.code.find("{{") != std::string::npos || node.code.find("{%") != std::string::npos) {
      project_.all_compiled = false;
      Warn(fmt::format("the compiled SQL of {} still holds Jinja; it is not looked into",
                       Quoted(node.unique_id)));
      return;
    }
    project_.compiled.push_back({.unique_id = node.unique_id,
                                 .node = NameOf(node),
                                 .sql = std::move(node.code),
                                 .database = node.database,
                                 .declared = before,
                                 .declared_nodes = node.depends_on});
  }

  void Build() {
    DbtFold fold(nodes_);
    for (auto& [id, node] : nodes_) {
      if (!node.enabled) continue;
      const bool shown = node.IsRelation() || node.kind == DbtKind::kExposure;
      if (!shown && node.kind != DbtKind::kModel) continue;
      std::vector<NodeName> before;
      for (const DbtNode* relation : fold.Before(node)) before.push_back(NameOf(*relation));
      if (shown) {
        const NodeName name = NameOf(node);
        AddFacts(node, name);
        for (const NodeName& from : before) AddEdge(from, name);
        if (node.IsRelation()) project_.relations.emplace(id, name);
      }
      AddCompiled(node, before);
    }
    for (const std::string& id : fold.unknown()) {
      if (!broken_.contains(id)) Warn(fmt::format("{} is depended on and not in the manifest", Quoted(id)));
    }
    if (uncompiled_ > 0)
      Warn(fmt::format("{} models have no compiled SQL to compare with; `dbt compile` writes it",
                       uncompiled_));
  }

  const DbtSources& sources_;
  DbtProject project_;
  DbtNodes nodes_;
  std::set<std::string> broken_;
  std::map<std::string, std::string> groups_;           // name → owner
  std::map<std::string, std::set<std::string>> tests_;  // unique_id → its tests
  DbtCatalog catalog_;
  size_t uncompiled_ = 0;
};

bool SameTable(const NodeName& declared, const NodeName& read) {
  if (declared.kind != read.kind || Lower(declared.name) != Lower(read.name)) return false;
  if (read.schema.empty()) return true;
  return Lower(declared.schema) == Lower(read.schema) && declared.space == read.space;
}

}  // namespace

Result<DbtProject> ReadDbtManifest(std::string_view manifest, std::string_view catalog,
                                   const DbtSources& sources, Timestamp at) {
  return ManifestReader(sources, at).Read(manifest, catalog);
}

std::vector<UndeclaredRead> UndeclaredReads(const CompiledModel& model, const std::vector<NodeName>& reads) {
  std::vector<UndeclaredRead> undeclared;
  for (const NodeName& read : reads) {
    const auto is_read = [&](const NodeName& declared) { return SameTable(declared, read); };
    if (is_read(model.node) || std::ranges::any_of(model.declared, is_read)) continue;
    UndeclaredRead found{.unique_id = model.unique_id, .node = model.node, .read = read};
    if (std::ranges::find(undeclared, found) == undeclared.end()) undeclared.push_back(std::move(found));
  }
  return undeclared;
}

std::vector<UndeclaredRead> UndeclaredReads(
    const DbtProject& project, const std::function<std::vector<NodeName>(const CompiledModel&)>& reads_of) {
  std::vector<UndeclaredRead> all;
  for (const CompiledModel& model : project.compiled) {
    std::vector<UndeclaredRead> of_model = UndeclaredReads(model, reads_of(model));
    std::ranges::move(of_model, std::back_inserter(all));
  }
  return all;
}

}  // namespace amont
