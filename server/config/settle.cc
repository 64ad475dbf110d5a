#include "server/config/settle.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace amont {
namespace {

std::string Sentence(const Diagnostic& diagnostic) {
  const std::string place = diagnostic.span.ToString();
  return place.empty() ? diagnostic.message : fmt::format("{}: {}", place, diagnostic.message);
}

// The first mistake of each file, by path.
std::map<std::string, std::string> FirstMistakes(Diagnostics diagnostics) {
  diagnostics.Sort();
  std::map<std::string, std::string> first;
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    if (diagnostic.severity != Diagnostic::Severity::kError) continue;
    first.emplace(diagnostic.span.file ? diagnostic.span.file->path : "", Sentence(diagnostic));
  }
  return first;
}

class Settler {
 public:
  Settler(Config config, const FileTexts& accepted) : accepted_(accepted) {
    settled_.config = std::move(config);
    for (const auto& file : settled_.config.files) settled_.texts[file->path] = file;
  }

  // Gives up the texts in which `mistakes` are; each round at least one file falls back or goes, so it ends.
  Settled Run(std::map<std::string, std::string> mistakes) {
    while (!mistakes.empty()) {
      for (const auto& [path, reason] : mistakes) FallBack(path, reason);
      settled_.config.files.clear();
      for (const auto& [path, text] : settled_.texts) settled_.config.files.push_back(text);
      Diagnostics diagnostics;
      settled_.config.declarations =
          Declare(settled_.config.files, settled_.config.surroundings, diagnostics);
      mistakes = FirstMistakes(std::move(diagnostics));
    }
    return std::move(settled_);
  }

 private:
  void FallBack(const std::string& path, const std::string& reason) {
    auto invalid = std::find_if(settled_.invalid.begin(), settled_.invalid.end(),
                                [&](const InvalidFile& file) { return file.path == path; });
    const bool again = invalid != settled_.invalid.end();
    if (!again) invalid = settled_.invalid.insert(invalid, {path, reason, false});
    const auto kept = accepted_.find(path);
    invalid->kept = !again && kept != accepted_.end();
    if (invalid->kept) {
      settled_.texts[path] = kept->second;
    } else {
      settled_.texts.erase(path);
    }
  }

  const FileTexts& accepted_;
  Settled settled_;
};

}  // namespace

Result<Settled> Settle(Config config, const Diagnostics& diagnostics, const FileTexts& accepted) {
  std::map<std::string, std::string> mistakes = FirstMistakes(diagnostics);
  for (const std::string& path : {std::string(), config.path}) {
    const auto own = mistakes.find(path);
    if (own != mistakes.end()) return MakeError(ErrorCode::kInvalid, own->second);
  }
  Settled settled = Settler(std::move(config), accepted).Run(std::move(mistakes));
  std::sort(settled.invalid.begin(), settled.invalid.end(),
            [](const InvalidFile& a, const InvalidFile& b) { return a.path < b.path; });
  return settled;
}

}  // namespace amont
