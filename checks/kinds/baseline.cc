#include "checks/kinds/baseline.h"

#include "checks/kinds/check_keys.h"

namespace amont {
namespace {

NearBaseline ReadOptions(TomlReader& table) {
  NearBaseline near;
  if (const auto word = ReadWord(table, kBaselineKeys, "sensitivity")) {
    near.sensitivity = *word == "low"    ? BaselineSensitivity::kLow
                       : *word == "high" ? BaselineSensitivity::kHigh
                                         : BaselineSensitivity::kNormal;
  }
  if (const auto word = ReadWord(table, kBaselineKeys, "direction")) {
    near.direction = *word == "drop"   ? BaselineDirection::kDrop
                     : *word == "rise" ? BaselineDirection::kRise
                                       : BaselineDirection::kBoth;
  }
  if (const auto word = ReadWord(table, kBaselineKeys, "season"); word && *word != "auto") {
    near.season = *word == "day" ? BaselineSeason::kDay : BaselineSeason::kHour;
  }
  return near;
}

}  // namespace

std::optional<NearBaseline> ReadBaseline(TomlReader& block, const std::optional<Window>& window) {
  const TomlEntry* entry = block.Find("baseline");
  if (entry == nullptr) return std::nullopt;
  Diagnostics& diagnostics = block.diagnostics();
  if (const auto* on = std::get_if<bool>(&entry->node.value)) {
    return *on ? std::optional(NearBaseline()) : std::nullopt;
  }
  if (entry->node.AsTable() == nullptr) {
    diagnostics.Error(
        entry->node.span,
        "`baseline` is true, or a table such as { sensitivity = \"high\", direction = \"drop\" }");
    return std::nullopt;
  }
  TomlReader reader(entry->node, "`baseline`", diagnostics);
  const NearBaseline near = ReadOptions(reader);
  reader.RejectUnknown();
  const bool hours = window && window->last == std::chrono::hours(1);
  const bool days = !window || window->last == std::chrono::days(1);
  if (near.season == BaselineSeason::kHour && !hours) {
    diagnostics.Error(reader.Place("season"), "hours of the week need a `window` of 1h");
  } else if (near.season == BaselineSeason::kDay && !days) {
    diagnostics.Error(reader.Place("season"), "weekdays need a `window` of 1d, or none");
  }
  return near;
}

}  // namespace amont
