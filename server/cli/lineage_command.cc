// `amont lineage`: what feeds what. Each of its own commands adds itself.

#include <CLI/CLI.hpp>

#include "server/cli/command.h"
#include "server/cli/lineage_trace_command.h"

namespace amont {

void AddLineageCommand(CLI::App& app, CommandContext& context) {
  CLI::App* lineage = app.add_subcommand("lineage", "what feeds what, down to columns");
  lineage->require_subcommand(1);
  AddLineageTraceCommands(*lineage, context);
  AddLineageSqlCommand(*lineage, context);
  AddLineageImportCommand(*lineage, context);
}

}  // namespace amont
