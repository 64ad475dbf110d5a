// CatalogReading: what a PostgreSQL catalog says of lineage: views and materialised views with the columns
// each of theirs comes of, foreign keys as hints, and every table's columns. It takes the server's answers
// row by row (lineage/catalog/postgres_lineage_sql.h) and gives a complete Extract. One thread; no connection
// of its own.
//
// A view's columns are read from the server's parsed query; its dependency records are the cross-check: a
// column that is recorded and flows nowhere (a star in a CTE whose columns are dropped later) is an indirect
// source of the view as a whole, since without it there were no view. A view whose query is not understood
// has indirect edges from every column recorded, and a warning. What a function reads the server does not
// know: functions that are not built in are warnings, unless they are written in C.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/time.h"
#include "lineage/catalog/postgres_lineage_sql.h"
#include "lineage/catalog/view_flow.h"
#include "lineage/edge.h"

namespace amont {

// What the server says of one view.
struct CatalogView {
  struct Column {
    std::string name;
    std::optional<Port> origin;  // the column it is, unchanged
    std::vector<Port> direct;    // sorted, as all lists here
    std::vector<Port> indirect;  // its own; `rows` come on top
  };
  NodeName name;
  std::vector<Column> columns;
  std::vector<Port> rows;              // decide which rows there are; a node: that there are rows
  std::vector<NodeName> relations;     // recorded as read
  std::vector<Port> referenced;        // columns recorded as read
  std::vector<std::string> functions;  // not built in and not in C
  bool understood = true;              // false: only relations and referenced are known
};

class CatalogReading {
 public:
  explicit CatalogReading(std::string source) : source_(std::move(source)) {}

  // One row of an answer. kInvalid where it does not have the cells the question asks for.
  Result<void> Add(CatalogQuestion question, std::span<const std::string> cells);

  const std::vector<CatalogView>& views() const { return views_; }  // by name
  // Everything, complete, said at `at`.
  Extract ToExtract(Timestamp at) const;

 private:
  struct Relation {
    NodeName name;
    std::string form;
    std::string comment;
    std::map<int, NodeColumn> columns;
  };
  struct Dependencies {
    CatalogSources sources;
    std::set<std::string> functions;
  };

  std::optional<Port> PortOf(const CatalogSource& source) const;
  std::vector<Port> PortsOf(const CatalogSources& sources) const;
  void AddView(uint32_t oid, std::string_view ev_action);
  static void AddViewEdges(const CatalogView& view, Extract& extract);

  std::string source_;
  std::map<uint32_t, Relation> relations_;
  std::vector<std::pair<CatalogSource, CatalogSource>> foreign_keys_;  // who refers, to what
  std::map<uint32_t, Dependencies> dependencies_;                      // by view
  std::vector<CatalogView> views_;
  std::vector<std::string> warnings_;
};

}  // namespace amont
