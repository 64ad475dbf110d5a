// The questions of `amont lineage`: upstream, downstream, impact, cause, path.
#pragma once

#include "server/cli/command.h"

namespace amont {

void AddLineageTraceCommands(CLI::App& lineage, CommandContext& context);

}  // namespace amont
