// `amont kinds`: what may be declared, from the tables that read it.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <memory>

#include "checks/kinds/kind.h"
#include "server/cli/command.h"

namespace amont {

namespace {

void ShowKeys(std::span<const Key> keys) {
  for (const Key& key : keys) {
    const std::string after =
        key.default_text.empty() ? std::string() : fmt::format(" (default {})", key.default_text);
    Print(fmt::format("  {:<14} {}{}\n", key.name, key.summary, after));
  }
}

void ShowKind(const Kind& kind) {
  Print(fmt::format("{}: {}\n\n", kind.name, kind.summary));
  ShowKeys(kind.key.keys);
  Print(fmt::format("\n{}\n", kind.example));
}

int ShowKinds(const std::string& name) {
  if (!name.empty()) {
    if (const Kind* kind = FindKind(name)) {
      ShowKind(*kind);
      return exit_code::kGood;
    }
    std::vector<std::string> known;
    for (const Kind& kind : Kinds()) known.emplace_back(kind.name);
    const std::string hint = DidYouMean(name, known);
    return Complain(fmt::format("there is no kind `{}`{}", name, hint.empty() ? "" : "; " + hint),
                    exit_code::kUsage);
  }
  for (const Kind& kind : Kinds()) Print(fmt::format("{:<10} {}\n", kind.name, kind.summary));
  Print("\nEvery check also takes:\n");
  ShowKeys(CheckKeys());
  Print("\n`amont kinds KIND` shows a kind's own keys and an example.\n");
  return exit_code::kGood;
}

}  // namespace

void AddKindsCommand(CLI::App& app, CommandContext& context) {
  auto name = std::make_shared<std::string>();
  CLI::App* kinds =
      app.add_subcommand("kinds", "what may be declared: kinds of checks, their keys, examples");
  kinds->add_option("KIND", *name, "one kind in full");
  kinds->callback([&context, name] { context.action = [name] { return ShowKinds(*name); }; });
}

}  // namespace amont
