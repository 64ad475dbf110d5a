#include "server/lineage/declared_lineage.h"

#include <fmt/format.h>

#include <utility>

namespace amont {

Extract DeclaredLineage(std::span<const std::shared_ptr<const Table>> tables, Timestamp at, bool complete) {
  Extract extract;
  extract.provenance = Provenance::kDeclared;
  extract.origin = kDeclaredOrigin;
  extract.at = at;
  extract.complete = complete;
  const auto add = [&](NodeName upstream, NodeName downstream) {
    Edge edge;
    edge.upstream.node = std::move(upstream);
    edge.downstream.node = std::move(downstream);
    edge.provenance = extract.provenance;
    edge.origin = extract.origin;
    edge.first_seen = edge.last_seen = at;
    extract.edges.push_back(std::move(edge));
  };
  for (const auto& table : tables) {
    if (table->is_pattern) continue;
    const NodeName name = NodeName::Of(table->name);
    NodeFacts facts;
    facts.name = name;
    facts.owner = table->owner;
    facts.description = table->description;
    facts.tags = table->tags;
    extract.nodes.push_back(std::move(facts));
    for (const TableName& upstream : table->upstream) add(NodeName::Of(upstream), name);
    for (const std::string& fed : table->feeds) {
      // Reading the declarations has refused what is neither; only what another program built gets here
      // otherwise.
      const auto node = ParseNodeName(fed, table->name.source);
      if (node && !node->IsTable()) {
        add(name, *node);
      } else {
        extract.warnings.push_back(
            fmt::format("{} feeds \"{}\", which is no exposure: left out", name.Text(), fed));
      }
    }
  }
  return extract;
}

}  // namespace amont
