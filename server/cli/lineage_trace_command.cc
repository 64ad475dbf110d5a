// `amont lineage upstream|downstream|impact|cause|path`: questions to the lineage graph.

#include "server/cli/lineage_trace_command.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <vector>

#include "lineage/drawing.h"
#include "lineage/render.h"
#include "lineage/trace.h"
#include "server/cli/lineage_answers.h"
#include "server/cli/lineage_place.h"
#include "server/cli/word_option.h"

namespace amont {

namespace {

enum class LineageFormat { kText, kJson, kDot, kMermaid };

struct TraceFlags {
  LineageFlags place;
  LineageQuestion question;
  int depth = 0;
  size_t limit = 1'000;
  LineageFormat format = LineageFormat::kText;
};

std::string Drawn(const LineageFound& found, const Drawing& drawing, LineageFormat format) {
  const NodeMarks marks = MarksOf(found);
  switch (format) {
    case LineageFormat::kText:
      return RenderTree(found.graph, drawing, marks);
    case LineageFormat::kJson:
      return RenderJson(found.graph, drawing, marks);
    case LineageFormat::kDot:
      return RenderDot(found.graph, drawing, marks);
    case LineageFormat::kMermaid:
      return RenderMermaid(found.graph, drawing, marks);
  }
  return {};
}

TraceOptions OptionsOf(const TraceFlags& flags) {
  TraceOptions options;
  options.depth = flags.depth;
  options.limit = flags.limit;
  return options;
}

int ShowTrace(const LineageFound& found, const TraceFlags& flags, Direction direction) {
  const TraceOptions options = OptionsOf(flags);
  const std::vector<Trace> traces = {TraceFrom(found.graph, found.node, direction, options)};
  Print(Drawn(found, Draw(found.graph, traces, options.filter, flags.limit + 1), flags.format));
  return exit_code::kGood;
}

int ShowImpact(const LineageFound& found, const TraceFlags& flags) {
  if (flags.format == LineageFormat::kDot || flags.format == LineageFormat::kMermaid) {
    return ShowTrace(found, flags, Direction::kDownstream);
  }
  const Impact impact = ImpactOf(found.graph, found.node, OptionsOf(flags));
  Print(flags.format == LineageFormat::kJson ? RenderJson(found.graph, impact, MarksOf(found))
                                             : ImpactText(found, impact));
  return exit_code::kGood;
}

int ShowCause(const LineageFound& found, const TraceFlags& flags) {
  const std::vector<Failing> failing = FailingIn(found);
  const Cause cause = CauseOf(found.graph, found.node, failing, OptionsOf(flags));
  if (flags.format == LineageFormat::kJson) {
    Print(RenderJson(found.graph, cause, MarksOf(found)));
  } else if (flags.format == LineageFormat::kText) {
    Print(CauseText(found, cause));
  } else {
    return ShowTrace(found, flags, Direction::kUpstream);
  }
  return exit_code::kGood;
}

int ShowPath(const LineageFound& found, const TraceFlags& flags) {
  std::vector<Reached> path = FindPath(found.graph, found.node, found.other);
  if (path.empty()) path = FindPath(found.graph, found.other, found.node);
  if (path.empty()) {
    return Complain(fmt::format("no data is known to flow between {} and {}", found.graph.TextOf(found.node),
                                found.graph.TextOf(found.other)),
                    exit_code::kUnknown);
  }
  Print(Drawn(found, DrawPath(found.graph, path), flags.format));
  return exit_code::kGood;
}

using Show = std::function<int(const LineageFound&, const TraceFlags&)>;

void AddQuestion(CLI::App& lineage, CommandContext& context, const std::string& name, const std::string& does,
                 const Show& show) {
  const auto flags = std::make_shared<TraceFlags>();
  flags->question.asks_cause = name == "cause";
  CLI::App* command = lineage.add_subcommand(name, does);
  command->add_option("TABLE", flags->question.node, "source/schema.table, with .column; job:…; dashboard:…")
      ->required();
  if (name == "path") {
    command->add_option("TO", flags->question.other, "where the data goes, or comes from")->required();
  } else {
    command->add_option("--depth", flags->depth, "so many steps; 0: as far as it goes")
        ->option_text("0")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--limit", flags->limit, "at most so many nodes")
        ->option_text("1000")
        ->check(CLI::Range(1, 100'000));
  }
  AddLineageFlags(*command, flags->place);
  AddWordOption<LineageFormat>(*command, "--format", flags->format,
                               {{"text", LineageFormat::kText},
                                {"json", LineageFormat::kJson},
                                {"dot", LineageFormat::kDot},
                                {"mermaid", LineageFormat::kMermaid}},
                               "how the answer is written");
  command->footer(fmt::format(
      "Asks the service (--server, AMONT_SERVER), or looks at what the store remembers, what declarations say and at "
      "[lineage] dbt_manifests.\n\n"
      "Examples:\n  amont lineage {0} {1}\n  amont lineage {0} {1} --format=mermaid --at 2026-11-23T06:00:00Z",
      name, name == "path" ? "raw.orders mart.revenue" : "warehouse/mart.orders"));
  command->callback([&context, flags, show] {
    context.action = [&context, flags, show] {
      int code = exit_code::kGood;
      const auto found = FindLineage(context, flags->place, flags->question, code);
      return found ? show(*found, *flags) : code;
    };
  });
}

}  // namespace

void AddLineageTraceCommands(CLI::App& lineage, CommandContext& context) {
  AddQuestion(lineage, context, "upstream", "what a table or column is made of",
              [](const LineageFound& found, const TraceFlags& flags) {
                return ShowTrace(found, flags, Direction::kUpstream);
              });
  AddQuestion(lineage, context, "downstream", "what is made of a table or column",
              [](const LineageFound& found, const TraceFlags& flags) {
                return ShowTrace(found, flags, Direction::kDownstream);
              });
  AddQuestion(lineage, context, "impact", "what breaks when a table or column is bad, and whose it is",
              &ShowImpact);
  AddQuestion(lineage, context, "cause", "which failing table upstream explains that a table is bad",
              &ShowCause);
  AddQuestion(lineage, context, "path", "how data gets from one table or column to another", &ShowPath);
}

}  // namespace amont
