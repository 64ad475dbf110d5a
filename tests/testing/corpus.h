// Tests written as text. A file below tests/cases/ holds one case, or several separated by lines that begin
// with "====":
//
//     ==== what the case shows (optional)
//     the input, any lines
//     --
//     the expected answer, any lines
//
// AMONT_UPDATE=1 rewrites the expected answers with the actual ones, for a person to read in the diff.
// Single-threaded. A folder without cases is a failure, so that a misspelt one is noticed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace amont::testing {

struct CorpusCase {
  std::filesystem::path file;
  int line = 0;  // of the first line of the input
  std::string title;
  std::string input;     // with its last newline
  std::string expected;  // with its last newline; empty where nothing is expected
};

// The cases of one file's text, in order. A case without a "--" line expects nothing.
std::vector<CorpusCase> ParseCorpus(const std::filesystem::path& file, std::string_view text);

// The text that parses into these cases.
std::string PrintCorpus(const std::vector<CorpusCase>& cases);

// Gives every case of every *.txt below tests/cases/FOLDER, in the order of paths, to `answer`, and expects
// its answer to be the expected text (a missing last newline is forgiven).
void CheckCorpus(std::string_view folder, const std::function<std::string(const CorpusCase&)>& answer);

}  // namespace amont::testing
