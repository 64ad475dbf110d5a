// volume: how many rows there may be, in all or in the last closed window, and how far that may move.
#include <fmt/format.h>

#include "checks/kinds/baseline.h"
#include "checks/kinds/block.h"
#include "checks/kinds/bounds.h"
#include "checks/kinds/change.h"
#include "checks/kinds/registry.h"

namespace amont {
namespace {

constexpr Key kWindowKeys[] = {
    {.name = "column", .summary = "when a row happened", .required = true},
    {.name = "last",
     .shape = KeyShape::kDuration,
     .summary = "how long the window is: the last complete one is judged",
     .required = true},
    {.name = "delay",
     .shape = KeyShape::kDuration,
     .summary = "how long after its end the window is judged",
     .default_text = "0s"},
};

constexpr Key kKeys[] = {
    kBoundsOf<KeyShape::kInteger>[0],
    kBoundsOf<KeyShape::kInteger>[1],
    kFailOf<KeyShape::kInteger>,
    kWarnOf<KeyShape::kInteger>,
    {
      .name = "window", .shape = KeyShape::kTable, .summary = "counts the last complete stretch of time",
      .default_text = "the whole scope", .keys = kWindowKeys
    },
    kChangeKey,
    kBaselineKey,
};

constexpr std::string_view kExample = R"([table.volume]
min    = 1_000
warn   = { min = 5_000 }
window = { column = "placed_at", last = "1d", delay = "6h" }
change = { versus = "7d", min = "-30%", max = "50%" }
baseline = true
)";

// Windows lie side by side between local midnights, so they are whole days or parts that a day is made of.
void RequireWindowLength(TomlReader& reader, Duration last) {
  constexpr Duration kDay = std::chrono::days(1);
  if (last <= Duration{0}) {
    reader.diagnostics().Error(reader.Place("last"), "`last` must be longer than 0");
  } else if (last % kDay != Duration{0} && (last > kDay || kDay % last != Duration{0})) {
    reader.diagnostics().Error(reader.Place("last"),
                               "a window is whole days, or a part that divides a day: 1d, 7d, 12h, 1h, 15m");
  }
}

std::optional<Window> ReadWindow(TomlReader& block) {
  const TomlEntry* entry = block.Find("window");
  if (entry == nullptr) return std::nullopt;
  Diagnostics& diagnostics = block.diagnostics();
  if (entry->node.AsTable() == nullptr) {
    diagnostics.Error(entry->node.span,
                      "`window` must be a table: { column = \"placed_at\", last = \"1d\" }");
    return std::nullopt;
  }
  TomlReader reader(entry->node, "`window`", diagnostics);
  const auto column = reader.String("column");
  const auto last = reader.DurationOf("last");
  const auto delay = reader.DurationOf("delay");
  for (const std::string_view key : {"column", "last"}) {
    if (reader.Find(key) == nullptr) {
      diagnostics.Error(entry->node.span, fmt::format("`window` needs `{}`", key));
    }
  }
  if (column && column->empty()) diagnostics.Error(reader.Place("column"), "`column` must not be empty");
  if (last) RequireWindowLength(reader, *last);
  reader.RejectUnknown();
  return Window{column.value_or(""), last.value_or(Duration{0}), delay.value_or(Duration{0})};
}

std::vector<Part> ReadBody(TomlReader& block, Draft& draft) {
  const size_t before = block.diagnostics().list().size();
  const auto between = ReadBetween(block, Domain::kCount, draft.check);
  const auto window = ReadWindow(block);
  const auto change = ReadChange(block, Domain::kCount);
  const auto baseline = ReadBaseline(block, window);
  std::vector<Part> parts;
  if (between) {
    parts.push_back({.measure = "volume", .metric = RowCount{}, .window = window, .expectation = *between});
  }
  if (change) {
    parts.push_back(
        {.measure = "volume_change", .metric = RowCount{}, .window = window, .expectation = *change});
  }
  if (baseline) {
    parts.push_back(
        {.measure = "volume_baseline", .metric = RowCount{}, .window = window, .expectation = *baseline});
  }
  if (parts.empty() && !draft.enabled) return TurnedOff("volume", {});
  if (parts.empty() && block.diagnostics().list().size() == before) {
    block.diagnostics().Error(
        block.span(),
        block.what() + " states no bound: give `min`, `max`, `fail`, `warn`, `change` or `baseline`");
  }
  return parts;
}

void Lower(TomlReader& table, const Lowering& lowering, Lowered& lowered) {
  const TomlEntry* entry = table.Find("volume");
  if (entry == nullptr) return;
  LowerTables(*entry, {.kind = "volume", .what = "[table.volume]"}, lowering, table.diagnostics(), ReadBody,
              lowered);
}

}  // namespace

Kind VolumeKind() {
  return {
      .name = "volume",
      .block = "[table.volume]",
      .summary = "how many rows there may be, in all or in the last closed window, and how far that may move",
      .example = kExample,
      .key = {.name = "volume", .shape = KeyShape::kTableOrTables, .keys = kKeys, .check_keys = true},
      .lower = Lower,
  };
}

}  // namespace amont
