// An option that takes one of a few words, and says which when it is given another.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/diagnostic.h"

namespace amont {

template <class Choice>
CLI::Option* AddWordOption(CLI::App& app, const std::string& flag, Choice& choice,
                           std::vector<std::pair<std::string, Choice>> words,
                           const std::string& description) {
  std::vector<std::string> names;
  for (const auto& [name, value] : words) names.push_back(name);
  const auto read = [flag, &choice, words = std::move(words), names](const std::string& word) {
    for (const auto& [name, value] : words) {
      if (name != word) continue;
      choice = value;
      return;
    }
    const std::string hint = DidYouMean(word, names);
    throw CLI::ValidationError(flag, fmt::format("`{}` is not one of {}{}", word, fmt::join(names, ", "),
                                                 hint.empty() ? "" : "; " + hint));
  };
  return app.add_option_function<std::string>(flag, read, description)
      ->option_text(fmt::format("{}", fmt::join(names, "|")));
}

}  // namespace amont
