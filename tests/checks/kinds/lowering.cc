#include "tests/checks/kinds/lowering.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace amont::testing {
namespace {

std::string PrintMeasure(const Measure& measure) {
  std::string text = ToText(measure.metric);
  if (measure.per) text += " per " + ToText(*measure.per);
  if (measure.window) {
    text += fmt::format(" window({}, last {}, delay {})", measure.window->column,
                        FormatDuration(measure.window->last), FormatDuration(measure.window->delay));
  }
  if (!measure.group_by.empty()) text += " by " + measure.group_by;
  if (!measure.where.empty()) text += " where " + measure.where;
  return text;
}

std::string PrintOptions(const Check& check) {
  std::string text;
  const auto add = [&](std::string_view key, std::string_view value) {
    text += fmt::format(" {}={}", key, value);
  };
  if (check.severity != Severity::kWarning) add("severity", ToString(check.severity));
  if (check.on_empty != (check.kind == "freshness" ? Status::kFail : Status::kNoData)) {
    add("on_empty", ToString(check.on_empty));
  }
  if (check.schedule) add("schedule", check.schedule->text());
  if (check.zone) add("timezone", check.zone->name());
  if (check.calendar) add("calendar", check.calendar->name);
  if (check.pilot.on) add("pilot", check.pilot.last_day ? FormatDate(*check.pilot.last_day) : "true");
  if (check.samples != 0) add("samples", std::to_string(check.samples));
  if (check.groups_max != 0) add("max_groups", std::to_string(check.groups_max));
  if (check.group_alerts_each) add("group_alerts", "each");
  if (!check.groups_expected.empty()) add("groups", fmt::format("{}", fmt::join(check.groups_expected, ",")));
  if (!check.description.empty()) add("description", check.description);
  if (!check.runbook.empty()) add("runbook", check.runbook);
  if (!check.tags.empty()) add("tags", fmt::format("{}", fmt::join(check.tags, ",")));
  if (!check.was.empty()) add("was", fmt::format("{}", fmt::join(check.was, ",")));
  return text;
}

}  // namespace

Lowered LowerText(std::string_view toml, Diagnostics& diagnostics) {
  const auto file = std::make_shared<const SourceText>(SourceText{"orders.toml", std::string(toml)});
  const auto root = ParseToml(file, diagnostics);
  if (!root || root->AsTable()->empty()) return {};
  const TomlNode& tables = root->AsTable()->front().node;
  const TomlNode& node = tables.AsArray()->front();

  auto table = std::make_shared<Table>();
  table->name = {"warehouse", "mart", "orders"};
  table->declared_at = node.span;
  table->pii = PiiColumns(node);
  table->pii.push_back({"*email*"});
  auto business = std::make_shared<Calendar>();
  business->name = "business";
  const std::map<std::string, std::shared_ptr<const Calendar>> calendars = {{"business", business}};
  Lowering lowering;
  lowering.table = table;
  lowering.calendars = &calendars;
  TomlReader reader(node, "[[table]]", diagnostics);
  Lowered lowered = LowerTable(reader, lowering);
  for (const Key& key : TableKeys()) reader.Know(key.name);
  reader.RejectUnknown();
  return lowered;
}

std::string PrintLowered(const Lowered& lowered, bool always_on, Diagnostics& diagnostics) {
  std::string text;
  for (const Check& check : lowered.checks) {
    if (check.id.ends_with(":exists") || check.id.ends_with(":emptied")) {
      if (always_on) text += check.id + ": " + ToText(check.expectation) + "\n";
      continue;
    }
    text += fmt::format("{}{}\n  {}\n  {}\n", check.id, PrintOptions(check), PrintMeasure(check.measure),
                        ToText(check.expectation));
  }
  for (const std::string& id : lowered.disabled) {
    if (id.ends_with(":exists") || id.ends_with(":emptied")) continue;
    text += "disabled " + id + "\n";
  }
  diagnostics.Sort();
  return text + RenderText(diagnostics, false);
}

}  // namespace amont::testing
