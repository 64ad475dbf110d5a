#include "checks/declare/registry.h"

#include <fmt/format.h>

#include <set>
#include <tuple>
#include <utility>

#include "core/quoted.h"

namespace amont {

bool Registry::AddTable(const std::string& full_name, const Span& place) {
  const auto [first, fresh] = tables_.emplace(full_name, place);
  if (fresh) return true;
  diagnostics_.Error(place, fmt::format("the table {} is declared twice", Quoted(full_name)))
      .notes.push_back({first->second, "first declared here"});
  return false;
}

bool Registry::AddCheck(const CheckPtr& check) {
  const auto [first, fresh] = checks_.emplace(check->id, check);
  if (fresh) {
    if (!check->was.empty()) renamed_.push_back(check);
    return true;
  }
  diagnostics_
      .Error(check->declared_at, fmt::format("two checks have the id {}", Quoted(check->id)),
             "give one of them a `name`")
      .notes.push_back({first->second->declared_at, "first declared here"});
  return false;
}

void Registry::AddFormerTable(const std::string& full_name, const Span& place) {
  former_tables_.emplace_back(full_name, place);
}

void Registry::CheckFormer(const std::string& former, const Span& place, const Span* present,
                           std::string_view what, std::unordered_map<std::string, Span>& formers) {
  if (present != nullptr) {
    diagnostics_
        .Error(place, fmt::format("`was` names {}, a {} that is still declared", Quoted(former), what))
        .notes.push_back({*present, "declared here"});
    return;
  }
  const auto [first, fresh] = formers.emplace(former, place);
  if (fresh) return;
  diagnostics_.Error(place, fmt::format("two {}s say that they were {}", what, Quoted(former)))
      .notes.push_back({first->second, "the other one"});
}

void Registry::CheckRenames() {
  std::unordered_map<std::string, Span> former_tables;
  for (const auto& [former, place] : former_tables_) {
    const auto present = tables_.find(former);
    CheckFormer(former, place, present == tables_.end() ? nullptr : &present->second, "table", former_tables);
  }
  std::unordered_map<std::string, Span> former_checks;
  for (const CheckPtr& check : renamed_) {
    for (const std::string& former : check->was) {
      const auto present = checks_.find(former);
      CheckFormer(former, check->declared_at,
                  present == checks_.end() ? nullptr : &present->second->declared_at, "check", former_checks);
    }
  }
}

void AppendOnce(const Diagnostics& found, Diagnostics& diagnostics) {
  std::set<std::tuple<const SourceText*, int, int, std::string_view>> said;
  const auto is_new = [&](const Diagnostic& each) {
    return said.emplace(each.span.file.get(), each.span.line, each.span.column, each.message).second;
  };
  for (const Diagnostic& each : diagnostics.list()) is_new(each);
  Diagnostics once;
  for (const Diagnostic& each : found.list()) {
    if (!is_new(each)) continue;
    Diagnostic& copy = each.severity == Diagnostic::Severity::kError
                           ? once.Error(each.span, each.message, each.hint)
                           : once.Warning(each.span, each.message, each.hint);
    copy.notes = each.notes;
  }
  diagnostics.Append(std::move(once));
}

}  // namespace amont
