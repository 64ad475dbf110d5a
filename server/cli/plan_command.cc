// `amont plan`: the SQL that would run, and which check each of its answers serves.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <memory>

#include "server/app/explain.h"
#include "server/cli/command.h"
#include "server/clock/wall_clock.h"
#include "server/config/selection.h"

namespace amont {

namespace {

struct PlanFlags {
  Selection selection;
  std::vector<std::string> disabled;
  std::string as_of;
  bool connect = false;
};

int ShowPlan(const CommandContext& context, const PlanFlags& flags) {
  ExplainOrder order;
  order.selection = flags.selection;
  order.connects = flags.connect;
  order.options.now = WallClock();
  order.options.disabled = {flags.disabled.begin(), flags.disabled.end()};
  if (!flags.as_of.empty()) {
    const auto as_of = ParseTimestamp(flags.as_of);
    if (!as_of) return Complain("--as-of: " + as_of.error().message, exit_code::kUsage);
    order.options.now = *as_of;
    order.options.as_of = true;
  }
  auto config = ReadConfig(context, flags.connect ? Secrets::kNeeded : Secrets::kOptional);
  if (!config || !DeclaresAnything(context, *config)) return exit_code::kConfiguration;
  if (auto idle = FindIdleWord(flags.selection, config->declarations)) {
    return Complain(idle->message, exit_code::kUsage);
  }
  Canceller canceller;
  const Explained explained = Explain(*config, order, canceller, context.stop);
  int code = exit_code::kGood;
  for (const auto& [source, error] : explained.cut) {
    code = Complain(fmt::format("source {}: {}", source, error.message), exit_code::kUnknown);
  }
  for (const ExplainedSource& source : explained.sources) Print(source.text);
  PrintDiagnostics(context, explained.diagnostics);
  if (flags.connect && code == exit_code::kGood) {
    if (auto idle = FindIdleWord(flags.selection, explained.known)) {
      return Complain(idle->message, exit_code::kUsage);
    }
  }
  if (!flags.connect && !config->declarations.patterns.empty()) {
    const size_t count = config->declarations.patterns.size();
    Print(count == 1
              ? std::string("-- 1 wildcard is not shown: --connect finds what it matches\n")
              : fmt::format("-- {} wildcards are not shown: --connect finds what they match\n", count));
  }
  return explained.diagnostics.HasErrors() ? exit_code::kConfiguration : code;
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
      ->option_text(fmt::format("{}", fmt::join(PassNames(), "|")));
  plan->footer("Examples:\n  amont plan mart.orders\n  amont plan --connect --disable=fold");
  plan->callback(
      [&context, flags] { context.action = [&context, flags] { return ShowPlan(context, *flags); }; });
}

}  // namespace amont
