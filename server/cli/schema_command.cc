// `amont schema`: JSON Schemas of what may be written, for editors (Taplo, Even Better TOML) and for CI.

#include <CLI/CLI.hpp>
#include <memory>

#include "checks/kinds/json_schema.h"
#include "server/cli/command.h"
#include "server/cli/word_option.h"
#include "server/config/config_keys.h"

namespace amont {

namespace {

enum class Of { kDeclarations, kConfig };

int ShowSchema(Of of) {
  Print(of == Of::kConfig ? JsonSchema("amont.toml", ConfigKeys())
                          : JsonSchema("amont declarations", DeclarationKeys()));
  return exit_code::kGood;
}

}  // namespace

void AddSchemaCommand(CLI::App& app, CommandContext& context) {
  auto of = std::make_shared<Of>(Of::kDeclarations);
  CLI::App* schema =
      app.add_subcommand("schema", "print the JSON Schema of declaration files, or of amont.toml");
  AddWordOption<Of>(*schema, "FILES", *of, {{"declarations", Of::kDeclarations}, {"config", Of::kConfig}},
                    "which files it describes (declarations)");
  schema->footer(
      "Example: in .taplo.toml\n  [[rule]]\n  include = [\"checks/**/*.toml\"]\n  schema.path = "
      "\"declarations.schema.json\"\n\n  amont schema > declarations.schema.json");
  schema->callback([&context, of] { context.action = [of] { return ShowSchema(*of); }; });
}

}  // namespace amont
