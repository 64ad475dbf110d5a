#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "core/json.h"
#include "core/unicode.h"
#include "lineage/render.h"

namespace amont {
namespace {

void WriteMark(JsonWriter& json, NodeId node, const NodeMarks& marks) {
  if (const auto mark = marks.find(node); mark != marks.end()) json.Key("state").String(mark->second.word);
}

void WriteCut(JsonWriter& json, const Cut& cut) {
  json.Key("cut").BeginObject();
  json.Key("beyond_depth").Integer(static_cast<int64_t>(cut.beyond_depth));
  json.Key("beyond_limit").Integer(static_cast<int64_t>(cut.beyond_limit));
  json.Key("counted_all").Boolean(cut.counted_all);
  json.EndObject();
}

std::string_view KindWord(const LineageGraph& graph, NodeId node) {
  return graph.IsColumn(node) ? "column" : Word(graph.KindOf(node));
}

void WriteText(JsonWriter& json, std::string_view key, std::string_view text) {
  if (!text.empty()) json.Key(key).String(text);
}

// Names are ids, as they outlive a snapshot. One that is no UTF-8 would be repaired to what another may be.
std::string IdOf(const LineageGraph& graph, NodeId node) {
  std::string text = graph.TextOf(node);
  return RepairUtf8(text) == text ? text : fmt::format("{}#{}", RepairUtf8(text), node);
}

void WriteAffected(JsonWriter& json, std::string_view key, const LineageGraph& graph,
                   const std::vector<Impact::Affected>& list, size_t count, const NodeMarks& marks) {
  json.Key(key).BeginObject().Key("count").Integer(static_cast<int64_t>(count)).Key("list").BeginArray();
  for (const Impact::Affected& affected : list) {
    json.BeginObject().Key("name").String(graph.TextOf(affected.node)).Key("hops").Integer(affected.hops);
    WriteText(json, "owner", graph.OwnerOf(affected.node));
    if (affected.fallback) json.Key("tables_only").Boolean(true);
    WriteMark(json, affected.node, marks);
    json.EndObject();
  }
  json.EndArray().EndObject();
}

}  // namespace

std::string RenderJson(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks) {
  JsonWriter json;
  json.BeginObject().Key("start");
  if (drawing.nodes.empty()) {
    json.Null();
  } else {
    json.String(graph.TextOf(drawing.start));
  }
  json.Key("nodes").BeginArray();
  for (size_t i = 0; i < drawing.nodes.size(); ++i) {
    const Reached& at = drawing.nodes[i];
    json.BeginObject().Key("name").String(graph.TextOf(at.node)).Key("kind").String(KindWord(graph, at.node));
    json.Key("direction").String(i == 0 ? "start" : i < drawing.upstream_from ? "downstream" : "upstream");
    json.Key("hops").Integer(at.hops);
    if (at.from != kNoNode) json.Key("from").String(graph.TextOf(at.from));
    if (at.fallback) json.Key("tables_only").Boolean(true);
    WriteText(json, "owner", graph.OwnerOf(at.node));
    for (const StatedFacts& stated : graph.FactsOf(at.node)) {
      if (stated.facts.form.empty()) continue;
      WriteText(json, "form", stated.facts.form);
      break;
    }
    WriteMark(json, at.node, marks);
    json.EndObject();
  }
  json.EndArray().Key("edges").BeginArray();
  for (const DrawnLink& link : drawing.links) {
    json.BeginObject();
    json.Key("upstream").String(graph.TextOf(link.upstream));
    json.Key("downstream").String(graph.TextOf(link.downstream));
    json.Key("kind").String(Word(link.kind)).Key("provenances").BeginArray();
    for (size_t i = 0; i < link.provenances.size(); ++i) {
      if (link.provenances[i]) json.String(Word(static_cast<Provenance>(i)));
    }
    json.EndArray();
    if (link.confidence < 1) json.Key("confidence").Number(link.confidence);
    if (link.fallback) json.Key("tables_only").Boolean(true);
    if (!link.jobs.empty()) {
      json.Key("jobs").BeginArray();
      for (const NodeId job : link.jobs) json.String(graph.TextOf(job));
      json.EndArray();
    }
    json.EndObject();
  }
  json.EndArray();
  WriteCut(json, drawing.cut);
  json.EndObject();
  return json.Text() + "\n";
}

std::string RenderGrafana(const LineageGraph& graph, const Drawing& drawing, const NodeMarks& marks) {
  const size_t count = std::min(drawing.nodes.size(), kGrafanaNodesMax);
  std::unordered_map<NodeId, std::string> ids;
  JsonWriter json;
  json.BeginObject().Key("nodes").BeginArray();
  for (size_t i = 0; i < count; ++i) {
    const Reached& at = drawing.nodes[i];
    const NodeName& name = graph.NameOf(at.node);
    const std::string& id = ids.emplace(at.node, IdOf(graph, at.node)).first->second;
    const bool column = graph.IsColumn(at.node);
    const auto mark = marks.find(at.node);
    json.BeginObject().Key("id").String(id);
    json.Key("title").String(column ? std::string(graph.ColumnOf(at.node)) : name.name);
    json.Key("subtitle")
        .String(column           ? name.Text()
                : name.IsTable() ? name.space + (name.schema.empty() ? "" : "/" + name.schema)
                                 : std::string(Word(name.kind)));
    json.Key("mainstat").String(mark == marks.end() ? "" : mark->second.word);
    json.Key("secondarystat")
        .String(i == 0 ? "" : fmt::format("{} {}", at.hops, at.hops == 1 ? "hop" : "hops"));
    json.Key("color").String(mark == marks.end() ? std::string_view("blue") : Word(mark->second.colour));
    json.Key("detail__kind").String(KindWord(graph, at.node));
    json.Key("detail__owner").String(graph.OwnerOf(at.node));
    json.EndObject();
  }
  json.EndArray().Key("edges").BeginArray();
  for (const DrawnLink& link : drawing.links) {
    const auto source = ids.find(link.upstream);
    const auto target = ids.find(link.downstream);
    if (source == ids.end() || target == ids.end()) continue;
    json.BeginObject().Key("id").String(source->second + " -> " + target->second);
    json.Key("source").String(source->second).Key("target").String(target->second);
    json.Key("mainstat").String(ProvenanceWords(link));
    json.Key("secondarystat").String(link.fallback ? "tables only" : Word(link.kind));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Text(-1) + "\n";
}

std::string RenderJson(const LineageGraph& graph, const Impact& impact, const NodeMarks& marks) {
  JsonWriter json;
  json.BeginObject().Key("start").String(graph.TextOf(impact.start));
  WriteAffected(json, "tables", graph, impact.tables, impact.table_count, marks);
  WriteAffected(json, "columns", graph, impact.columns, impact.column_count, marks);
  WriteAffected(json, "exposures", graph, impact.exposures, impact.exposure_count, marks);
  WriteAffected(json, "jobs", graph, impact.jobs, impact.job_count, marks);
  json.Key("owners").BeginObject().Key("count").Integer(static_cast<int64_t>(impact.owner_count));
  json.Key("list").BeginArray();
  for (const Impact::OwnerShare& share : impact.owners) {
    json.BeginObject()
        .Key("name")
        .String(share.owner)
        .Key("tables")
        .Integer(static_cast<int64_t>(share.tables));
    json.Key("exposures")
        .Integer(static_cast<int64_t>(share.exposures))
        .Key("hops")
        .Integer(share.hops)
        .EndObject();
  }
  json.EndArray().EndObject();
  WriteCut(json, impact.cut);
  json.EndObject();
  return json.Text() + "\n";
}

std::string RenderJson(const LineageGraph& graph, const Cause& cause, const NodeMarks& marks) {
  JsonWriter json;
  json.BeginObject().Key("start").String(graph.TextOf(cause.start)).Key("roots").BeginArray();
  for (const CauseRoot& root : cause.roots) {
    json.BeginObject().Key("name").String(graph.TextOf(root.node));
    json.Key("since").String(FormatTimestamp(root.since)).Key("hops").Integer(root.hops);
    WriteText(json, "owner", graph.OwnerOf(root.node));
    if (root.fallback) json.Key("tables_only").Boolean(true);
    if (!root.cycle.empty()) {
      json.Key("cycle").BeginArray();
      for (const NodeId node : root.cycle) json.String(graph.TextOf(node));
      json.EndArray();
    }
    WriteMark(json, root.node, marks);
    json.EndObject();
  }
  json.EndArray().Key("between").BeginArray();
  for (const Reached& at : cause.between) {
    json.BeginObject().Key("name").String(graph.TextOf(at.node)).Key("hops").Integer(at.hops).EndObject();
  }
  json.EndArray();
  WriteCut(json, cause.cut);
  json.EndObject();
  return json.Text() + "\n";
}

}  // namespace amont
