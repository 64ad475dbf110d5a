// The flags that say which checks a command is about.
#pragma once

#include "server/config/selection.h"

namespace CLI {
class App;
}

namespace amont {

// TABLE…, --tag, --owner, --source.
void AddSelectionFlags(CLI::App& command, Selection& selection);

}  // namespace amont
