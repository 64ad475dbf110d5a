#include "lineage/sql/catalog.h"

#include "core/table_name.h"

namespace amont {
namespace {

std::string KeyOf(std::string_view schema, std::string_view name) {
  std::string key;
  key.reserve(schema.size() + 1 + name.size());
  key += schema;
  key += '\0';
  key += name;
  return key;
}

}  // namespace

std::string SqlName::Text() const {
  return schema.empty() ? QuotePart(name) : QuotePart(schema) + "." + QuotePart(name);
}

const SqlColumn* SqlRelation::Column(std::string_view column) const {
  for (const SqlColumn& each : columns) {
    if (each.name == column) return &each;
  }
  return nullptr;
}

const SqlRelation* SqlCatalog::Find(const SqlName& name) const {
  const std::string key = KeyOf(name.schema, name.name);
  for (const SqlCatalog* catalog = this; catalog != nullptr; catalog = catalog->below_) {
    if (const auto found = catalog->relations_.find(key); found != catalog->relations_.end()) {
      return found->second.get();
    }
  }
  return nullptr;
}

const SqlRelation* SqlCatalog::Resolve(std::string_view schema, std::string_view name,
                                       const std::vector<std::string>& search_path) const {
  if (!schema.empty()) return Find({std::string(schema), std::string(name)});
  if (const SqlRelation* temporary = Find({std::string(kTemporarySchema), std::string(name)}))
    return temporary;
  for (const std::string& each : search_path) {
    if (const SqlRelation* found = Find({each, std::string(name)})) return found;
  }
  return Find({{}, std::string(name)});
}

const SqlFunction* SqlCatalog::ResolveFunction(std::string_view schema, std::string_view name,
                                               const std::vector<std::string>& search_path) const {
  const auto find = [&](std::string_view in) -> const SqlFunction* {
    const std::string key = KeyOf(in, name);
    for (const SqlCatalog* catalog = this; catalog != nullptr; catalog = catalog->below_) {
      if (const auto found = catalog->functions_.find(key); found != catalog->functions_.end()) {
        return found->second.get();
      }
    }
    return nullptr;
  };
  if (!schema.empty()) return find(schema);
  for (const std::string& each : search_path) {
    if (const SqlFunction* found = find(each)) return found;
  }
  return nullptr;
}

void SqlCatalog::Put(SqlRelation relation) {
  std::string key = KeyOf(relation.name.schema, relation.name.name);
  relations_[std::move(key)] = std::make_unique<SqlRelation>(std::move(relation));
}

void SqlCatalog::Put(SqlFunction function) {
  std::string key = KeyOf(function.name.schema, function.name.name);
  functions_[std::move(key)] = std::make_unique<SqlFunction>(std::move(function));
}

void SqlCatalog::Drop(const SqlName& name) {
  std::string key = KeyOf(name.schema, name.name);
  if (below_ != nullptr && below_->Find(name) != nullptr) {
    relations_[std::move(key)] = nullptr;
  } else {
    relations_.erase(key);
  }
}

void SqlCatalog::DropSchema(std::string_view schema) {
  std::vector<SqlName> dropped;
  ForEach([&](const SqlRelation& relation) {
    if (relation.name.schema == schema) dropped.push_back(relation.name);
  });
  for (const SqlName& name : dropped) Drop(name);
}

void SqlCatalog::ForEach(const std::function<void(const SqlRelation&)>& visit) const {
  for (const auto& [key, relation] : relations_) {
    if (relation != nullptr) visit(*relation);
  }
  if (below_ == nullptr) return;
  below_->ForEach([&](const SqlRelation& relation) {
    if (!relations_.contains(KeyOf(relation.name.schema, relation.name.name))) visit(relation);
  });
}

}  // namespace amont
