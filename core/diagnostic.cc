#include "core/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "core/json.h"

namespace amont {

std::string Span::ToString() const {
  if (!file) return {};
  if (line == 0) return file->path;
  return file->path + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Diagnostic& Diagnostics::Error(Span span, std::string message, std::string hint) {
  return list_.emplace_back(
      Diagnostic{Diagnostic::Severity::kError, std::move(span), std::move(message), std::move(hint), {}});
}

Diagnostic& Diagnostics::Warning(Span span, std::string message, std::string hint) {
  return list_.emplace_back(
      Diagnostic{Diagnostic::Severity::kWarning, std::move(span), std::move(message), std::move(hint), {}});
}

void Diagnostics::Append(Diagnostics other) {
  list_.insert(list_.end(), std::make_move_iterator(other.list_.begin()),
               std::make_move_iterator(other.list_.end()));
}

bool Diagnostics::HasErrors() const {
  return std::any_of(list_.begin(), list_.end(),
                     [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::kError; });
}

void Diagnostics::Sort() {
  const auto key = [](const Diagnostic& d) {
    const std::string_view path = d.span.file ? std::string_view(d.span.file->path) : std::string_view();
    return std::tuple(path, d.span.line, d.span.column);
  };
  std::stable_sort(list_.begin(), list_.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

namespace {

void WritePlace(JsonWriter& json, const Span& span) {
  json.Key("file").String(span.file ? span.file->path : std::string());
  json.Key("line").Integer(span.line);
  json.Key("column").Integer(span.column);
  json.Key("length").Integer(span.length);
}

}  // namespace

std::string RenderJson(const Diagnostics& diagnostics) {
  JsonWriter json;
  json.BeginArray();
  for (const Diagnostic& diagnostic : diagnostics.list()) {
    json.BeginObject();
    json.Key("severity").String(diagnostic.severity == Diagnostic::Severity::kError ? "error" : "warning");
    WritePlace(json, diagnostic.span);
    json.Key("message").String(diagnostic.message);
    json.Key("hint").String(diagnostic.hint);
    json.Key("notes").BeginArray();
    for (const Diagnostic::Note& note : diagnostic.notes) {
      json.BeginObject();
      WritePlace(json, note.span);
      json.Key("message").String(note.message);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
  return json.Text();
}

namespace {

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return LowerAscii(c); });
  return lower;
}

// Damerau-Levenshtein, each pair swapped at most once: insertions, deletions, replacements and swaps of
// neighbours.
int EditDistance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string DidYouMean(std::string_view word, const std::vector<std::string>& known) {
  constexpr size_t kWordMax = 200;  // nobody mistypes a longer name, and the work grows with its square
  if (word.empty() || word.size() > kWordMax) return {};
  const std::string lower = LowerAscii(word);
  const int limit = std::max(1, static_cast<int>(word.size() / 3));
  int best = limit + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    const int longer = static_cast<int>(candidate.size()) - static_cast<int>(word.size());
    if (candidate == word || longer >= best || -longer >= best) continue;
    const int distance = EditDistance(lower, LowerAscii(candidate));
    // A word that keeps none of its letters is no misspelling.
    if (distance < best && distance < static_cast<int>(word.size())) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest == nullptr ? std::string() : "did you mean `" + *nearest + "`?";
}

}  // namespace amont
