// Measures of a column whose value has bounds: null_ratio null_count distinct duplicates min max mean sum
// stddev percentile.
#include <fmt/format.h>

#include <algorithm>

#include "checks/kinds/block.h"
#include "checks/kinds/bounds.h"
#include "checks/kinds/change.h"
#include "checks/kinds/column_measures.h"
#include "core/quoted.h"

namespace amont {
namespace {

template <KeyShape kShape>
constexpr Key kMeasureKeys[] = {kBoundsOf<kShape>[0], kBoundsOf<kShape>[1], kFailOf<kShape>, kWarnOf<kShape>,
                                kChangeKey};
constexpr Key kPercentileKeys[] = {
    {.name = "p",
     .shape = KeyShape::kNumber,
     .summary = "which one, between 0 and 1: 0.95",
     .required = true},
    kBoundsOf<KeyShape::kNumber>[0],
    kBoundsOf<KeyShape::kNumber>[1],
    kFailOf<KeyShape::kNumber>,
    kWarnOf<KeyShape::kNumber>,
    kChangeKey,
};

constexpr Key MeasureKey(std::string_view name, KeyShape plain, std::string_view summary,
                         std::span<const Key> keys) {
  return {.name = name, .shape = plain, .summary = summary, .keys = keys, .check_keys = true};
}

constexpr std::span<const Key> kRatios = kMeasureKeys<KeyShape::kRatio>;
constexpr std::span<const Key> kCounts = kMeasureKeys<KeyShape::kInteger>;
constexpr std::span<const Key> kOrdered = kMeasureKeys<KeyShape::kBound>;
constexpr std::span<const Key> kNumbers = kMeasureKeys<KeyShape::kNumber>;

constexpr Key kKeys[] = {
    MeasureKey("null_ratio", KeyShape::kRatio, "share of rows that are NULL; plain: at most", kRatios),
    MeasureKey("null_count", KeyShape::kInteger, "rows that are NULL; plain: at most", kCounts),
    MeasureKey("distinct", KeyShape::kTableOrTables, "how many values there are, NULL aside", kCounts),
    MeasureKey("duplicates", KeyShape::kInteger,
               "rows beyond the first of each value, NULL aside; plain: at most", kCounts),
    MeasureKey("min", KeyShape::kBound, "the least value; plain: at least", kOrdered),
    MeasureKey("max", KeyShape::kBound, "the greatest value; plain: at most", kOrdered),
    MeasureKey("mean", KeyShape::kTableOrTables, "the average", kNumbers),
    MeasureKey("sum", KeyShape::kTableOrTables, "the total", kNumbers),
    MeasureKey("stddev", KeyShape::kTableOrTables, "the standard deviation of the sample", kNumbers),
    MeasureKey("percentile", KeyShape::kTableOrTables, "a percentile, linear between neighbours",
               kPercentileKeys),
};

// What a plain value means; without one the measure needs a table.
enum class Plain { kNone, kAtMost, kAtLeast };

struct ValueMeasure {
  std::string_view name;
  Domain domain;
  Plain plain;
  bool shows_values;  // its value is (made of) the column's values: not for pii
};

constexpr ValueMeasure kMeasures[] = {
    {"null_ratio", Domain::kRatio, Plain::kAtMost, false},
    {"null_count", Domain::kCount, Plain::kAtMost, false},
    {"distinct", Domain::kCount, Plain::kNone, false},
    {"duplicates", Domain::kCount, Plain::kAtMost, false},
    {"min", Domain::kOrdered, Plain::kAtLeast, true},
    {"max", Domain::kOrdered, Plain::kAtMost, true},
    {"mean", Domain::kNumber, Plain::kNone, true},
    {"sum", Domain::kNumber, Plain::kNone, true},
    {"stddev", Domain::kNonNegative, Plain::kNone, true},
    {"percentile", Domain::kNumber, Plain::kNone, true},
};

Metric MetricOf(std::string_view measure, const std::string& column) {
  using Function = Aggregate::Function;
  if (measure == "distinct") return DistinctCount{column};
  if (measure == "duplicates") return DuplicateCount{{column}};
  if (measure == "min") return Aggregate{Function::kMin, column};
  if (measure == "max") return Aggregate{Function::kMax, column};
  if (measure == "mean") return Aggregate{Function::kMean, column};
  if (measure == "sum") return Aggregate{Function::kSum, column};
  if (measure == "stddev") return Aggregate{Function::kStddev, column};
  return NullCount{column};  // null_count, and null_ratio per rows
}

Part PartOf(const ValueMeasure& measure, const std::string& column, Metric metric, Expectation expectation) {
  Part part{.measure = std::string(measure.name),
            .columns = {column},
            .metric = std::move(metric),
            .expectation = std::move(expectation)};
  if (measure.domain == Domain::kRatio) part.per = RowCount{};
  if (std::holds_alternative<ChangeWithin>(part.expectation)) part.measure += "_change";
  return part;
}

void LowerPlain(const TomlEntry& entry, const ValueMeasure& measure, const ColumnPlace& place) {
  const size_t before = place.diagnostics.list().size();
  const auto bound = ReadBound(entry.node, measure.domain, place.diagnostics);
  if (!bound) return;
  Between between;
  between.as_ratio = measure.domain == Domain::kRatio;
  (measure.plain == Plain::kAtLeast ? between.fail.min : between.fail.max) = *bound;
  RequireSound(between.fail, measure.domain, entry.node.span, place.diagnostics);
  if (place.diagnostics.list().size() != before) return;
  const Draft draft = NewDraft(place.lowering, "column", entry.key.span);
  Emit(draft, {PartOf(measure, place.column, MetricOf(measure.name, place.column), between)}, place.lowered);
}

double ReadFraction(TomlReader& block) {
  Diagnostics& diagnostics = block.diagnostics();
  if (block.Find("p") == nullptr) {
    diagnostics.Error(block.span(), "`percentile` needs `p`: which one, such as 0.95");
    return 0;
  }
  const auto fraction = block.Number("p");
  if (fraction && (*fraction <= 0 || *fraction >= 1)) {
    const bool may_be_percent = *fraction > 1 && *fraction < 100;
    diagnostics.Error(block.Place("p"), "`p` lies between 0 and 1",
                      may_be_percent ? fmt::format("did you mean {}?", *fraction / 100)
                                     : "the ends are the measures `min` and `max`");
  }
  return fraction.value_or(0);
}

std::vector<Part> ReadBody(TomlReader& block, Draft& draft, const ValueMeasure& measure,
                           const std::string& column) {
  const size_t before = block.diagnostics().list().size();
  const Metric metric = measure.name == "percentile" ? Metric(Percentile{column, ReadFraction(block)})
                                                     : MetricOf(measure.name, column);
  const auto between = ReadBetween(block, measure.domain, draft.check);
  const auto change = ReadChange(block, measure.domain);
  std::vector<Part> parts;
  if (between) parts.push_back(PartOf(measure, column, metric, *between));
  if (change) parts.push_back(PartOf(measure, column, metric, *change));
  if (parts.empty() && !draft.enabled) return TurnedOff(std::string(measure.name), {column});
  if (parts.empty() && block.diagnostics().list().size() == before) {
    block.diagnostics().Error(
        block.span(),
        fmt::format("`{}` states no bound: give `min`, `max`, `fail`, `warn` or `change`", measure.name));
  }
  return parts;
}

}  // namespace

std::span<const Key> ValueMeasureKeys() { return kKeys; }

void LowerValueMeasure(const TomlEntry& entry, const ColumnPlace& place) {
  const auto* found = std::find_if(std::begin(kMeasures), std::end(kMeasures),
                                   [&](const ValueMeasure& one) { return one.name == entry.key.name; });
  if (found == std::end(kMeasures)) return;
  const ValueMeasure& measure = *found;
  if (measure.shows_values && place.lowering.table->IsPii(place.column)) {
    place.diagnostics.Error(entry.key.span,
                            fmt::format("{} is a pii column: `{}` would take its values out of the database",
                                        Quoted(place.column), measure.name),
                            "count bad rows instead: [[table.sql]] with `fail_rows`");
    return;
  }
  if (HoldsTables(entry.node)) {
    const Block block{.kind = "column", .what = fmt::format("`{}`", measure.name)};
    const auto body = [&](TomlReader& reader, Draft& draft) {
      return ReadBody(reader, draft, measure, place.column);
    };
    LowerTables(entry, block, place.lowering, place.diagnostics, body, place.lowered);
  } else if (measure.plain == Plain::kNone) {
    place.diagnostics.Error(entry.node.span,
                            fmt::format("`{0}` needs bounds: {0} = {{ {1}min = …, max = … }}", measure.name,
                                        measure.name == "percentile" ? "p = 0.95, " : ""));
  } else {
    LowerPlain(entry, measure, place);
  }
}

}  // namespace amont
