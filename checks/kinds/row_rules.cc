// Rules of a column that count the rows which break them: accepted pattern length references. None may, or at
// most `max` rows or the share `max_ratio`. NULL never breaks one.
#include <fmt/format.h>

#include "checks/kinds/block.h"
#include "checks/kinds/bounds.h"
#include "checks/kinds/change.h"
#include "checks/kinds/column_measures.h"
#include "core/limits.h"
#include "core/quoted.h"

namespace amont {
namespace {

constexpr Key kMaxRows{
    .name = "max", .shape = KeyShape::kInteger, .summary = "so many bad rows are good", .default_text = "0"};
constexpr Key kMaxRatio{
    .name = "max_ratio", .shape = KeyShape::kRatio, .summary = "or such a share of all rows"};
constexpr Key kToleranceKeys[] = {kMaxRows, kMaxRatio};
constexpr Key kFail{.name = "fail",
                    .shape = KeyShape::kTable,
                    .summary = "max or max_ratio of bad rows, written out",
                    .keys = kToleranceKeys};
constexpr Key kWarn{.name = "warn",
                    .shape = KeyShape::kTable,
                    .summary = "a tighter max or max_ratio, which only warns",
                    .keys = kToleranceKeys};

constexpr Key kAcceptedKeys[] = {
    {.name = "values",
     .shape = KeyShape::kScalars,
     .summary = "all that the column may hold",
     .required = true},
    kMaxRows,
    kMaxRatio,
    kFail,
    kWarn,
    kChangeKey,
};
constexpr Key kPatternKeys[] = {
    {.name = "regex", .summary = "a regular expression in the engine's own dialect", .required = true},
    kMaxRows,
    kMaxRatio,
    kFail,
    kWarn,
    kChangeKey,
};
constexpr Key kLengthKeys[] = {
    {.name = "min", .shape = KeyShape::kInteger, .summary = "the fewest characters that are good"},
    {.name = "max", .shape = KeyShape::kInteger, .summary = "the most characters that are good"},
    kMaxRatio,
    kFail,
    kWarn,
    kChangeKey,
};
constexpr Key kReferencesKeys[] = {
    {.name = "to",
     .summary = "table and column, in the same source: \"mart.customers.id\"",
     .required = true},
    kMaxRows,
    kMaxRatio,
    kFail,
    kWarn,
    kChangeKey,
};

constexpr Key kKeys[] = {
    {.name = "accepted",
     .shape = KeyShape::kScalars,
     .summary = "all that the column may hold",
     .keys = kAcceptedKeys,
     .check_keys = true},
    {.name = "pattern",
     .summary = "regular expression every text matches, in the engine's own dialect",
     .keys = kPatternKeys,
     .check_keys = true},
    {.name = "length",
     .shape = KeyShape::kTableOrTables,
     .summary = "how many characters a text may have",
     .keys = kLengthKeys,
     .check_keys = true},
    {.name = "references",
     .summary = "column that holds every value of this one: \"mart.customers.id\"",
     .keys = kReferencesKeys,
     .check_keys = true},
};

// ---------- How many rows may break the rule

struct Most {
  Value max;
  bool as_ratio = false;
};

// `max` or `max_ratio` of a table. nullopt: neither, or a mistake that was reported.
std::optional<Most> ReadMost(TomlReader& table, bool takes_max) {
  Diagnostics& diagnostics = table.diagnostics();
  const TomlEntry* rows = takes_max ? table.Find("max") : nullptr;
  const TomlEntry* ratio = table.Find("max_ratio");
  if (rows != nullptr && ratio != nullptr) {
    diagnostics.Error(ratio->key.span, "either `max` or `max_ratio`");
    return std::nullopt;
  }
  if (rows == nullptr && ratio == nullptr) return std::nullopt;
  const TomlEntry& given = rows != nullptr ? *rows : *ratio;
  const Domain domain = rows != nullptr ? Domain::kCount : Domain::kRatio;
  auto max = ReadBound(given.node, domain, diagnostics);
  if (!max) return std::nullopt;
  RequireSound({.min = {}, .max = *max}, domain, given.node.span, diagnostics);
  return Most{*max, ratio != nullptr};
}

std::optional<Most> ReadMostTable(const TomlEntry& entry, Diagnostics& diagnostics) {
  if (entry.node.AsTable() == nullptr) {
    diagnostics.Error(entry.node.span,
                      fmt::format("`{}` must be a table: {{ max_ratio = \"1%\" }}", entry.key.name));
    return std::nullopt;
  }
  const size_t before = diagnostics.list().size();
  TomlReader reader(entry.node, Quoted(entry.key.name), diagnostics);
  auto most = ReadMost(reader, true);
  reader.RejectUnknown();
  if (!most && diagnostics.list().size() == before) {
    diagnostics.Error(entry.node.span,
                      fmt::format("`{}` states no bound: give `max` or `max_ratio`", entry.key.name));
  }
  return most;
}

// Without any bound of its own no row may break the rule, unless only its change is judged.
std::optional<Between> ReadTolerance(TomlReader& block, bool takes_max, bool has_change, Check& check) {
  Diagnostics& diagnostics = block.diagnostics();
  const size_t before = diagnostics.list().size();
  const bool shorthand = (takes_max && block.Find("max") != nullptr) || block.Find("max_ratio") != nullptr;
  std::optional<Most> fail = ReadMost(block, takes_max);
  const TomlEntry* fail_entry = block.Find("fail");
  const TomlEntry* warn_entry = block.Find("warn");
  if (fail_entry != nullptr && shorthand) {
    diagnostics.Error(fail_entry->key.span,
                      "`max` and `max_ratio` are short for `fail`: write one or the other");
  } else if (fail_entry != nullptr) {
    fail = ReadMostTable(*fail_entry, diagnostics);
  }
  const std::optional<Most> warn =
      warn_entry != nullptr ? ReadMostTable(*warn_entry, diagnostics) : std::nullopt;
  if (diagnostics.list().size() != before) return std::nullopt;
  const bool groups = block.Find("groups") != nullptr;
  if (!fail && !warn && !groups && has_change) return std::nullopt;

  Between between;
  if (!fail && !warn) fail = Most{Value(int64_t{0}), false};
  if (fail) between.fail.max = fail->max;
  if (warn) between.warn.max = warn->max;
  between.as_ratio = fail ? fail->as_ratio : warn->as_ratio;
  if (fail && warn && fail->as_ratio != warn->as_ratio) {
    diagnostics.Error(warn_entry->node.span,
                      "`warn` must count as `fail` does: both rows, or both a share of them");
  } else if (warn) {
    RequireTighter(between.warn, between, warn_entry->node.span, diagnostics);
  }
  ReadGroups(block, between.as_ratio ? Domain::kRatio : Domain::kCount, between, check);
  return between;
}

// ---------- The four rules

using ReadRule = Metric (*)(const TomlEntry& entry, TomlReader* table, const ColumnPlace& place);

// What the rule itself says: the plain value, or that of `key` in its table; nullptr after a diagnostic.
const TomlEntry* Own(const TomlEntry& entry, TomlReader* table, std::string_view key) {
  if (table == nullptr) return &entry;
  const TomlEntry* own = table->Find(key);
  if (own == nullptr) {
    table->diagnostics().Error(table->span(), fmt::format("`{}` needs `{}`", entry.key.name, key));
  }
  return own;
}

std::optional<Value> ScalarOf(const TomlNode& node) {
  if (const auto* text = node.AsString()) return Value(*text);
  if (const auto* integer = std::get_if<int64_t>(&node.value)) return Value(*integer);
  if (const auto* number = std::get_if<double>(&node.value)) return Value(*number);
  if (const auto* flag = std::get_if<bool>(&node.value)) return Value(*flag);
  if (const auto* day = std::get_if<Date>(&node.value)) return Value(*day);
  if (const auto* local = std::get_if<LocalTime>(&node.value)) return Value(*local);
  if (const auto* at = std::get_if<Timestamp>(&node.value)) return Value(*at);
  return std::nullopt;
}

bool IsNumber(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

Metric ReadAccepted(const TomlEntry& entry, TomlReader* table, const ColumnPlace& place) {
  OutsideAccepted metric{place.column, {}};
  const TomlEntry* own = Own(entry, table, "values");
  if (own == nullptr) return metric;
  const TomlNode::Array* array = own->node.AsArray();
  if (array == nullptr || array->empty()) {
    place.diagnostics.Error(own->node.span, fmt::format("`{}` must list at least one value", own->key.name));
    return metric;
  }
  for (const TomlNode& item : *array) {
    auto value = ScalarOf(item);
    if (!value) {
      place.diagnostics.Error(
          item.span,
          fmt::format("an accepted value is a text, a number, a date or a boolean, not {}", item.KindName()));
      continue;
    }
    const bool same_kind = metric.values.empty() || metric.values.front().index() == value->index() ||
                           (IsNumber(metric.values.front()) && IsNumber(*value));
    if (!same_kind) place.diagnostics.Error(item.span, "accepted values must all be of one kind");
    metric.values.push_back(std::move(*value));
  }
  return metric;
}

Metric ReadPattern(const TomlEntry& entry, TomlReader* table, const ColumnPlace& place) {
  PatternMismatch metric{place.column, {}};
  const TomlEntry* own = Own(entry, table, "regex");
  if (own == nullptr) return metric;
  const std::string* text = own->node.AsString();
  if (text == nullptr || text->empty() || text->size() > limits::kSqlBytesMax) {
    place.diagnostics.Error(own->node.span, fmt::format("`{}` must be a regular expression", own->key.name));
  } else {
    metric.regex = *text;
  }
  return metric;
}

Metric ReadLength(const TomlEntry& entry, TomlReader* table, const ColumnPlace& place) {
  LengthOutside metric{place.column, {}, {}};
  if (table == nullptr) {
    place.diagnostics.Error(entry.node.span, "`length` needs bounds: length = { min = …, max = … }");
    return metric;
  }
  metric.min = table->Integer("min");
  metric.max = table->Integer("max");
  const bool has_min = table->Find("min") != nullptr;
  const bool has_max = table->Find("max") != nullptr;
  if (!has_min && !has_max) {
    place.diagnostics.Error(table->span(), "`length` states no bound: give `min`, `max` or both");
  } else if (metric.min || metric.max) {
    const Bounds bounds{.min = metric.min ? Value(*metric.min) : Value(),
                        .max = metric.max ? Value(*metric.max) : Value()};
    RequireSound(bounds, Domain::kCount, table->Place(has_min ? "min" : "max"), place.diagnostics);
  }
  return metric;
}

Metric ReadReferences(const TomlEntry& entry, TomlReader* table, const ColumnPlace& place) {
  const TableName& own_table = place.lowering.table->name;
  Orphans metric{place.column, {}, {}};
  const TomlEntry* own = Own(entry, table, "to");
  if (own == nullptr) return metric;
  const std::string* text = own->node.AsString();
  if (text == nullptr) {
    place.diagnostics.Error(own->node.span,
                            fmt::format("`{}` must be a text such as \"mart.customers.id\"", own->key.name));
    return metric;
  }
  std::string_view dotted = *text;
  if (dotted.starts_with(own_table.source + "/")) dotted.remove_prefix(own_table.source.size() + 1);
  const auto parts = SplitDotted(dotted);
  if (!parts || parts->size() < 2 || parts->size() > 3) {
    const bool other_source = dotted.find('/') != std::string_view::npos;
    place.diagnostics.Error(own->node.span,
                            fmt::format("{} names no table and column: \"mart.customers.id\"", Quoted(*text)),
                            other_source ? "only tables of one source can be compared" : "");
  } else {
    metric.other = {own_table.source, parts->size() == 3 ? parts->front() : std::string(),
                    (*parts)[parts->size() - 2]};
    metric.other_column = parts->back();
  }
  return metric;
}

ReadRule RuleOf(std::string_view name) {
  if (name == "accepted") return ReadAccepted;
  if (name == "pattern") return ReadPattern;
  if (name == "length") return ReadLength;
  if (name == "references") return ReadReferences;
  return nullptr;
}

Part PartOf(const TomlEntry& entry, const ColumnPlace& place, const Metric& metric, bool as_ratio,
            Expectation expectation) {
  Part part{.measure = entry.key.name,
            .columns = {place.column},
            .metric = metric,
            .expectation = std::move(expectation)};
  if (as_ratio) part.per = RowCount{};
  if (std::holds_alternative<ChangeWithin>(part.expectation)) part.measure += "_change";
  return part;
}

std::vector<Part> ReadBody(const TomlEntry& entry, TomlReader& block, Draft& draft, ReadRule rule,
                           const ColumnPlace& place) {
  const Metric metric = rule(entry, &block, place);
  const bool has_change = block.Find("change") != nullptr;
  const auto between = ReadTolerance(block, entry.key.name != "length", has_change, draft.check);
  const bool as_ratio = between && between->as_ratio;
  const auto change = ReadChange(block, as_ratio ? Domain::kRatio : Domain::kCount);
  std::vector<Part> parts;
  if (between) parts.push_back(PartOf(entry, place, metric, as_ratio, *between));
  if (change) parts.push_back(PartOf(entry, place, metric, as_ratio, *change));
  return parts;
}

}  // namespace

std::span<const Key> RowRuleKeys() { return kKeys; }

void LowerRowRule(const TomlEntry& entry, const ColumnPlace& place) {
  const ReadRule rule = RuleOf(entry.key.name);
  if (rule == nullptr) return;
  if (HoldsTables(entry.node)) {
    const Block block{.kind = "column", .what = Quoted(entry.key.name)};
    const auto body = [&](TomlReader& reader, Draft& draft) {
      return ReadBody(entry, reader, draft, rule, place);
    };
    LowerTables(entry, block, place.lowering, place.diagnostics, body, place.lowered);
    return;
  }
  const size_t before = place.diagnostics.list().size();
  const Metric metric = rule(entry, nullptr, place);
  if (place.diagnostics.list().size() != before) return;
  Between between;
  between.fail.max = int64_t{0};
  Emit(NewDraft(place.lowering, "column", entry.key.span), {PartOf(entry, place, metric, false, between)},
       place.lowered);
}

}  // namespace amont
