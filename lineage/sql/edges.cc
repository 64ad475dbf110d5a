#include "lineage/sql/edges.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace amont {
namespace {

// A column of a relation; empty: the relation as a whole.
using Place = std::pair<SqlName, std::string>;

struct Sources {
  std::set<Place> direct;
  std::set<Place> indirect;
};

class EdgeBuilder {
 public:
  EdgeBuilder(const SqlOrigin& origin, Extract& extract) : origin_(origin), extract_(extract) {}

  void Add(const SqlStatement& statement) {
    if (statement.status != SqlStatus::kResolved) {
      extract_.warnings.push_back(fmt::format("{}:{}:{}: {}: {}", origin_.origin, statement.line,
                                              statement.column, statement.kind, statement.reason));
    }
    if (!statement.target || statement.status == SqlStatus::kFailed) return;
    if (statement.kind == "drop") temporaries_.erase(*statement.target);
    std::map<std::string, Sources> columns;
    std::set<SqlName> reached;
    Sources& whole = columns[""];
    for (const SqlOutput& output : statement.columns) {
      Sources& made = columns[output.name == "*" ? "" : output.name];
      for (const uint32_t id : output.direct) Follow(PlaceOf(statement, id), false, made, reached);
      for (const uint32_t id : output.indirect) Follow(PlaceOf(statement, id), true, made, reached);
    }
    for (const uint32_t id : statement.indirect) Follow(PlaceOf(statement, id), true, whole, reached);
    for (const SqlName& name : statement.reads) {
      if (!reached.contains(name) && Feeds(statement)) Follow({name, ""}, true, whole, reached);
    }
    if (statement.target->schema == kTemporarySchema) {
      Remember(*statement.target, columns);
    } else {
      Emit(statement, columns);
    }
  }

  void Finish() {
    std::sort(extract_.edges.begin(), extract_.edges.end(), [](const Edge& a, const Edge& b) {
      return std::tie(a.upstream, a.downstream, a.kind, a.job) <
             std::tie(b.upstream, b.downstream, b.kind, b.job);
    });
    const auto same = [](const Edge& a, const Edge& b) {
      return a.upstream == b.upstream && a.downstream == b.downstream && a.kind == b.kind && a.job == b.job;
    };
    // Of statements that say the same the surest counts.
    std::vector<Edge> edges;
    for (Edge& edge : extract_.edges) {
      if (!edges.empty() && same(edges.back(), edge)) {
        edges.back().confidence = std::max(edges.back().confidence, edge.confidence);
      } else {
        edges.push_back(std::move(edge));
      }
    }
    extract_.edges = std::move(edges);
  }

 private:
  static Place PlaceOf(const SqlStatement& statement, uint32_t id) {
    const SqlSource& source = statement.sources[id];
    return {statement.reads[source.relation], source.column == "*" ? "" : source.column};
  }

  // Whether what it reads decides what it writes, though no column of it may be used: SELECT 1 FROM t.
  static bool Feeds(const SqlStatement& statement) {
    return statement.kind != "create_function" && statement.kind != "create_procedure";
  }

  void Follow(const Place& place, bool indirect, Sources& into, std::set<SqlName>& reached) const {
    reached.insert(place.first);
    const auto temporary = temporaries_.find(place.first);
    if (temporary == temporaries_.end()) {
      (indirect ? into.indirect : into.direct).insert(place);
      return;
    }
    const auto add = [&](const Sources& sources) {
      (indirect ? into.indirect : into.direct).insert(sources.direct.begin(), sources.direct.end());
      into.indirect.insert(sources.indirect.begin(), sources.indirect.end());
    };
    for (const auto& [column, sources] : temporary->second) {
      if (place.second.empty() || column.empty() || column == place.second) add(sources);
    }
  }

  void Remember(const SqlName& temporary, const std::map<std::string, Sources>& columns) {
    std::map<std::string, Sources>& known = temporaries_[temporary];
    for (const auto& [column, sources] : columns) {
      known[column].direct.insert(sources.direct.begin(), sources.direct.end());
      known[column].indirect.insert(sources.indirect.begin(), sources.indirect.end());
    }
  }

  Port PortOf(const Place& place) const {
    return {{NodeKind::kTable, origin_.source, place.first.schema, place.first.name}, place.second};
  }

  void Emit(const SqlStatement& statement, const std::map<std::string, Sources>& columns) {
    std::optional<NodeName> job = origin_.job;
    if (!job && !statement.routine.empty()) job = NodeName::Job(origin_.source, statement.routine);
    for (const auto& [column, sources] : columns) {
      const Port downstream = PortOf({*statement.target, column});
      const auto emit = [&](const std::set<Place>& places, EdgeKind kind) {
        for (const Place& place : places) {
          Edge edge;
          edge.upstream = PortOf(place);
          edge.downstream = downstream;
          // A table that reads itself to change itself is not upstream of itself.
          if (edge.upstream.node == downstream.node) continue;
          edge.kind = kind;
          edge.provenance = origin_.provenance;
          edge.origin = origin_.origin;
          edge.job = job;
          edge.confidence = statement.status == SqlStatus::kPartial ? kPartialConfidence : 1.0F;
          edge.first_seen = origin_.at;
          edge.last_seen = origin_.at;
          extract_.edges.push_back(std::move(edge));
        }
      };
      emit(sources.direct, EdgeKind::kDirect);
      emit(sources.indirect, EdgeKind::kIndirect);
    }
  }

  const SqlOrigin& origin_;
  Extract& extract_;
  std::map<SqlName, std::map<std::string, Sources>> temporaries_;
};

}  // namespace

Extract ExtractOfSql(const std::vector<SqlStatement>& statements, const SqlOrigin& origin) {
  Extract extract;
  extract.provenance = origin.provenance;
  extract.origin = origin.origin;
  extract.at = origin.at;
  EdgeBuilder builder(origin, extract);
  for (const SqlStatement& statement : statements) builder.Add(statement);
  builder.Finish();
  return extract;
}

}  // namespace amont
