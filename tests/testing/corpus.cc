#include "tests/testing/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

constexpr std::string_view kSeparator = "====";

// Takes the next line off `rest`, without its newline.
std::string_view NextLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

bool Updating() {
  const char* update = std::getenv("AMONT_UPDATE");
  return update != nullptr && std::string_view(update) == "1";
}

std::vector<std::filesystem::path> CorpusFiles(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".txt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<CorpusCase> ParseCorpus(const std::filesystem::path& file, std::string_view text) {
  std::vector<CorpusCase> cases;
  bool in_expected = false;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = NextLine(text);
    const bool separator = line.starts_with(kSeparator);
    if (cases.empty() || separator) {
      CorpusCase& opened = cases.emplace_back();
      opened.file = file;
      opened.line = separator ? number + 1 : number;
      in_expected = false;
    }
    CorpusCase& current = cases.back();
    if (separator) {
      const size_t title = line.find_first_not_of("= ");
      if (title != std::string_view::npos) current.title = line.substr(title);
    } else if (line == "--" && !in_expected) {
      in_expected = true;
    } else {
      std::string& part = in_expected ? current.expected : current.input;
      part.append(line).append("\n");
    }
  }
  return cases;
}

std::string PrintCorpus(const std::vector<CorpusCase>& cases) {
  std::string text;
  for (const CorpusCase& one : cases) {
    if (cases.size() > 1 || !one.title.empty()) {
      text.append(kSeparator);
      if (!one.title.empty()) text.append(" ").append(one.title);
      text.append("\n");
    }
    text.append(one.input).append("--\n").append(one.expected);
  }
  return text;
}

void CheckCorpus(std::string_view folder, const std::function<std::string(const CorpusCase&)>& answer) {
  const std::filesystem::path root = SourcePath("tests/cases") / folder;
  size_t count = 0;
  for (const std::filesystem::path& file : CorpusFiles(root)) {
    const std::string text = ReadFile(file);
    std::vector<CorpusCase> cases = ParseCorpus(file, text);
    count += cases.size();
    for (CorpusCase& one : cases) {
      std::string actual = answer(one);
      if (!actual.empty() && actual.back() != '\n') actual.push_back('\n');
      if (Updating()) {
        one.expected = actual;
      } else {
        EXPECT_EQ(one.expected, actual) << file.string() << ":" << one.line << ": " << one.title
                                        << "\n(AMONT_UPDATE=1 accepts the new answers)";
      }
    }
    if (!Updating()) continue;
    if (const std::string updated = PrintCorpus(cases); updated != text) {
      std::ofstream(file, std::ios::binary) << updated;
    }
  }
  EXPECT_GT(count, 0u) << "no cases below " << root;
}

}  // namespace amont::testing
