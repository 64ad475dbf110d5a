// LineagePlace: the lineage a command looks at: a service's, or what the local store, declarations and dbt
// manifests say together.
#pragma once

#include <optional>
#include <string>

#include "lineage/graph.h"
#include "server/cli/command.h"

namespace amont {

struct LineageFlags {
  std::string server;
  std::string store;
  std::string at;  // a time; empty: now
};

void AddLineageFlags(CLI::App& command, LineageFlags& flags);

struct LineageQuestion {
  std::string node;   // as users write it
  std::string other;  // of a path: where it leads
  bool asks_cause = false;
};

struct LineageFound {
  LineageGraph graph;  // of a service: as far as the question reaches
  NodeId node = kNoNode;
  NodeId other = kNoNode;
  std::vector<std::pair<TableName, Timestamp>> failing;  // since when
};

// Complains and gives the exit code where there is none.
std::optional<LineageFound> FindLineage(const CommandContext& context, const LineageFlags& flags,
                                        const LineageQuestion& question, int& code);

}  // namespace amont
