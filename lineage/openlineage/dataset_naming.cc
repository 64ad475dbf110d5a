#include "lineage/openlineage/dataset_naming.h"

#include <utility>

#include "core/table_name.h"
#include "core/wildcard.h"

namespace amont {
namespace {

// A dataset's name taken apart at its dots; a name that uses SQL's quotes, by them.
std::vector<std::string> Parts(std::string_view name) {
  if (name.find('"') != std::string_view::npos) {
    Result<std::vector<std::string>> quoted = SplitDotted(name);
    if (quoted) return *std::move(quoted);
  }
  std::vector<std::string> parts;
  for (;;) {
    const size_t dot = name.find('.');
    if (dot != 0 && !name.empty()) parts.emplace_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    name.remove_prefix(dot + 1);
  }
}

bool IsWhole(NamespaceStyle style, std::string_view name) {
  return style == NamespaceStyle::kPath ||
         (style == NamespaceStyle::kUnknown && name.find_first_of("/:\\ ") != std::string_view::npos);
}

// All parts but the last, as one schema.
std::string Joined(const std::vector<std::string>& parts) {
  std::string joined;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    if (i > 0) joined += '.';
    joined += parts[i];
  }
  return joined;
}

// A path or an address as namespace and name: /data/x.csv, file:///data/x.csv, s3://bucket/x.csv.
DatasetId FileId(std::string_view file) {
  const size_t scheme = file.find("://");
  if (scheme == std::string_view::npos) return CanonicalDataset("file", file);
  const size_t path = file.find('/', scheme + 3);
  return CanonicalDataset(file.substr(0, path), path == std::string_view::npos ? "/" : file.substr(path));
}

}  // namespace

DatasetNaming::DatasetNaming(const std::vector<SourceAddress>& sources,
                             const std::map<std::string, std::string>& aliases) {
  std::map<std::string, std::string> schemas;
  for (const SourceAddress& address : sources) {
    const CanonicalNamespace read = ReadNamespace(address.space);
    schemas[address.source] = address.default_schema;
    for (const auto& [table, file] : address.files) {
      files_.push_back({.pattern = FileId(file), .table = NodeName::Of({address.source, {}, table})});
    }
    if (read.text.empty()) continue;
    sources_[read.text].push_back({.source = address.source,
                                   .database = address.database.empty() ? read.database : address.database,
                                   .default_schema = address.default_schema});
  }
  for (const auto& [space, source] : aliases) {
    const CanonicalNamespace read = ReadNamespace(space);
    const auto schema = schemas.find(source);
    aliases_[{.space = read.text, .name = read.database}] = {
        .source = source,
        .database = {},
        .default_schema = schema == schemas.end() ? std::string() : schema->second};
  }
}

const DatasetNaming::Place* DatasetNaming::Find(const DatasetId& id, std::string_view database) const {
  if (!database.empty()) {
    const auto alias = aliases_.find({.space = id.space, .name = std::string(database)});
    if (alias != aliases_.end()) return &alias->second;
  }
  const auto alias = aliases_.find({.space = id.space, .name = {}});
  if (alias != aliases_.end()) return &alias->second;
  const auto server = sources_.find(id.space);
  if (server == sources_.end()) return nullptr;
  const Place* only = nullptr;
  for (const Place& place : server->second) {
    if (!database.empty() && (place.database.empty() || place.database == database)) return &place;
    // Without a database the name fits where one source alone stands on the server.
    if (database.empty()) only = only == nullptr && server->second.size() == 1 ? &place : nullptr;
  }
  return only;
}

const NodeName* DatasetNaming::FindFile(const DatasetId& id) const {
  for (const FileTable& file : files_) {
    if (file.pattern.space != id.space) continue;
    if (MatchesWildcard(file.pattern.name, id.name)) return &file.table;
    // A job that writes many files names their folder.
    const std::string_view pattern = file.pattern.name;
    const size_t slash = pattern.substr(0, pattern.find_first_of("*?")).rfind('/');
    if (pattern.find('*') != std::string_view::npos && slash != std::string_view::npos &&
        pattern.substr(0, slash) == id.name) {
      return &file.table;
    }
  }
  return nullptr;
}

DatasetNaming::Named DatasetNaming::Name(const DatasetId& id) const {
  const NamespaceStyle style = ReadNamespace(id.space).style;
  std::vector<std::string> parts;
  if (!IsWhole(style, id.name)) parts = Parts(id.name);
  const bool whole = parts.empty();
  // MySQL's and Hive's two parts are database and table, which are schema and table to us.
  const Place* place = Find(id, parts.size() > 2 ? std::string_view(parts[parts.size() - 3]) : "");
  Named named;
  if (place == nullptr && style == NamespaceStyle::kPath) {
    if (const NodeName* file = FindFile(id)) return {.node = *file, .ours = true};
  }
  named.ours = place != nullptr;
  named.node.space = named.ours ? place->source : id.space;
  if (whole) {
    named.node.name = id.name;
    return named;
  }
  named.node.name = parts.back();
  if (parts.size() == 1) {
    if (named.ours) named.node.schema = place->default_schema;
  } else {
    named.node.schema = named.ours ? parts[parts.size() - 2] : Joined(parts);
  }
  return named;
}

}  // namespace amont
