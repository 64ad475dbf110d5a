#include "server/cli/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace amont {

namespace {

// A flag, or the arguments of a command.
struct Flag {
  std::vector<std::string> names;  // "-c", "--config"; empty: arguments
  std::string description;
  std::string value;               // "FILE"; empty: it takes none
  std::vector<std::string> words;  // that the value may be
  bool repeats = false;

  bool IsFile() const { return value == "FILE"; }
};

struct Command {
  std::string name;
  std::string description;
  std::vector<Flag> flags;
};

Flag FlagOf(const CLI::Option& option) {
  Flag flag;
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  flag.description = option.get_description();
  flag.repeats = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() == 0) return flag;
  flag.value = option.get_option_text().empty() ? "TEXT" : option.get_option_text();
  // A word in small letters stands for itself: "json|text", "backup".
  const bool says =
      flag.value.find('|') != std::string::npos ||
      std::all_of(flag.value.begin(), flag.value.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!says) return flag;
  for (size_t at = 0; at <= flag.value.size();) {
    const size_t end = std::min(flag.value.find('|', at), flag.value.size());
    flag.words.push_back(flag.value.substr(at, end - at));
    at = end + 1;
  }
  return flag;
}

// The names of a command's own commands, and all their flags: those of one name are one.
void AddNested(const CLI::App& app, Command& command) {
  Flag names;
  names.value = "COMMAND";
  for (const CLI::App* nested : app.get_subcommands({})) {
    names.words.push_back(nested->get_name());
    for (const CLI::Option* option : nested->get_options()) {
      Flag flag = FlagOf(*option);
      if (flag.names.empty()) continue;
      const auto known = std::find_if(command.flags.begin(), command.flags.end(),
                                      [&](const Flag& other) { return other.names == flag.names; });
      if (known == command.flags.end()) {
        command.flags.push_back(std::move(flag));
        continue;
      }
      for (const std::string& word : flag.words) {
        if (std::find(known->words.begin(), known->words.end(), word) == known->words.end())
          known->words.push_back(word);
      }
    }
  }
  if (!names.words.empty()) command.flags.push_back(std::move(names));
}

Command CommandOf(const CLI::App& app) {
  Command command{app.get_name(), app.get_description(), {}};
  for (const CLI::Option* option : app.get_options()) command.flags.push_back(FlagOf(*option));
  return command;
}

std::vector<Command> CommandsOf(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(CommandOf(*command));
    AddNested(*command, commands.back());
  }
  return commands;
}

std::vector<std::string> NamesOf(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name);
  return names;
}

std::vector<std::string> NamesOf(const Command& command) {
  std::vector<std::string> names;
  for (const Flag& flag : command.flags) names.insert(names.end(), flag.names.begin(), flag.names.end());
  return names;
}

// Every name of the global flags that take a value: the word after them is no command.
std::vector<std::string> ValuedNames(const Command& global) {
  std::vector<std::string> names;
  for (const Flag& flag : global.flags) {
    if (!flag.value.empty()) names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return names;
}

std::string Replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// ---------- bash

// The case branches for values of a command's flags; `command` empty: whatever the command is.
std::string BashValues(const Command& command, const std::string& pattern) {
  std::string text;
  for (const Flag& flag : command.flags) {
    if (flag.value.empty() || flag.names.empty()) continue;
    std::vector<std::string> patterns;
    for (const std::string& name : flag.names) patterns.push_back(fmt::format("{}\\ {}", pattern, name));
    const std::string reply = flag.IsFile() ? "compgen -f -- \"$word\""
                              : flag.words.empty()
                                  ? ""
                                  : fmt::format("compgen -W '{}' -- \"$word\"", fmt::join(flag.words, " "));
    text += fmt::format("    {}) ", fmt::join(patterns, " | "));
    if (!reply.empty()) text += fmt::format("mapfile -t COMPREPLY < <({}); ", reply);
    text += "return ;;\n";
  }
  return text;
}

std::string BashScript(const Command& global, const std::vector<Command>& commands) {
  std::string values = BashValues(global, "*");
  std::string words = fmt::format("    '') words='{} {}' ;;\n", fmt::join(NamesOf(commands), " "),
                                  fmt::join(NamesOf(global), " "));
  for (const Command& command : commands) {
    values += BashValues(command, command.name);
    std::vector<std::string> known = NamesOf(command);
    for (const std::string& name : NamesOf(global)) {
      if (std::find(known.begin(), known.end(), name) == known.end() && name != "--version") {
        known.push_back(name);
      }
    }
    for (const Flag& flag : command.flags) {
      if (flag.names.empty()) known.insert(known.end(), flag.words.begin(), flag.words.end());
    }
    words += fmt::format("    {}) words='{}' ;;\n", command.name, fmt::join(known, " "));
  }
  return fmt::format(
      R"(# bash completion of amont: source <(amont completion bash)
_amont() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} flag=${{COMP_WORDS[COMP_CWORD - 1]}} command= words= i
  # bash takes --flag=value apart.
  if [[ $word == = ]]; then
    word=
  elif [[ $flag == = && COMP_CWORD -gt 1 ]]; then
    flag=${{COMP_WORDS[COMP_CWORD - 2]}}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in
    {}) [[ ${{COMP_WORDS[i + 1]}} == = ]] && ((i++)); ((i++)) ;;
    {}) command=${{COMP_WORDS[i]}}; break ;;
    esac
  done
  COMPREPLY=()
  case $command\ $flag in
{}  esac
  case $command in
{}  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -F _amont amont
)",
      fmt::join(ValuedNames(global), " | "), fmt::join(NamesOf(commands), " | "), values, words);
}

// ---------- zsh

std::string ZshText(const std::string& text) {
  std::string safe = Replaced(text, "\\", "\\\\");
  for (const char* sign : {"[", "]", ":", "$", "`"}) safe = Replaced(safe, sign, std::string("\\") + sign);
  return Replaced(safe, "'", "'\\''");
}

std::string ZshFlag(const Flag& flag) {
  std::string value;
  if (!flag.value.empty()) {
    const std::string message = flag.words.empty() ? flag.value : "word";
    const std::string action = flag.IsFile()         ? "_files"
                               : !flag.words.empty() ? fmt::format("({})", fmt::join(flag.words, " "))
                                                     : " ";
    value = fmt::format(":{}:{}", ZshText(message), action);
  }
  if (flag.names.empty()) return fmt::format(" \\\n      '*{}'", value);
  std::string specs;
  for (const std::string& name : flag.names) {
    const std::string before = flag.repeats ? "*" : fmt::format("({})", fmt::join(flag.names, " "));
    const bool joins = !flag.value.empty() && name.starts_with("--");
    specs += fmt::format(" \\\n      '{}{}{}[{}]{}'", before, name, joins ? "=" : "",
                         ZshText(flag.description), value);
  }
  return specs;
}

std::string ZshScript(const Command& global, const std::vector<Command>& commands) {
  std::string flags;
  for (const Flag& flag : global.flags) flags += ZshFlag(flag);
  std::string described;
  std::string cases;
  for (const Command& command : commands) {
    described += fmt::format("\n      '{}:{}'", command.name, ZshText(command.description));
    std::string own;
    for (const Flag& flag : command.flags) own += ZshFlag(flag);
    cases += fmt::format("    {}) _arguments -s{} ;;\n", command.name, own);
  }
  return fmt::format(
      R"(#compdef amont
# zsh completion of amont: source <(amont completion zsh), after compinit
_amont() {{
  local context state state_descr line
  typeset -A opt_args
  _arguments -s -C{} \
      '1: :->command' '*:: :->rest' && return
  if [[ $state == command ]]; then
    local -a commands=({}
    )
    _describe command commands
  elif [[ $state == rest ]]; then
    case $words[1] in
{}    esac
  fi
}}
compdef _amont amont
)",
      flags, described, cases);
}

// ---------- fish

std::string FishText(const std::string& text) {
  return fmt::format("'{}'", Replaced(Replaced(text, "\\", "\\\\"), "'", "\\'"));
}

std::string FishFlag(const Flag& flag, const std::string& condition) {
  std::string line = "complete -c amont" + condition;
  for (const std::string& name : flag.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (flag.IsFile()) line += " -r -F";
  if (!flag.value.empty() && !flag.IsFile() && !flag.names.empty()) line += " -x";
  if (!flag.words.empty()) line += fmt::format(" -a '{}'", fmt::join(flag.words, " "));
  return line + " -d " + FishText(flag.description) + "\n";
}

std::string FishScript(const Command& global, const std::vector<Command>& commands) {
  std::string text = "# fish completion of amont: amont completion fish | source\ncomplete -c amont -f\n";
  for (const Flag& flag : global.flags) text += FishFlag(flag, "");
  for (const Command& command : commands) {
    text += fmt::format("complete -c amont -n __fish_use_subcommand -a {} -d {}\n", command.name,
                        FishText(command.description));
    for (const Flag& flag : command.flags) {
      if (flag.names.empty() && flag.words.empty()) continue;
      text += FishFlag(flag, fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name));
    }
  }
  return text;
}

}  // namespace

std::string CompletionScript(const CLI::App& app, Shell shell) {
  const Command global = CommandOf(app);
  const std::vector<Command> commands = CommandsOf(app);
  switch (shell) {
    case Shell::kBash:
      return BashScript(global, commands);
    case Shell::kZsh:
      return ZshScript(global, commands);
    case Shell::kFish:
      return FishScript(global, commands);
  }
  return {};
}

}  // namespace amont
