// Declare: first all blocks of all files, then each exact name's table and checks, then what no single block
// can know: duplicates and renames.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "checks/declare/block_reader.h"
#include "checks/declare/declarations.h"
#include "checks/declare/layers.h"
#include "checks/declare/registry.h"
#include "core/quoted.h"

namespace amont {
namespace {

class Declarer {
 public:
  Declarer(const Surroundings& surroundings, Diagnostics& diagnostics)
      : surroundings_(surroundings),
        diagnostics_(diagnostics),
        tables_(surroundings, diagnostics),
        blocks_(surroundings, tables_, diagnostics),
        registry_(diagnostics) {}

  Declarations Run(std::span<const std::shared_ptr<const SourceText>> files) {
    for (const auto& file : files) blocks_.Read(file);
    for (const auto& pattern : blocks_.patterns) TakePattern(pattern);
    for (TableBlock& block : blocks_.blocks) TakeTable(std::exchange(block, {}));
    registry_.CheckRenames();
    return std::move(declarations_);
  }

 private:
  // Patterns are lowered once here, over an example, so that their mistakes show without any catalog.
  void TakePattern(const std::shared_ptr<TablePattern>& pattern) {
    Captures words;
    for (const std::string& capture : pattern->wildcard.captures()) words[capture] = capture;
    const TomlNode node = pattern->ForReading(words, TablePattern::Unknown::kNames);
    const TableName name = pattern->wildcard.Example(words);
    const auto table = std::make_shared<const Table>(tables_.ReadTable(node, name, pattern->declared_at));
    const bool enabled = tables_.ReadLowering(node, table).enabled;
    Lowered lowered = tables_.ReadChecks(node, table);
    if (!pattern->sound || !enabled) return;
    Registry own(diagnostics_);
    bool compares = false;
    pattern->schedules = {table->schedule};
    for (Check& check : lowered.checks) {
      auto& schedules = pattern->schedules;
      if (std::ranges::find(schedules, check.ScheduleOf()) == schedules.end()) {
        schedules.push_back(check.ScheduleOf());
      }
      compares = compares || std::holds_alternative<Orphans>(check.measure.metric);
      own.AddCheck(std::make_shared<const Check>(std::move(check)));
    }
    if (compares) pattern->references = ReadReferences(*pattern);
    const std::string full = QuotePart(SourceOf(*pattern)) + "/" + pattern->wildcard.text();
    if (registry_.AddTable(full, pattern->declared_at)) declarations_.patterns.push_back(pattern);
  }

  // The tables that checks compare with, found by lowering once more with a mark in the place of every
  // capture.
  std::vector<NamePattern> ReadReferences(const TablePattern& pattern) {
    constexpr std::string_view kMark = "amont-capture";
    Captures marks;
    for (const std::string& capture : pattern.wildcard.captures()) marks[capture] = kMark;
    const TomlNode node = pattern.ForReading(marks, TablePattern::Unknown::kNames);
    Diagnostics said_before;
    TableReader reader(surroundings_, said_before);
    const auto table = std::make_shared<const Table>(
        reader.ReadTable(node, pattern.wildcard.Example(marks), pattern.declared_at));
    const auto with_stars = [&](std::string part) {
      for (size_t at = part.find(kMark); at != std::string::npos; at = part.find(kMark)) {
        part.replace(at, kMark.size(), "*");
      }
      return part;
    };
    std::vector<NamePattern> references;
    for (const Check& check : reader.ReadChecks(node, table).checks) {
      const auto* orphans = std::get_if<Orphans>(&check.measure.metric);
      if (orphans == nullptr || orphans->other.source != SourceOf(pattern)) continue;
      references.push_back(
          {with_stars(orphans->other.schema), with_stars(orphans->other.table), true, true, true});
    }
    return references;
  }

  // What wildcards say of the table, the first declared nearest.
  void Describe(TomlNode& node, const TableName& name, Captures& captures, std::vector<PiiRule>& pii) {
    for (const auto& pattern : declarations_.patterns) {
      const std::optional<Captures> matched = pattern->Match(name);
      if (!matched) continue;
      const TomlNode own = pattern->Own(*matched);
      UnderlayDescription(node, own);
      captures.insert(matched->begin(), matched->end());
      std::ranges::move(PiiColumns(own), std::back_inserter(pii));
    }
  }

  void TakeTable(TableBlock block) {
    Captures captures;
    std::vector<PiiRule> pii;
    const Span declared_at = block.node.span;
    if (block.sound) Describe(block.node, block.name, captures, pii);
    if (block.defaults != nullptr) Underlay(block.node, *block.defaults);

    auto table = std::make_shared<Table>(tables_.ReadTable(block.node, block.name, declared_at, pii));
    table->captures = std::move(captures);
    const bool enabled = tables_.ReadLowering(block.node, table).enabled;
    Lowered lowered = tables_.ReadChecks(block.node, table);
    if (!block.sound || !registry_.AddTable(block.name.Full(), declared_at)) return;

    for (std::string& id : lowered.disabled) declarations_.disabled.push_back(std::move(id));
    if (!enabled) {
      declarations_.tables_off.push_back(block.name);
      return;
    }
    const TomlEntry* was = FindEntry(block.node, "was");
    for (const std::string& former : table->was) registry_.AddFormerTable(former, was->node.span);
    declarations_.tables.push_back(table);
    for (Check& each : lowered.checks) {
      auto check = std::make_shared<const Check>(std::move(each));
      if (registry_.AddCheck(check)) declarations_.checks.push_back(std::move(check));
    }
  }

  const Surroundings& surroundings_;
  Diagnostics& diagnostics_;
  TableReader tables_;
  BlockReader blocks_;
  Registry registry_;
  Declarations declarations_;
};

}  // namespace

Declarations Declare(std::span<const std::shared_ptr<const SourceText>> files,
                     const Surroundings& surroundings, Diagnostics& diagnostics) {
  Diagnostics found;
  Declarations declarations = Declarer(surroundings, found).Run(files);
  AppendOnce(found, diagnostics);
  return declarations;
}

}  // namespace amont
