// Completion scripts for shells, made from what the parser itself knows: commands, flags and their words.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace amont {

enum class Shell { kBash, kZsh, kFish };

std::string CompletionScript(const CLI::App& app, Shell shell);

}  // namespace amont
