// How names are found: PostgreSQL's parse_relation.c and the column references of parse_expr.c.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lineage/sql/analysis.h"

namespace amont {
namespace {

bool IsSystemColumn(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string_view TextOf(JsonValue field) { return field["String"]["sval"].String(); }

}  // namespace

const SqlValue* SqlAnalysis::FieldNamed(const QueryFields& fields, std::string_view name, bool& ambiguous) {
  const SqlValue* found = nullptr;
  for (const QueryField& field : fields) {
    if (field.star || field.name != name) continue;
    if (found != nullptr) ambiguous = true;
    found = field.value;
  }
  return found;
}

const SqlValue* SqlAnalysis::FieldVisible(NameLevel& level, std::string_view name, bool& ambiguous) {
  const SqlValue* found = nullptr;
  for (const FromItem& item : level.items) {
    if (!item.visible || (item.lateral_only && !level.lateral)) continue;
    const SqlValue* here = FieldNamed(*item.fields, name, ambiguous);
    if (here == nullptr && item.relation != kNoNumber && IsSystemColumn(name)) {
      SqlValue& value = NewValue();
      value.origin = SourceNamed(item.relation, name);
      value.direct = SourceSet(value.origin);
      here = &value;
    }
    if (here == nullptr) continue;
    if (found != nullptr) ambiguous = true;
    found = here;
  }
  return found;
}

const SqlValue* SqlAnalysis::BehindStar(const QueryField& star, std::string_view name) {
  SqlValue& value = NewValue();
  value.indirect = star.value->indirect;
  for (const uint32_t relation : star.value->open) value.direct.Add(SourceNamed(relation, name));
  if (star.value->open.size() == 1) value.origin = SourceNamed(star.value->open.front(), name);
  return &value;
}

// A column nobody knows, in a query over relations whose columns nobody knows: theirs, if there is but one.
const SqlValue* SqlAnalysis::BehindStars(NameLevel& level, std::string_view name, JsonValue at,
                                         bool& ambiguous) {
  const QueryField* star = nullptr;
  std::string candidates;
  for (const FromItem& item : level.items) {
    if (!item.visible || (item.lateral_only && !level.lateral)) continue;
    for (const QueryField& field : *item.fields) {
      if (!field.star) continue;
      if (star != nullptr) ambiguous = true;
      star = &field;
      for (const uint32_t relation : field.value->open) {
        candidates += (candidates.empty() ? "" : ", ") + relations_[relation].name.Text();
      }
    }
  }
  if (star == nullptr) return nullptr;
  if (!ambiguous) return BehindStar(*star, name);
  Note(fmt::format("column {} may be of any of {}", name, candidates), at);
  return nullptr;
}

SqlValue SqlAnalysis::ColumnAlone(std::string_view name, NameLevel& innermost, JsonValue at) {
  for (NameLevel* level = &innermost; level != nullptr; level = level->parent) {
    bool ambiguous = false;
    if (const SqlValue* found = FieldVisible(*level, name, ambiguous)) {
      if (ambiguous) {
        Note(fmt::format("column {} is ambiguous", name), at);
        return {};
      }
      if (level == outermost_) MentionAll(*found);
      Mention(*found);
      return *found;
    }
    if (outermost_ != nullptr && level != outermost_) {
      bool several = false;
      if (const SqlValue* variable = FieldVisible(*outermost_, name, several)) {
        MentionAll(*variable);
        return *variable;
      }
    }
    if (const SqlValue* found = BehindStars(*level, name, at, ambiguous)) {
      Mention(*found);
      return *found;
    }
    if (ambiguous) return {};
  }
  // Not a column: maybe the whole row of what is called so.
  if (const FromItem* item = ItemNamed(innermost, {}, name)) return WholeRow(*item->fields);
  Note(fmt::format("column {} does not exist", name), at);
  return {};
}

const FromItem* SqlAnalysis::ItemNamed(NameLevel& innermost, std::string_view schema, std::string_view name) {
  for (NameLevel* level = &innermost; level != nullptr; level = level->parent) {
    for (const FromItem& item : level->items) {
      if (!item.named || item.name != name || (item.lateral_only && !level->lateral)) continue;
      if (schema.empty() || item.schema == schema) return &item;
    }
  }
  return nullptr;
}

SqlValue SqlAnalysis::ColumnOf(const FromItem& item, std::string_view name, JsonValue at) {
  bool ambiguous = false;
  const SqlValue* found = FieldNamed(*item.fields, name, ambiguous);
  if (found == nullptr && item.relation != kNoNumber && IsSystemColumn(name)) {
    SqlValue value;
    value.origin = SourceNamed(item.relation, name);
    value.direct = SourceSet(value.origin);
    Mention(value);
    return value;
  }
  if (found == nullptr) {
    const QueryField* star = nullptr;
    for (const QueryField& field : *item.fields) {
      if (field.star && star != nullptr) ambiguous = true;
      if (field.star) star = &field;
    }
    if (star != nullptr && !ambiguous) found = BehindStar(*star, name);
  }
  if (found == nullptr && item.opaque) return {};
  if (ambiguous || found == nullptr) {
    Note(fmt::format("column {}.{} {}", item.name, name, ambiguous ? "is ambiguous" : "does not exist"), at);
    return {};
  }
  if (item.opaque) MentionAll(*found);
  Mention(*found);
  return *found;
}

SqlValue SqlAnalysis::WholeRow(const QueryFields& fields) {
  SqlValue row;
  row.row = &fields;
  for (const QueryField& field : fields) {
    if (!field.star) {
      row.Add(*field.value);
      continue;
    }
    row.indirect.Add(field.value->indirect);
    for (const uint32_t relation : field.value->open) row.direct.Add(SourceNamed(relation, "*"));
  }
  MentionAll(row);
  return row;
}

SqlValue SqlAnalysis::Column(JsonValue column_ref, NameLevel& level) {
  std::vector<std::string_view> parts;
  bool star = false;
  for (const JsonValue field : column_ref["fields"]) {
    if (field["A_Star"]) {
      star = true;
    } else {
      parts.push_back(TextOf(field));
    }
  }
  const JsonValue at = column_ref["location"];
  if (parts.size() == 4) parts.erase(parts.begin());  // the database
  if (star) {
    // t.* as an argument is the whole row.
    const size_t last = parts.size();
    const FromItem* item = last == 0   ? nullptr
                           : last == 1 ? ItemNamed(level, {}, parts[0])
                                       : ItemNamed(level, parts[0], parts[1]);
    if (item != nullptr) return WholeRow(*item->fields);
    Note(fmt::format("{}.* names nothing in FROM", fmt::join(parts, ".")), at);
    return {};
  }
  if (parts.size() == 1) return ColumnAlone(parts[0], level, at);
  if (parts.size() == 2) {
    if (const FromItem* item = ItemNamed(level, {}, parts[0])) return ColumnOf(*item, parts[1], at);
  } else if (parts.size() == 3) {
    if (const FromItem* item = ItemNamed(level, parts[0], parts[1])) return ColumnOf(*item, parts[2], at);
  }
  Note(fmt::format("{} is a column of nothing in FROM", fmt::join(parts, ".")), at);
  return {};
}

void SqlAnalysis::ExpandFields(const QueryFields& fields, QueryFields& into) {
  // PostgreSQL's own limit; without one a few lines of stars make millions of columns.
  constexpr size_t kColumnsMax = 1'664;
  for (const QueryField& field : fields) {
    if (into.size() == kColumnsMax) return Note(fmt::format("more than {} columns", kColumnsMax));
    Mention(*field.value);
    into.push_back(field);
  }
}

// * and t.* in a list of results.
void SqlAnalysis::ExpandStar(JsonValue column_ref, NameLevel& level, QueryFields& into) {
  std::vector<std::string_view> parts;
  for (const JsonValue field : column_ref["fields"]) {
    if (!field["A_Star"]) parts.push_back(TextOf(field));
  }
  if (parts.empty()) {
    for (const FromItem& item : level.items) {
      if (item.visible && !item.lateral_only) ExpandFields(*item.fields, into);
    }
    return;
  }
  if (parts.size() == 3) parts.erase(parts.begin());  // the database
  const FromItem* item =
      parts.size() == 1 ? ItemNamed(level, {}, parts[0]) : ItemNamed(level, parts[0], parts[1]);
  if (item == nullptr) {
    Note(fmt::format("{}.* names nothing in FROM", fmt::join(parts, ".")), column_ref["location"]);
    return;
  }
  ExpandFields(*item->fields, into);
}

}  // namespace amont
