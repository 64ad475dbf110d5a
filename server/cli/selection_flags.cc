#include "server/cli/selection_flags.h"

#include <CLI/CLI.hpp>

namespace amont {

void AddSelectionFlags(CLI::App& command, Selection& selection) {
  command.add_option("TABLE", selection.tables,
                     "only these: schema.table, with * as a wildcard, or a check's id");
  command.add_option("--tag", selection.tags, "only checks with this tag")->allow_extra_args(false);
  command.add_option("--owner", selection.owners, "only tables of this owner")->allow_extra_args(false);
  command.add_option("--source", selection.sources, "only tables of this source")->allow_extra_args(false);
}

}  // namespace amont
