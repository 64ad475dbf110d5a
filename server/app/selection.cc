#include "server/app/selection.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include "core/diagnostic.h"
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
  return words.empty() ||
         std::any_of(words.begin(), words.end(), [&](const std::string& word) { return matches(word, check); });
}

// What the words of one flag could have named.
std::vector<std::string> Known(const Declarations& declarations,
                               const std::function<void(const Check&, std::set<std::string>&)>& add) {
  std::set<std::string> known;
  for (const CheckPtr& check : declarations.checks) add(*check, known);
  return {known.begin(), known.end()};
}

std::optional<Error> FindIdle(const std::vector<std::string>& words, Matcher matches, std::string_view what,
                              const Declarations& declarations, const std::vector<std::string>& known) {
  for (const std::string& word : words) {
    const bool matched = std::any_of(declarations.checks.begin(), declarations.checks.end(),
                                     [&](const CheckPtr& check) { return matches(word, *check); });
    if (matched) continue;
    std::string hint = DidYouMean(word, known);
    if (!hint.empty()) hint = "; " + hint;
    return MakeError(ErrorCode::kNotFound, fmt::format("no check is selected by {} `{}`{}", what, word, hint));
  }
  return std::nullopt;
}

}  // namespace

bool Selection::Selects(const Check& check) const {
  return Any(tables, NamesTable, check) && Any(tags, HasTag, check) && Any(owners, HasOwner, check) &&
         Any(sources, OfSource, check);
}

std::optional<Error> FindIdleWord(const Selection& selection, const Declarations& declarations) {
  // Sources are known whatever a wildcard matches; the other words may be a wildcard's.
  if (declarations.patterns.empty()) {
    const auto names = Known(declarations, [](const Check& check, std::set<std::string>& known) {
      known.insert(check.table->name.Local());
      known.insert(check.table->name.Full());
      known.insert(check.id);
    });
    if (auto idle = FindIdle(selection.tables, NamesTable, "table", declarations, names)) return idle;
    const auto tags = Known(declarations, [](const Check& check, std::set<std::string>& known) {
      known.insert(check.tags.begin(), check.tags.end());
    });
    if (auto idle = FindIdle(selection.tags, HasTag, "--tag", declarations, tags)) return idle;
    const auto owners = Known(declarations, [](const Check& check, std::set<std::string>& known) {
      known.insert(check.table->owner);
    });
    if (auto idle = FindIdle(selection.owners, HasOwner, "--owner", declarations, owners)) return idle;
    const auto sources = Known(declarations, [](const Check& check, std::set<std::string>& known) {
      known.insert(check.table->name.source);
    });
    if (auto idle = FindIdle(selection.sources, OfSource, "--source", declarations, sources)) return idle;
    const bool any = std::any_of(declarations.checks.begin(), declarations.checks.end(),
                                 [&](const CheckPtr& check) { return selection.Selects(*check); });
    if (!any) return MakeError(ErrorCode::kNotFound, "no check matches all of the filters together");
  }
  return std::nullopt;
}

}  // namespace amont
