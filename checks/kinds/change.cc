#include "checks/kinds/change.h"

#include <fmt/format.h>

#include <cmath>

#include "core/quoted.h"

namespace amont {
namespace {

// A number, or a percentage of what the value was: then `relative` is set.
std::optional<double> ReadDifference(const TomlEntry& entry, bool& relative, Diagnostics& diagnostics) {
  relative = false;
  if (const auto* integer = std::get_if<int64_t>(&entry.node.value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&entry.node.value);
      number != nullptr && std::isfinite(*number)) {
    return *number;
  }
  if (const std::string* text = entry.node.AsString()) {
    relative = true;
    if (const auto percent = ParsePercent(*text)) return percent;
  }
  diagnostics.Error(entry.node.span,
                    "a change is a percentage such as \"-30%\", or a difference as a number");
  return std::nullopt;
}

void RequireSoundChange(const ChangeBounds& bounds, Domain domain, const Span& place,
                        Diagnostics& diagnostics) {
  if (bounds.min && bounds.max && *bounds.min > *bounds.max) {
    diagnostics.Error(place, "nothing can pass: min is above max");
    return;
  }
  const bool never_negative =
      domain == Domain::kCount || domain == Domain::kRatio || domain == Domain::kNonNegative;
  if (!bounds.relative || !never_negative) return;
  if (bounds.max && *bounds.max < -1) {
    diagnostics.Error(place, "nothing can pass: it cannot shrink by more than 100%");
  } else if (bounds.min && *bounds.min <= -1 && !bounds.max) {
    diagnostics.Error(place, "can never fail: it cannot shrink by more than 100%");
  }
}

ChangeBounds ReadChangeBounds(TomlReader& table, Domain domain) {
  Diagnostics& diagnostics = table.diagnostics();
  const size_t before = diagnostics.list().size();
  const TomlEntry* min = table.Find("min");
  const TomlEntry* max = table.Find("max");
  bool min_relative = false;
  bool max_relative = false;
  ChangeBounds bounds;
  if (min != nullptr) bounds.min = ReadDifference(*min, min_relative, diagnostics);
  if (max != nullptr) bounds.max = ReadDifference(*max, max_relative, diagnostics);
  bounds.relative = min != nullptr ? min_relative : max_relative;
  if (diagnostics.list().size() != before || (min == nullptr && max == nullptr)) return bounds;
  if (min != nullptr && max != nullptr && min_relative != max_relative) {
    diagnostics.Error(max->node.span, "min and max must both be percentages, or both be differences");
  } else {
    RequireSoundChange(bounds, domain, (min != nullptr ? min : max)->node.span, diagnostics);
  }
  return bounds;
}

ChangeBounds ReadChangeTable(const TomlEntry& entry, Domain domain, Diagnostics& diagnostics) {
  if (entry.node.AsTable() == nullptr) {
    diagnostics.Error(entry.node.span, fmt::format("{} must be a table: {{ min = \"-30%\", max = \"50%\" }}",
                                                   Quoted(entry.key.name)));
    return {};
  }
  const size_t before = diagnostics.list().size();
  TomlReader reader(entry.node, Quoted(entry.key.name) + " of `change`", diagnostics);
  const ChangeBounds bounds = ReadChangeBounds(reader, domain);
  reader.RejectUnknown();
  if (bounds.empty() && diagnostics.list().size() == before) {
    diagnostics.Error(entry.node.span,
                      fmt::format("{} states no bound: give min, max or both", Quoted(entry.key.name)));
  }
  return bounds;
}

// A warn bound that lies within `fail` on at least one side says something `fail` does not.
bool IsTighter(const ChangeBounds& warn, const ChangeBounds& fail) {
  if (fail.empty() || warn.relative != fail.relative) return true;
  return (warn.min && (!fail.min || *warn.min > *fail.min)) ||
         (warn.max && (!fail.max || *warn.max < *fail.max));
}

}  // namespace

std::optional<ChangeWithin> ReadChange(TomlReader& block, Domain domain) {
  const TomlEntry* entry = block.Find("change");
  if (entry == nullptr) return std::nullopt;
  Diagnostics& diagnostics = block.diagnostics();
  if (entry->node.AsTable() == nullptr) {
    diagnostics.Error(entry->node.span,
                      "`change` must be a table: { versus = \"7d\", min = \"-30%\", max = \"50%\" }");
    return std::nullopt;
  }
  const size_t before = diagnostics.list().size();
  TomlReader reader(entry->node, "`change`", diagnostics);
  ChangeWithin change;
  const TomlEntry* versus = reader.Find("versus");
  change.versus = reader.DurationOf("versus").value_or(Duration{0});
  change.fail = ReadChangeBounds(reader, domain);
  const bool shorthand = reader.Find("min") != nullptr || reader.Find("max") != nullptr;
  const TomlEntry* fail = reader.Find("fail");
  const TomlEntry* warn = reader.Find("warn");
  if (fail != nullptr && shorthand) {
    diagnostics.Error(fail->key.span, "`min` and `max` are short for `fail`: write one or the other");
  } else if (fail != nullptr) {
    change.fail = ReadChangeTable(*fail, domain, diagnostics);
  }
  if (warn != nullptr) change.warn = ReadChangeTable(*warn, domain, diagnostics);
  reader.RejectUnknown();
  if (diagnostics.list().size() != before) return std::nullopt;

  if (versus == nullptr) {
    diagnostics.Error(entry->node.span,
                      "`change` needs `versus`: how long ago to compare with, such as \"7d\"");
  } else if (change.versus <= Duration{0}) {
    diagnostics.Error(versus->node.span, "`versus` must be longer than 0");
  } else if (change.fail.empty() && change.warn.empty()) {
    diagnostics.Error(entry->node.span, "`change` states no bound: give min, max or both");
  } else if (!change.warn.empty() && !IsTighter(change.warn, change.fail)) {
    diagnostics.Error(warn->node.span, "can never warn: `fail` comes first");
  }
  if (diagnostics.list().size() != before) return std::nullopt;
  return change;
}

}  // namespace amont
