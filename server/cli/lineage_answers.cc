#include "server/cli/lineage_answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "core/unicode.h"
#include "server/clock/wall_clock.h"

namespace amont {

namespace {

std::string Counted(size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string NameIn(const LineageFound& found, NodeId node) { return Printable(found.graph.TextOf(node)); }

void AppendList(std::string& text, const LineageFound& found, std::string_view what,
                std::span<const Impact::Affected> affected, const NodeMarks& marks) {
  if (affected.empty()) return;
  text += fmt::format("{}:\n", what);
  for (const Impact::Affected& one : affected) {
    const auto mark = marks.find(one.node);
    const std::string_view owner = found.graph.OwnerOf(one.node);
    text +=
        fmt::format("  {} {}{}{}{}\n", one.hops, NameIn(found, one.node),
                    owner.empty() ? "" : fmt::format(" ({})", Printable(std::string(owner))),
                    one.fallback ? " (tables only)" : "", mark == marks.end() ? "" : " " + mark->second.word);
  }
}

}  // namespace

std::vector<Failing> FailingIn(const LineageFound& found) {
  std::vector<Failing> failing;
  for (const auto& [table, since] : found.failing) {
    if (const auto node = found.graph.Find(NodeName::Of(table))) failing.push_back({*node, since});
  }
  return failing;
}

NodeMarks MarksOf(const LineageFound& found) {
  NodeMarks marks;
  for (const Failing& failing : FailingIn(found)) marks[failing.node] = {"fail", NodeColour::kRed};
  return marks;
}

std::string ImpactText(const LineageFound& found, const Impact& impact) {
  const NodeMarks marks = MarksOf(found);
  std::string text =
      fmt::format("{}: {}, {}, {}\n", NameIn(found, impact.start), Counted(impact.table_count, "table"),
                  Counted(impact.column_count, "column"), Counted(impact.exposure_count, "exposure"));
  AppendList(text, found, "exposures", impact.exposures, marks);
  AppendList(text, found, "tables", impact.tables, marks);
  if (found.graph.IsColumn(impact.start)) AppendList(text, found, "columns", impact.columns, marks);
  if (!impact.owners.empty()) {
    std::vector<std::string> owners;
    for (const Impact::OwnerShare& share : impact.owners) {
      owners.push_back(fmt::format("{} ({})", Printable(std::string(share.owner)),
                                   Counted(share.tables + share.exposures, "node")));
    }
    text += fmt::format("owners: {}\n", fmt::join(owners, ", "));
  }
  if (const std::string cut = CutText(impact.cut); !cut.empty()) text += cut + "\n";
  return text;
}

std::string CauseText(const LineageFound& found, const Cause& cause) {
  if (cause.roots.empty()) {
    return fmt::format("nothing at or above {} fails, as far as is known\n", NameIn(found, cause.start));
  }
  std::string text;
  const Timestamp now = WallClock();
  for (const CauseRoot& root : cause.roots) {
    text += fmt::format("{} fails since {} ({} ago)", NameIn(found, root.node),
                        FormatTimestamp(std::chrono::floor<std::chrono::seconds>(root.since)),
                        HumanDuration(now - root.since));
    if (root.hops == 0) text += "; nothing above it does";
    text += "\n";
    std::vector<std::string> way;
    for (const Reached& step : FindPath(found.graph, root.node, cause.start))
      way.push_back(NameIn(found, step.node));
    if (way.size() > 1) text += fmt::format("  {}\n", fmt::join(way, " → "));
    if (!root.cycle.empty()) {
      std::vector<std::string> others;
      for (const NodeId node : root.cycle) others.push_back(NameIn(found, node));
      text += fmt::format("  in a cycle with {}\n", fmt::join(others, ", "));
    }
  }
  if (const std::string cut = CutText(cause.cut); !cut.empty()) text += cut + "\n";
  return text;
}

}  // namespace amont
