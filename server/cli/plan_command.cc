// `amont plan`: the SQL that would run, and which check each of its answers serves.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "checks/plan/planner.h"
#include "server/app/live_catalog.h"
#include "server/config/selection.h"
#include "server/cli/command.h"

namespace amont {

namespace {

struct PlanFlags {
  Selection selection;
  std::vector<std::string> disabled;
  std::string as_of;
  bool connect = false;
};

// The checks of one source that are to be planned, and what is known of the source.
Result<LiveSource> SourceOf(const CommandContext& context, const Config& config, const std::string& source,
                            const PlanFlags& flags, Canceller& canceller, Diagnostics& diagnostics) {
  if (flags.connect) return ReadLiveSource(config, source, canceller, diagnostics, context.stop);
  LiveSource offline;
  AMONT_TRY(const Engine engine, EngineOf(config.sources.at(source).connect.url));
  offline.dialect = MakeDialect(engine, source, config.sources.at(source).connect.files);
  for (const CheckPtr& check : config.declarations.checks) {
    if (check->table->name.source == source) offline.checks.push_back(check);
  }
  return offline;
}

// The ids that a table declared by name took over from a wildcard, of the tables that are shown.
std::string RenderOverridden(const LiveSource& live) {
  std::string text;
  for (const std::string& id : live.overridden) {
    const bool shown = std::any_of(live.checks.begin(), live.checks.end(), [&](const CheckPtr& check) {
      return id.starts_with(check->table->name.Full() + ":");
    });
    if (!shown) continue;
    const bool declared = std::any_of(live.checks.begin(), live.checks.end(),
                                      [&](const CheckPtr& check) { return check->id == id; });
    text += fmt::format("  {}{}\n", id, declared ? "" : ": turned off");
  }
  return text.empty() ? text : "declared by name, over a wildcard:\n" + text + "\n";
}

int ShowPlan(const CommandContext& context, const PlanFlags& flags) {
  PlanOptions options;
  options.now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  options.disabled = {flags.disabled.begin(), flags.disabled.end()};
  if (!flags.as_of.empty()) {
    const auto as_of = ParseTimestamp(flags.as_of);
    if (!as_of) return Complain("--as-of: " + as_of.error().message, exit_code::kUsage);
    options.now = *as_of;
    options.as_of = true;
  }
  auto config = ReadConfig(context);
  if (!config || !DeclaresAnything(context, *config)) return exit_code::kConfiguration;
  if (auto idle = FindIdleWord(flags.selection, config->declarations)) {
    return Complain(idle->message, exit_code::kUsage);
  }
  Canceller canceller;
  Diagnostics diagnostics;
  int code = exit_code::kGood;
  std::vector<CheckPtr> known;
  for (const std::string& source : SourcesOf(flags.selection, config->declarations)) {
    auto live = SourceOf(context, *config, source, flags, canceller, diagnostics);
    if (!live) {
      code = Complain(fmt::format("source {}: {}", source, live.error().message), exit_code::kUnknown);
      continue;
    }
    known.insert(known.end(), live->checks.begin(), live->checks.end());
    if (options.as_of) options.declared = live->checks;
    std::erase_if(live->checks, [&](const CheckPtr& check) { return !flags.selection.Selects(*check); });
    if (live->checks.empty()) continue;
    options.max_scan_rows = config->sources.at(source).max_scan_rows;
    if (flags.connect && !options.as_of) options.now = live->catalog.now;
    const Plan plan =
        MakePlan(live->checks, flags.connect ? &live->catalog : nullptr, *live->dialect, options);
    Print(fmt::format("-- source {}\n{}", source, RenderPlan(plan, live->checks) + RenderOverridden(*live)));
  }
  PrintDiagnostics(context, diagnostics);
  if (flags.connect && code == exit_code::kGood) {
    if (auto idle = FindIdleWord(flags.selection, known)) return Complain(idle->message, exit_code::kUsage);
  }
  if (!flags.connect && !config->declarations.patterns.empty()) {
    const size_t count = config->declarations.patterns.size();
    Print(count == 1
              ? std::string("-- 1 wildcard is not shown: --connect finds what it matches\n")
              : fmt::format("-- {} wildcards are not shown: --connect finds what they match\n", count));
  }
  return diagnostics.HasErrors() ? exit_code::kConfiguration : code;
}

}  // namespace

void AddPlanCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<PlanFlags>();
  CLI::App* plan =
      app.add_subcommand("plan", "show the SQL that would run and which check each answer serves");
  plan->add_option("TABLE", flags->selection.tables, "only these: schema.table, with * as a wildcard");
  plan->add_option("--source", flags->selection.sources, "only tables of this source")
      ->allow_extra_args(false);
  plan->add_flag("--connect", flags->connect, "read the live catalog: wildcards, column types, proofs");
  plan->add_option("--as-of", flags->as_of, "plan as if it were this time")->option_text("TIME");
  plan->add_option("--disable", flags->disabled, "switch a pass off; may be repeated")
      ->check(CLI::IsMember(PassNames()))
      ->allow_extra_args(false)
      ->option_text("PASS");
  plan->footer("Examples:\n  amont plan mart.orders\n  amont plan --connect --disable=fold");
  plan->callback(
      [&context, flags] { context.action = [&context, flags] { return ShowPlan(context, *flags); }; });
}

}  // namespace amont
