// volume: how many rows there may be, in all or in the last closed window, and how far that may move.
#include <fmt/format.h>

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
};

constexpr std::string_view kExample = R"([table.volume]
min    = 1_000
warn   = { min = 5_000 }
window = { column = "placed_at", last = "1d", delay = "6h" }
change = { versus = "7d", min = "-30%", max = "50%" }
)";

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
  Window window;
  window.column = reader.String("column").value_or("");
  window.last = reader.DurationOf("last").value_or(Duration{0});
  window.delay = reader.DurationOf("delay").value_or(Duration{0});
  for (const std::string_view key : {"column", "last"}) {
    if (reader.Find(key) == nullptr) {
      diagnostics.Error(entry->node.span, fmt::format("`window` needs `{}`", key));
    }
  }
  if (reader.Find("last") != nullptr && window.last <= Duration{0}) {
    diagnostics.Error(reader.Place("last"), "`last` must be longer than 0");
  }
  if (reader.Find("column") != nullptr && window.column.empty()) {
    diagnostics.Error(reader.Place("column"), "`column` must not be empty");
  }
  reader.RejectUnknown();
  return window;
}

std::vector<Part> ReadBody(TomlReader& block, Draft& draft) {
  const size_t before = block.diagnostics().list().size();
  const auto between = ReadBetween(block, Domain::kCount, draft.check);
  const auto window = ReadWindow(block);
  const auto change = ReadChange(block, Domain::kCount);
  std::vector<Part> parts;
  if (between) {
    parts.push_back({.measure = "volume", .metric = RowCount{}, .window = window, .expectation = *between});
  }
  if (change) {
    parts.push_back(
        {.measure = "volume_change", .metric = RowCount{}, .window = window, .expectation = *change});
  }
  if (parts.empty() && block.diagnostics().list().size() == before) {
    block.diagnostics().Error(
        block.span(), block.what() + " states no bound: give `min`, `max`, `fail`, `warn` or `change`");
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
