// Expand: wildcards meet the catalog. Each table that at least one pattern matches is put together from all
// that match it, then what exact names declared for it takes precedence.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checks/declare/captures.h"
#include "checks/declare/declarations.h"
#include "checks/declare/layers.h"
#include "checks/declare/registry.h"
#include "checks/declare/table_pattern.h"
#include "checks/declare/table_reader.h"
#include "core/quoted.h"

namespace amont {
namespace {

struct Contributor {
  const TablePattern* pattern = nullptr;
  Captures captures;
};

// Whether the place lies in a line of the tree: tells a check that came from [defaults] from the block's own.
bool StandsIn(const Span& place, const TomlNode& tree) {
  const auto same_line = [&](const Span& span) { return span.file == place.file && span.line == place.line; };
  if (same_line(tree.span)) return true;
  if (const TomlNode::Array* items = tree.AsArray()) {
    return std::ranges::any_of(*items, [&](const TomlNode& item) { return StandsIn(place, item); });
  }
  const TomlNode::Table* entries = tree.AsTable();
  return entries != nullptr && std::ranges::any_of(*entries, [&](const TomlEntry& entry) {
           return same_line(entry.key.span) || StandsIn(place, entry.node);
         });
}

bool FromDefaults(const Check& check, const TablePattern& pattern) {
  return pattern.defaults != nullptr && StandsIn(check.declared_at, *pattern.defaults);
}

// The checks that several patterns give one table.
class TableChecks {
 public:
  struct Given {
    Check check;
    const TablePattern* by = nullptr;
    size_t times = 1;
  };

  explicit TableChecks(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void Add(Check check, const TablePattern* by) {
    if (auto* exists = std::get_if<Exists>(&check.expectation)) {
      columns.insert(exists->columns.begin(), exists->columns.end());
    }
    const auto [place, fresh] = by_id_.emplace(check.id, given.size());
    if (fresh) {
      given.push_back({std::move(check), by});
      return;
    }
    Given& first = given[place->second];
    ++first.times;
    const bool same_place = check.declared_at.file == first.check.declared_at.file &&
                            check.declared_at.line == first.check.declared_at.line;
    if (IsAlwaysOn(check) || first.by == by || same_place || FromDefaults(check, *by)) {
      return;
    }
    if (FromDefaults(first.check, *first.by)) {
      first.check = std::move(check);
      first.by = by;
      return;
    }
    diagnostics_
        .Error(check.declared_at, fmt::format("two wildcards give the check {}", Quoted(check.id)),
               "exclude the table from one, or give one of the checks a `name`")
        .notes.push_back({first.check.declared_at, "the other one stands here"});
  }

  static bool IsAlwaysOn(const Check& check) {
    return std::holds_alternative<Exists>(check.expectation) ||
           std::holds_alternative<NotEmptied>(check.expectation);
  }

  std::vector<Given> given;
  std::set<std::string> columns;  // that any of them names

 private:
  Diagnostics& diagnostics_;
  std::unordered_map<std::string, size_t> by_id_;
};

class Expander {
 public:
  Expander(const Declarations& declarations, const Surroundings& surroundings, const std::string& source,
           Diagnostics& diagnostics)
      : diagnostics_(diagnostics), tables_(surroundings, diagnostics) {
    for (const auto& pattern : declarations.patterns) {
      if (SourceOf(*pattern) == source) patterns_.push_back(pattern.get());
    }
    if (patterns_.empty()) return;
    for (const auto& table : declarations.tables) {
      if (table->name.source == source) exact_.emplace(table->name, table);
    }
    for (const CheckPtr& check : declarations.checks) {
      if (check->table->name.source == source) declared_.emplace(check->id, check);
    }
    disabled_.insert(declarations.disabled.begin(), declarations.disabled.end());
    off_.insert(declarations.tables_off.begin(), declarations.tables_off.end());
  }

  Expansion Run(const Catalog& catalog, std::span<const TableName> known) {
    if (patterns_.empty()) return {};
    std::map<TableName, std::optional<RelationKind>> names;
    for (const auto& [name, table] : catalog.tables) names.emplace(name, table.kind);
    for (const TableName& name : known) {
      const bool a_pattern = std::ranges::any_of(
          patterns_, [&](const TablePattern* pattern) { return pattern->wildcard.AsName() == name; });
      if (!a_pattern) names[name] = std::nullopt;  // whatever kind it is now, if it is there at all
    }
    for (const auto& [name, kind] : names) {
      const std::vector<Contributor> contributors = ContributorsOf(name, kind);
      if (!contributors.empty() && !off_.contains(name)) ExpandTable(name, contributors);
    }
    for (const TablePattern* pattern : patterns_) {
      if (!matched_.contains(pattern)) AddUnmatched(*pattern);
    }
    CheckRenames();
    return std::move(expansion_);
  }

 private:
  std::vector<Contributor> ContributorsOf(const TableName& name, std::optional<RelationKind> kind) {
    std::vector<Contributor> contributors;
    for (const TablePattern* pattern : patterns_) {
      if (kind && !pattern->Includes(*kind)) continue;
      std::optional<Captures> captures = pattern->Match(name);
      if (!captures) continue;
      matched_.insert(pattern);
      if (Fits(*pattern, name, *captures)) contributors.push_back({pattern, std::move(*captures)});
    }
    return contributors;
  }

  bool Fits(const TablePattern& pattern, const TableName& name, const Captures& captures) {
    for (const auto& [capture, held] : captures) {
      if (IsFitForSql(held)) continue;
      if (!Mentions(pattern.node, capture) && !(pattern.defaults && Mentions(*pattern.defaults, capture)))
        continue;
      diagnostics_.Error(
          pattern.declared_at,
          fmt::format("{} matches, but {} is not put into texts: only letters, digits, _ and single - are",
                      Quoted(name.Full()), Quoted(held)),
          "exclude the table and declare it by its name");
      return false;
    }
    return true;
  }

  std::shared_ptr<const Table> TableOf(const TableName& name, const std::vector<Contributor>& contributors) {
    const auto exact = exact_.find(name);
    if (exact != exact_.end()) return exact->second;
    const Contributor& first = contributors.front();
    TomlNode node = first.pattern->Own(first.captures);
    Captures captures;
    std::vector<PiiRule> pii;
    for (const Contributor& each : contributors) {
      const TomlNode filled = each.pattern->Filled(each.captures);
      UnderlayDescription(node, each.pattern->Own(each.captures));
      captures.insert(each.captures.begin(), each.captures.end());
      if (&each != &first) std::ranges::move(PiiColumns(filled), std::back_inserter(pii));
    }
    if (first.pattern->defaults != nullptr) Underlay(node, *first.pattern->defaults);
    FillCaptures(node, first.captures);
    auto table = std::make_shared<Table>(tables_.ReadTable(node, name, first.pattern->declared_at, pii));
    table->captures = std::move(captures);
    expansion_.tables.push_back(table);
    return table;
  }

  void ExpandTable(const TableName& name, const std::vector<Contributor>& contributors) {
    const std::shared_ptr<const Table> table = TableOf(name, contributors);
    TableChecks checks(diagnostics_);
    for (const Contributor& each : contributors) {
      Lowered lowered = tables_.ReadChecks(each.pattern->Filled(each.captures), table);
      for (Check& check : lowered.checks) checks.Add(std::move(check), each.pattern);
      std::ranges::move(lowered.disabled, std::back_inserter(expansion_.disabled));
    }
    for (TableChecks::Given& given : checks.given) {
      // A volume bound of any of them covers emptiness, so that one gave none.
      const bool covered = std::holds_alternative<NotEmptied>(given.check.expectation) &&
                           (given.times < contributors.size() || exact_.contains(name));
      if (!covered) Publish(std::move(given.check), checks.columns);
    }
  }

  void Publish(Check check, const std::set<std::string>& columns) {
    auto* exists = std::get_if<Exists>(&check.expectation);
    if (exists != nullptr) exists->columns.assign(columns.begin(), columns.end());
    const auto declared = declared_.find(check.id);
    if (declared == declared_.end()) {
      if (disabled_.contains(check.id)) {
        expansion_.overridden.push_back(check.id);
      } else {
        expansion_.checks.push_back(std::make_shared<const Check>(std::move(check)));
      }
    } else if (exists != nullptr) {
      ReplaceExists(*declared->second, columns);
    } else if (!TableChecks::IsAlwaysOn(check)) {
      expansion_.overridden.push_back(check.id);
    }
  }

  // The exact name's `exists` stays, and speaks for the columns that wildcards name as well.
  void ReplaceExists(const Check& declared, std::set<std::string> columns) {
    const auto* own = std::get_if<Exists>(&declared.expectation);
    if (own == nullptr) return;
    columns.insert(own->columns.begin(), own->columns.end());
    if (columns.size() == own->columns.size()) return;
    auto check = std::make_shared<Check>(declared);
    check->expectation = Exists{{columns.begin(), columns.end()}};
    expansion_.replacing.push_back(std::move(check));
  }

  void CheckRenames() {
    std::unordered_map<std::string_view, CheckPtr> present = declared_;
    for (const CheckPtr& check : expansion_.checks) present.emplace(check->id, check);
    for (const CheckPtr& check : expansion_.checks) {
      for (const std::string& former : check->was) {
        const auto still = present.find(former);
        if (still == present.end()) continue;
        diagnostics_
            .Error(check->declared_at,
                   fmt::format("`was` names {}, a check that is still there", Quoted(former)))
            .notes.push_back({still->second->declared_at, "declared here"});
      }
    }
  }

  void AddUnmatched(const TablePattern& pattern) {
    Captures braces;
    for (const std::string& capture : pattern.wildcard.captures()) braces[capture] = "{" + capture + "}";
    const TomlNode node = pattern.ForReading(braces, TablePattern::Unknown::kDescription);
    const auto table =
        std::make_shared<Table>(tables_.ReadTable(node, pattern.wildcard.AsName(), pattern.declared_at));
    table->is_pattern = true;
    const Lowering lowering = tables_.ReadLowering(node, table);
    Check check;
    check.id = fmt::format("{}/{}:matched", QuotePart(SourceOf(pattern)), pattern.wildcard.text());
    check.table = table;
    check.kind = "schema";
    check.measure.metric = Columns{};
    check.expectation = Exists{};
    check.declared_at = pattern.declared_at;
    check.severity = lowering.severity;
    check.pilot = lowering.pilot;
    check.description = fmt::format("At least one table matches {}.", pattern.wildcard.text());
    check.runbook = table->runbook;
    check.tags = table->tags;
    expansion_.tables.push_back(table);
    expansion_.unmatched.push_back(table);
    expansion_.checks.push_back(std::make_shared<const Check>(std::move(check)));
  }

  Diagnostics& diagnostics_;
  TableReader tables_;
  std::vector<const TablePattern*> patterns_;
  std::map<TableName, std::shared_ptr<const Table>> exact_;
  std::unordered_map<std::string_view, CheckPtr> declared_;
  std::set<std::string> disabled_;
  std::set<TableName> off_;
  std::set<const TablePattern*> matched_;
  Expansion expansion_;
};

}  // namespace

Expansion Expand(const Declarations& declarations, const Surroundings& surroundings,
                 const std::string& source, const Catalog& catalog, std::span<const TableName> known,
                 Diagnostics& diagnostics) {
  Diagnostics found;
  Expansion expansion = Expander(declarations, surroundings, source, found).Run(catalog, known);
  Diagnostics errors;
  for (const Diagnostic& each : found.list()) {
    if (each.severity != Diagnostic::Severity::kError) continue;
    errors.Error(each.span, each.message, each.hint).notes = each.notes;
  }
  AppendOnce(errors, diagnostics);
  return expansion;
}

}  // namespace amont
