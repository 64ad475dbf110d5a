// `amont completion`: the script by which a shell completes commands, flags and their words.

#include <CLI/CLI.hpp>
#include <memory>

#include "server/cli/command.h"
#include "server/cli/completion.h"
#include "server/cli/word_option.h"

namespace amont {

void AddCompletionCommand(CLI::App& app, CommandContext& context) {
  auto shell = std::make_shared<Shell>(Shell::kBash);
  CLI::App* completion = app.add_subcommand("completion", "print the completion script of a shell");
  AddWordOption<Shell>(*completion, "SHELL", *shell,
                       {{"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}}, "which shell")
      ->required();
  completion->footer(
      "Examples:\n  source <(amont completion bash)         in ~/.bashrc\n"
      "  source <(amont completion zsh)          in ~/.zshrc, after compinit\n"
      "  amont completion fish | source          in ~/.config/fish/config.fish");
  completion->callback([&app, &context, shell] {
    context.action = [&app, shell] {
      Print(CompletionScript(app, *shell));
      return exit_code::kGood;
    };
  });
}

}  // namespace amont
