#include "lineage/node.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace amont {
namespace {

// A name that must stand in quotes, or does not, behind "job:" and the like: these may hold dots and slashes
// freely.
bool IsWord(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) return false;
  }
  return true;
}

}  // namespace

std::string_view Word(NodeKind kind) {
  switch (kind) {
    case NodeKind::kTable:
      return "table";
    case NodeKind::kJob:
      return "job";
    case NodeKind::kExposure:
      return "exposure";
  }
  return "table";
}

NodeName NodeName::Of(const TableName& table) {
  return {NodeKind::kTable, table.source, table.schema, table.table};
}

NodeName NodeName::Job(std::string_view space, std::string_view name) {
  return {NodeKind::kJob, std::string(space), {}, std::string(name)};
}

NodeName NodeName::Exposure(std::string_view type, std::string_view name) {
  return {NodeKind::kExposure, std::string(type), {}, std::string(name)};
}

TableName NodeName::Table() const { return {space, schema, name}; }

// A job's namespace is an address more often than not, so only what would end it early is quoted.
std::string NodeName::Text() const {
  switch (kind) {
    case NodeKind::kTable:
      return Table().Full();
    case NodeKind::kJob:
      return fmt::format("job:{}/{}", space, name);
    case NodeKind::kExposure:
      return fmt::format("{}:{}", space, name);
  }
  return {};
}

std::string Port::Text() const {
  return column.empty() ? node.Text() : fmt::format("{}.{}", node.Text(), QuotePart(column));
}

Result<NodeName> ParseNodeName(std::string_view text, std::string_view source) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsWord(text.substr(0, colon))) {
    AMONT_TRY(const TableName table, ParseTableName(text, source));
    return NodeName::Of(table);
  }
  const std::string_view type = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (rest.empty()) {
    return MakeError(ErrorCode::kInvalid, fmt::format("nothing stands after \"{}:\"", type));
  }
  if (type != "job") return NodeName::Exposure(type, rest);
  // The namespace may hold slashes (an address); a job's name holds none where it is read from a text.
  const size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size()) {
    return MakeError(ErrorCode::kInvalid, "a job is written job:namespace/name");
  }
  return NodeName::Job(rest.substr(0, slash), rest.substr(slash + 1));
}

}  // namespace amont

size_t std::hash<amont::NodeName>::operator()(const amont::NodeName& name) const noexcept {
  const std::hash<std::string_view> part;
  size_t seed = static_cast<size_t>(name.kind);
  for (const std::string_view text :
       {std::string_view(name.space), std::string_view(name.schema), std::string_view(name.name)}) {
    seed ^= part(text) + 0x9E3779B97F4A7C15ULL + (seed << 6U) + (seed >> 2U);
  }
  return seed;
}
