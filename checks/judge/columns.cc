// ColumnsMatch, NoDrift, Exists: what the catalog says of a table's columns.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "checks/judge/evidence.h"
#include "core/unicode.h"
#include "core/wildcard.h"

namespace amont {

namespace {

constexpr size_t kProblemsShown = 3;

// The first few, and how many more there are; never "and 1 more", which takes as much room as the one.
std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  const size_t shown = parts.size() <= kProblemsShown + 1 ? parts.size() : kProblemsShown;
  const auto end = parts.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string joined = fmt::format("{}", fmt::join(parts.begin(), end, separator));
  if (parts.size() > shown) joined += fmt::format(" and {} more", parts.size() - shown);
  return joined;
}

// The grade where the table cannot be looked at: absent (its own `exists` fails for it), or unreadable.
std::optional<Grade> Unseen(const Evidence& evidence) {
  const CatalogTable* facts = evidence.value->facts;
  if (facts == nullptr)
    return CannotJudge(fmt::format("{} does not exist", evidence.check.table->name.Local()));
  if (!facts->read_error.empty()) return CannotJudge(facts->read_error);
  return std::nullopt;
}

void CheckColumn(const ExpectedColumn& expected, const CatalogTable& facts,
                 std::vector<std::string>& problems) {
  const CatalogColumn* column = facts.Find(expected.name);
  if (column == nullptr) {
    problems.push_back(fmt::format("column {} is missing", expected.name));
    return;
  }
  if (expected.type && !Satisfies(column->type, *expected.type)) {
    problems.push_back(
        fmt::format("{} is {}, not {}", expected.name, column->type.text, expected.type->text));
  }
  if (expected.nullable && *expected.nullable != column->nullable) {
    problems.push_back(
        fmt::format("{} {}", expected.name, column->nullable ? "allows NULL" : "does not allow NULL"));
  }
}

void CheckOrder(const ColumnsMatch& rule, const CatalogTable& facts, std::vector<std::string>& problems) {
  std::vector<std::string> found;
  for (const CatalogColumn& column : facts.columns) {
    const auto expected = std::find_if(rule.columns.begin(), rule.columns.end(),
                                       [&](const ExpectedColumn& one) { return one.name == column.name; });
    if (expected != rule.columns.end()) found.push_back(column.name);
  }
  size_t position = 0;
  for (const ExpectedColumn& expected : rule.columns) {
    if (facts.Find(expected.name) == nullptr) continue;  // said already
    if (position < found.size() && found[position] != expected.name) {
      problems.push_back(fmt::format("{} stands where {} is expected", found[position], expected.name));
      return;
    }
    ++position;
  }
}

// What differs between two column lists, as sentences.
std::vector<std::string> Differences(const std::vector<CatalogColumn>& before,
                                     const std::vector<CatalogColumn>& now) {
  std::vector<std::string> differences;
  const auto find = [](const std::vector<CatalogColumn>& columns, const std::string& name) {
    const auto it =
        std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.name == name; });
    return it == columns.end() ? nullptr : &*it;
  };
  for (const CatalogColumn& column : now) {
    if (find(before, column.name) == nullptr) {
      differences.push_back(fmt::format("column {} {} was added", column.name, column.type.text));
    }
  }
  std::vector<std::string> kept_before;
  std::vector<std::string> kept_now;
  for (const CatalogColumn& column : before) {
    const CatalogColumn* present = find(now, column.name);
    if (present == nullptr) {
      differences.push_back(fmt::format("column {} was removed", column.name));
      continue;
    }
    kept_before.push_back(column.name);
    if (present->type.text != column.type.text) {
      differences.push_back(
          fmt::format("{} changed from {} to {}", column.name, column.type.text, present->type.text));
    }
    if (present->nullable != column.nullable) {
      differences.push_back(
          fmt::format("{} {} NULL", column.name, present->nullable ? "now allows" : "no longer allows"));
    }
  }
  for (const CatalogColumn& column : now) {
    if (find(before, column.name) != nullptr) kept_now.push_back(column.name);
  }
  if (kept_before != kept_now) differences.emplace_back("the columns changed their order");
  return differences;
}

Value ColumnCount(const CatalogTable& facts) { return static_cast<int64_t>(facts.columns.size()); }

std::string CountText(size_t count) { return fmt::format("{} {}", count, count == 1 ? "column" : "columns"); }

// What a match looked at, where all is well.
std::string MatchText(const ColumnsMatch& rule, const CatalogTable& facts) {
  if (rule.mode != ColumnsMatch::Mode::kContains) return CountText(facts.columns.size()) + " as declared";
  if (rule.columns.empty()) return fmt::format("{}, none of them forbidden", CountText(facts.columns.size()));
  return fmt::format("{}, with the {} declared", CountText(facts.columns.size()), rule.columns.size());
}

}  // namespace

Grade Apply(const ColumnsMatch& rule, const Evidence& evidence) {
  if (auto unseen = Unseen(evidence)) return *unseen;
  const CatalogTable& facts = *evidence.value->facts;
  std::vector<std::string> problems;
  for (const ExpectedColumn& expected : rule.columns) CheckColumn(expected, facts, problems);
  if (rule.mode != ColumnsMatch::Mode::kContains) {
    for (const CatalogColumn& column : facts.columns) {
      const bool known = std::any_of(rule.columns.begin(), rule.columns.end(),
                                     [&](const ExpectedColumn& one) { return one.name == column.name; });
      if (!known) problems.push_back(fmt::format("column {} is not expected", column.name));
    }
  }
  if (rule.mode == ColumnsMatch::Mode::kOrdered) CheckOrder(rule, facts, problems);
  for (const std::string& pattern : rule.forbid) {
    for (const CatalogColumn& column : facts.columns) {
      if (MatchesWildcard(pattern, column.name)) {
        problems.push_back(fmt::format("column {} is forbidden by {}", column.name, pattern));
      }
    }
  }
  Grade grade;
  grade.observed = ColumnCount(facts);
  grade.status = problems.empty() ? Status::kPass : Status::kFail;
  grade.sentence = problems.empty() ? MatchText(rule, facts) : Joined(problems, "; ");
  return grade;
}

Grade Apply(const NoDrift& rule, const Evidence& evidence) {
  if (auto unseen = Unseen(evidence)) return *unseen;
  const CatalogTable& facts = *evidence.value->facts;
  if (!evidence.history.accepted) {
    Grade grade;
    grade.status = Status::kLearning;
    grade.observed = ColumnCount(facts);
    grade.accept_schema = true;
    grade.sentence = fmt::format("first sight of {}: accepted", CountText(facts.columns.size()));
    return grade;
  }
  const AcceptedSchema& accepted = *evidence.history.accepted;
  const std::vector<std::string> differences = Differences(accepted.columns, facts.columns);
  const std::string since = FormatDate(evidence.check.ZoneOf().LocalDay(Sane(accepted.accepted_at)));
  Grade grade;
  grade.observed = ColumnCount(facts);
  if (differences.empty()) {
    grade.sentence = fmt::format("{} as accepted on {}", CountText(facts.columns.size()), since);
    return grade;
  }
  const auto& pending = evidence.history.pending;
  const bool settled = rule.drift_for && pending && Differences(pending->columns, facts.columns).empty() &&
                       evidence.now - Sane(pending->first_seen) >= *rule.drift_for;
  if (settled) {
    grade.accept_schema = true;
    grade.sentence =
        fmt::format("accepted after {}: {}", HumanDuration(*rule.drift_for), Joined(differences, "; "));
    return grade;
  }
  grade.status = rule.fail ? Status::kFail : Status::kWarn;
  grade.sentence = fmt::format("changed since {}: {}", since, Joined(differences, "; "));
  return grade;
}

Grade Apply(const Exists& rule, const Evidence& evidence) {
  const CatalogTable* facts = evidence.value->facts;
  Grade grade;
  if (facts == nullptr) {
    grade.status = Status::kFail;
    grade.observed = int64_t{0};
    const TableName& name = evidence.check.table->name;
    const std::string pattern = name.schema.empty() ? name.table : name.schema + "." + name.table;
    const auto* why = std::get_if<std::string>(&evidence.value->value);
    if (why != nullptr && !why->empty()) {
      grade.sentence = Printable(*why);
      return grade;
    }
    grade.sentence = evidence.check.table->is_pattern ? fmt::format("no table matches {}", pattern)
                                                      : fmt::format("{} does not exist", name.Local());
    return grade;
  }
  if (!facts->read_error.empty()) return CannotJudge(facts->read_error);
  std::vector<std::string> missing;
  for (const std::string& column : rule.columns) {
    if (facts->Find(column) == nullptr) missing.push_back(column);
  }
  grade.observed = static_cast<int64_t>(missing.empty() ? 1 : 0);
  grade.status = missing.empty() ? Status::kPass : Status::kFail;
  grade.sentence = missing.empty()
                       ? "exists"
                       : fmt::format("{} has no {} {}", evidence.check.table->name.Local(),
                                     missing.size() == 1 ? "column" : "columns", Joined(missing, ", "));
  return grade;
}

}  // namespace amont
