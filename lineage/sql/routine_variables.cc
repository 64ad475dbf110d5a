#include "lineage/sql/routine_variables.h"

#include <algorithm>

namespace amont {
namespace {

void AddColumn(const SqlStatement& from, const SqlOutput& output, RoutineVariable::Part& part) {
  const auto add = [&](const std::vector<uint32_t>& ids, std::set<RoutineVariable::Source>& into) {
    for (const uint32_t id : ids) {
      const SqlSource& source = from.sources[id];
      into.emplace(from.reads[source.relation], source.column);
    }
  };
  add(output.direct, part.direct);
  add(output.indirect, part.indirect);
  add(from.indirect, part.indirect);
}

}  // namespace

RoutineVariable* RoutineVariables::Named(std::string_view name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const RoutineVariable& each) { return each.value.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void RoutineVariables::Flow(const SqlStatement& from, size_t at, RoutineVariable& into) {
  if (!into.record) {
    if (at < from.columns.size()) AddColumn(from, from.columns[at], into.value);
    return;
  }
  for (const SqlOutput& output : from.columns) {
    auto field = std::find_if(into.fields.begin(), into.fields.end(),
                              [&](const RoutineVariable::Part& part) { return part.name == output.name; });
    if (field == into.fields.end()) field = into.fields.insert(field, {output.name, {}, {}});
    AddColumn(from, output, *field);
  }
}

}  // namespace amont
