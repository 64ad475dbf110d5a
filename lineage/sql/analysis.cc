#include "lineage/sql/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "lineage/sql/split_script.h"

namespace amont {

TreeNode::TreeNode(JsonValue value) {
  if (!value.IsObject() || value.Size() == 0) return;
  body = *value.begin();
  tag = body.Key();
}

SqlAnalysis::SqlAnalysis(const SqlCatalog& catalog, const std::vector<std::string>& search_path,
                         std::string_view text, int line)
    : catalog_(catalog), search_path_(search_path), text_(text), line_(line) {}

void SqlAnalysis::Note(std::string sentence, JsonValue at) {
  if (const std::optional<int64_t> offset = at.Integer(); offset && *offset >= 0) {
    const int line = PlaceOf(text_, static_cast<size_t>(*offset)).line + line_ - 1;
    sentence = fmt::format("line {}: {}", line, sentence);
  }
  if (noted_.insert(sentence).second) statement_.unresolved.push_back(std::move(sentence));
}

SqlName SqlAnalysis::NameOf(JsonValue range_var) const {
  const std::string_view schema = range_var["schemaname"].String();
  const std::string_view name = range_var["relname"].String();
  if (const SqlRelation* known = catalog_.Resolve(schema, name, search_path_)) return known->name;
  if (!schema.empty()) return {std::string(schema), std::string(name)};
  if (name.starts_with("pg_")) return {"pg_catalog", std::string(name)};
  return {search_path_.empty() ? std::string() : search_path_.front(), std::string(name)};
}

uint32_t SqlAnalysis::RelationNumber(JsonValue range_var) {
  const SqlRelation* known =
      catalog_.Resolve(range_var["schemaname"].String(), range_var["relname"].String(), search_path_);
  return RelationNumber(known != nullptr ? known->name : NameOf(range_var), known);
}

uint32_t SqlAnalysis::RelationNumber(SqlName name, const SqlRelation* known) {
  for (uint32_t i = 0; i < relations_.size(); ++i) {
    if (relations_[i].name == name) return i;
  }
  relations_.push_back({.name = std::move(name), .known = known, .fields = nullptr, .extra = {}});
  return static_cast<uint32_t>(relations_.size() - 1);
}

uint32_t SqlAnalysis::NewSource(uint32_t relation, std::string_view column) {
  sources_.push_back({relation, column});
  mentioned_.push_back(false);
  return static_cast<uint32_t>(sources_.size() - 1);
}

const QueryFields& SqlAnalysis::FieldsOf(uint32_t number) {
  if (relations_[number].fields != nullptr) return *relations_[number].fields;
  QueryFields& fields = NewFields();
  relations_[number].fields = &fields;
  const SqlRelation* known = relations_[number].known;
  if (known != nullptr) {
    fields.reserve(known->columns.size() + 1);
    for (const SqlColumn& column : known->columns) {
      SqlValue& value = NewValue();
      value.origin = NewSource(number, column.name);
      value.direct = SourceSet(value.origin);
      value.type = column.type;
      fields.push_back({column.name, &value, false});
    }
  }
  if (known == nullptr || !known->complete) {
    SqlValue& star = NewValue();
    star.open.push_back(number);
    fields.push_back({{}, &star, true});
  }
  return fields;
}

uint32_t SqlAnalysis::SourceNamed(uint32_t number, std::string_view column) {
  for (const QueryField& field : FieldsOf(number)) {
    if (!field.star && field.name == column) return field.value->origin;
  }
  for (const auto& [name, source] : relations_[number].extra) {
    if (name == column) return source;
  }
  const uint32_t source = NewSource(number, Keep(std::string(column)));
  relations_[number].extra.emplace_back(column, source);
  return source;
}

void SqlAnalysis::Mention(const SqlValue& value) {
  for (const uint32_t id : value.direct) mentioned_[id] = true;
}

void SqlAnalysis::MentionAll(const SqlValue& value) {
  Mention(value);
  for (const uint32_t id : value.indirect) mentioned_[id] = true;
}

void SqlAnalysis::SetOutput(const AnalysedQuery& query, const std::vector<std::string_view>& names) {
  statement_.columns.clear();
  for (size_t i = 0; i < query.fields.size(); ++i) {
    const QueryField& field = query.fields[i];
    SqlOutput output;
    output.name = field.star ? "*" : std::string(i < names.size() ? names[i] : field.name);
    SqlValue value = *field.value;
    if (field.star) {
      for (const uint32_t relation : value.open) {
        value.direct.Add(SourceNamed(relation, "*"));
        Note(fmt::format("the columns of {} are not known", relations_[relation].name.Text()));
      }
      Mention(value);
    }
    output.type = value.type;
    output.direct = value.direct.Ids();
    output.indirect = value.indirect.Ids();
    if (value.origin != kNoNumber) output.origin = value.origin;
    statement_.columns.push_back(std::move(output));
  }
  statement_.indirect = query.rows.Ids();
}

void SqlAnalysis::SetVariables(const RoutineVariables& variables) {
  outermost_ = &variables_;
  const auto value_of = [this](const RoutineVariable::Part& part) {
    SqlValue& value = NewValue();
    const auto add = [this](const std::set<RoutineVariable::Source>& sources, SourceSet& into) {
      for (const auto& [name, column] : sources) {
        into.Add(SourceNamed(RelationNumber(name, catalog_.Find(name)), column));
      }
    };
    add(part.direct, value.direct);
    add(part.indirect, value.indirect);
    return &value;
  };
  QueryFields& scalars = NewFields();
  for (const RoutineVariable& variable : variables.all) {
    if (!variable.record) {
      scalars.push_back({variable.value.name, value_of(variable.value), false});
      continue;
    }
    QueryFields& fields = NewFields();
    for (const RoutineVariable::Part& field : variable.fields) {
      fields.push_back({field.name, value_of(field), false});
    }
    FromItem record;
    record.name = variable.value.name;
    record.fields = &fields;
    record.visible = false;
    record.opaque = true;
    variables_.items.push_back(record);
  }
  FromItem routine;
  routine.name = variables.routine;
  routine.fields = &scalars;
  variables_.items.push_back(routine);
}

void SqlAnalysis::Return(JsonValue node) {
  NameLevel level;
  level.parent = outermost_;
  AnalysedQuery& query = NewQuery();
  SqlValue& value = NewValue();
  value = Expression(node, level);
  query.fields.push_back({OutputName(node), &value, false});
  query.rows = level.rows;
  SetOutput(query);
}

void SqlAnalysis::SetTarget(JsonValue range_var) { statement_.target = NameOf(range_var); }

// Numbers of sources become those of the sources that are mentioned, relations those that are read.
void SqlAnalysis::Fill(SqlStatement& statement, std::optional<size_t> since) const {
  std::vector<bool> mentioned = mentioned_;
  if (since) {
    std::fill(mentioned.begin(), mentioned.end(), false);
    for (const SqlOutput& output : statement.columns) {
      for (const uint32_t id : output.direct) mentioned[id] = true;
      for (const uint32_t id : output.indirect) mentioned[id] = true;
    }
    for (const uint32_t id : statement.indirect) mentioned[id] = true;
  }
  std::vector<uint32_t> relation_now(relations_.size(), kNoNumber);
  std::vector<uint32_t> source_now(sources_.size(), kNoNumber);
  for (uint32_t id = 0; id < sources_.size(); ++id) {
    if (sources_[id].relation != kNoNumber && mentioned[id]) relation_now[sources_[id].relation] = 0;
  }
  for (size_t i = since.value_or(0); i < read_log_.size(); ++i) relation_now[read_log_[i]] = 0;
  for (uint32_t i = 0; i < relations_.size(); ++i) {
    if (relation_now[i] == kNoNumber) continue;
    relation_now[i] = static_cast<uint32_t>(statement.reads.size());
    statement.reads.push_back(relations_[i].name);
  }
  for (uint32_t id = 0; id < sources_.size(); ++id) {
    const Source& source = sources_[id];
    if (source.relation == kNoNumber || !mentioned[id]) continue;
    source_now[id] = static_cast<uint32_t>(statement.sources.size());
    statement.sources.push_back({relation_now[source.relation], std::string(source.column)});
  }
  std::vector<bool> used(statement.sources.size(), false);
  const auto renumber = [&](std::vector<uint32_t>& ids) {
    size_t kept = 0;
    for (const uint32_t id : ids) {
      if (source_now[id] == kNoNumber) continue;
      ids[kept++] = source_now[id];
      used[source_now[id]] = true;
    }
    ids.resize(kept);
  };
  for (SqlOutput& output : statement.columns) {
    renumber(output.direct);
    renumber(output.indirect);
    if (output.origin) {
      const uint32_t now = source_now[*output.origin];
      output.origin = now == kNoNumber ? std::nullopt : std::optional<uint32_t>(now);
    }
  }
  renumber(statement.indirect);
  for (uint32_t id = 0; id < used.size(); ++id) {
    if (!used[id]) statement.unused.push_back(id);
  }
}

std::vector<SqlStatement> SqlAnalysis::Finish(std::string_view kind) {
  statement_.kind = kind;
  statement_.line = line_;
  Fill(statement_, std::nullopt);
  const auto settle = [](SqlStatement& statement) {
    if (statement.unresolved.empty()) return;
    statement.status = SqlStatus::kPartial;
    statement.reason = statement.unresolved.front();
    if (const size_t more = statement.unresolved.size() - 1; more > 0) {
      statement.reason += fmt::format("; and {} more", more);
    }
  };
  settle(statement_);
  std::vector<SqlStatement> all;
  all.push_back(std::move(statement_));
  for (SqlStatement& inner : inner_) {
    inner.line = line_;
    inner.unresolved = all.front().unresolved;
    settle(inner);
    all.push_back(std::move(inner));
  }
  return all;
}

std::string_view Word(SqlStatus status) {
  switch (status) {
    case SqlStatus::kResolved:
      return "resolved";
    case SqlStatus::kPartial:
      return "partial";
    case SqlStatus::kFailed:
      return "failed";
  }
  return "failed";
}

}  // namespace amont
