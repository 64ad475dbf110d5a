#include "server/config/selection.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/diagnostic.h"
#include "core/quoted.h"
#include "core/wildcard.h"

namespace amont {

namespace {

bool NamesTable(const std::string& word, const Check& check) {
  const TableName& name = check.table->name;
  return word == check.id || MatchesWildcard(word, name.Local()) || MatchesWildcard(word, name.Full());
}

bool HasTag(const std::string& tag, const Check& check) {
  return std::find(check.tags.begin(), check.tags.end(), tag) != check.tags.end();
}

bool HasOwner(const std::string& owner, const Check& check) { return check.table->owner == owner; }

bool OfSource(const std::string& source, const Check& check) { return check.table->name.source == source; }

using Matcher = bool (*)(const std::string&, const Check&);

bool Any(const std::vector<std::string>& words, Matcher matches, const Check& check) {
  return words.empty() || std::any_of(words.begin(), words.end(),
                                      [&](const std::string& word) { return matches(word, check); });
}

Error Idle(std::string_view what, const std::string& word, const std::set<std::string>& known) {
  std::string hint = DidYouMean(word, {known.begin(), known.end()});
  if (!hint.empty()) hint = "; " + hint;
  return MakeError(ErrorCode::kNotFound,
                   fmt::format("no check is selected by {} {}{}", what, Quoted(word), hint));
}

// What the words of one flag could have named.
using Naming = void (*)(const Check&, std::set<std::string>&);

std::optional<Error> FindIdle(const std::vector<std::string>& words, Matcher matches, std::string_view what,
                              std::span<const CheckPtr> checks, Naming names) {
  for (const std::string& word : words) {
    const bool matched = std::any_of(checks.begin(), checks.end(),
                                     [&](const CheckPtr& check) { return matches(word, *check); });
    if (matched) continue;
    std::set<std::string> known;
    for (const CheckPtr& check : checks) names(*check, known);
    return Idle(what, word, known);
  }
  return std::nullopt;
}

}  // namespace

bool Selection::Selects(const Check& check) const {
  return Any(tables, NamesTable, check) && Any(tags, HasTag, check) && Any(owners, HasOwner, check) &&
         Any(sources, OfSource, check);
}

std::optional<Error> FindIdleWord(const Selection& selection, std::span<const CheckPtr> checks) {
  const auto names_of_table = [](const Check& check, std::set<std::string>& known) {
    known.insert({check.table->name.Local(), check.table->name.Full(), check.id});
  };
  const auto tags_of = [](const Check& check, std::set<std::string>& known) {
    known.insert(check.tags.begin(), check.tags.end());
  };
  const auto owner_of = [](const Check& check, std::set<std::string>& known) {
    known.insert(check.table->owner);
  };
  const auto source_of = [](const Check& check, std::set<std::string>& known) {
    known.insert(check.table->name.source);
  };
  if (auto idle = FindIdle(selection.tables, NamesTable, "table", checks, names_of_table)) return idle;
  if (auto idle = FindIdle(selection.tags, HasTag, "--tag", checks, tags_of)) return idle;
  if (auto idle = FindIdle(selection.owners, HasOwner, "--owner", checks, owner_of)) return idle;
  if (auto idle = FindIdle(selection.sources, OfSource, "--source", checks, source_of)) return idle;
  const bool any = std::any_of(checks.begin(), checks.end(),
                               [&](const CheckPtr& check) { return selection.Selects(*check); });
  if (!any && !selection.empty()) {
    return MakeError(ErrorCode::kNotFound, "no check matches all of the filters together");
  }
  return std::nullopt;
}

std::optional<Error> FindIdleWord(const Selection& selection, const Declarations& declarations) {
  if (declarations.patterns.empty()) return FindIdleWord(selection, declarations.checks);
  std::set<std::string> sources;
  for (const CheckPtr& check : declarations.checks) sources.insert(check->table->name.source);
  for (const auto& pattern : declarations.patterns) sources.insert(SourceOf(*pattern));
  for (const std::string& word : selection.sources) {
    if (sources.contains(word)) continue;
    return Idle("--source", word, sources);
  }
  return std::nullopt;
}

std::vector<std::string> SourcesOf(const Selection& selection, const Declarations& declarations) {
  std::set<std::string> sources;
  for (const CheckPtr& check : declarations.checks) {
    if (selection.Selects(*check)) sources.insert(check->table->name.source);
  }
  for (const auto& pattern : declarations.patterns) {
    const std::string& source = SourceOf(*pattern);
    const auto& wanted = selection.sources;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), source) != wanted.end())
      sources.insert(source);
  }
  return {sources.begin(), sources.end()};
}

}  // namespace amont
