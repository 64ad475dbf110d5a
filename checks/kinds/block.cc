#include "checks/kinds/block.h"

#include <fmt/format.h>

#include "core/quoted.h"

namespace amont {
namespace {

void LowerOne(const TomlNode& node, const Span& place, bool needs_name, const Block& block,
              const Lowering& lowering, Diagnostics& diagnostics, const Body& body, Lowered& lowered) {
  if (node.AsTable() == nullptr) {
    diagnostics.Error(node.span, fmt::format("{} must be a table, not {}", block.what, node.KindName()));
    return;
  }
  const size_t before = diagnostics.list().size();
  TomlReader reader(node, block.what, diagnostics);
  Draft draft = NewDraft(lowering, block.kind, place);
  ReadCheckKeys(reader, lowering, block.refusals, draft);
  if (needs_name && reader.Find("name") == nullptr) {
    diagnostics.Error(place, fmt::format("{} needs a `name`: it is not the first", block.what));
  }
  const std::vector<Part> parts = body(reader, draft);
  reader.RejectUnknown();
  if (diagnostics.list().size() == before) Emit(draft, parts, lowered);
}

}  // namespace

bool HoldsTables(const TomlNode& node) {
  if (node.AsTable() != nullptr) return true;
  const TomlNode::Array* array = node.AsArray();
  return array != nullptr && !array->empty() && array->front().AsTable() != nullptr;
}

void LowerTables(const TomlEntry& entry, const Block& block, const Lowering& lowering,
                 Diagnostics& diagnostics, const Body& body, Lowered& lowered) {
  const TomlNode::Array* array = entry.node.AsArray();
  if (array == nullptr) {
    const Span& place = entry.node.header ? entry.node.span : entry.key.span;
    LowerOne(entry.node, place, false, block, lowering, diagnostics, body, lowered);
    return;
  }
  if (array->empty()) diagnostics.Error(entry.node.span, fmt::format("{} is empty", block.what));
  for (size_t i = 0; i < array->size(); ++i) {
    LowerOne((*array)[i], (*array)[i].span, i > 0, block, lowering, diagnostics, body, lowered);
  }
}

std::vector<Part> TurnedOff(std::string measure, std::vector<std::string> columns) {
  std::string change = measure + "_change";
  return {{.measure = std::move(measure), .columns = columns, .metric = RowCount{}, .expectation = Between{}},
          {.measure = std::move(change),
           .columns = std::move(columns),
           .metric = RowCount{},
           .expectation = Between{}}};
}

void Emit(const Draft& draft, const std::vector<Part>& parts, Lowered& lowered) {
  for (const Part& part : parts) {
    std::string id = CheckId(draft.check.table->name, part.measure, part.columns, draft.check.name);
    if (!draft.enabled) {
      lowered.disabled.push_back(std::move(id));
      continue;
    }
    Check check = draft.check;
    check.id = std::move(id);
    check.measure.metric = part.metric;
    check.measure.per = part.per;
    check.measure.window = part.window;
    check.expectation = part.expectation;
    if (parts.size() > 1) {
      std::erase_if(check.was, [&](const std::string& was) { return MeasureWord(was) != part.measure; });
    }
    lowered.checks.push_back(std::move(check));
  }
}

}  // namespace amont
