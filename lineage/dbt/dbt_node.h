// DbtNode: one node of a dbt manifest, of any kind and any version from v1 to v12, as far as lineage needs
// it.
//
// Read from the node's own JSON text. An Error says which member has which wrong type; its message names no
// content. Values; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "lineage/edge.h"

namespace amont {

class JsonValue;

enum class DbtKind : uint8_t {
  kModel,
  kSeed,
  kSnapshot,
  kSource,
  kTest,  // and unit tests
  kExposure,
  kThrough,  // what is no relation but is read from: semantic models, metrics, saved queries, functions
  kOther,    // analyses, operations: nothing reads them
};

struct DbtNode {
  std::string unique_id;
  DbtKind kind = DbtKind::kOther;
  std::string resource_type;
  std::string package;
  std::string name;
  std::string database;
  std::string schema;
  std::string identifier;     // the table's name: alias, or a source's identifier
  std::string relation_name;  // as dbt writes it into SQL, quoted
  bool enabled = true;
  std::string materialized;
  std::vector<std::string> depends_on;
  std::string description;
  std::string label;
  std::vector<std::string> tags;
  std::string owner;  // meta's own; of an exposure its owner
  std::string group;
  std::vector<NodeColumn> columns;
  std::string url;            // of an exposure
  std::string exposure_type;  // "dashboard"
  std::string maturity;
  std::string attached_node;  // of a test
  std::string tested_model;   // of a test before v9: the ref() or source() it was given
  std::string test;           // "not_null(id)", or the name of a test that is one query
  std::string root_path;
  bool compiled = false;
  std::string language;
  std::string code;  // compiled

  bool IsRelation() const {
    return kind == DbtKind::kSeed || kind == DbtKind::kSnapshot || kind == DbtKind::kSource ||
           (kind == DbtKind::kModel && materialized != "ephemeral");
  }
  // Nothing in the warehouse, but what stands before it flows into what stands behind it.
  bool IsFolded() const { return (kind == DbtKind::kModel && !IsRelation()) || kind == DbtKind::kThrough; }
};

// `key`: the node's key in the manifest, its unique_id.
Result<DbtNode> ReadDbtNode(std::string_view key, std::string_view text);

// The relation's schema and table: of its relation name where that can be read, otherwise of its parts.
struct DbtRelation {
  std::string database;
  std::string schema;
  std::string table;
};
DbtRelation RelationOf(const DbtNode& node);

// The parts of "db"."schema"."t", `db`.`schema`.`t`, [db].[schema].[t] or db.schema.t; nothing where it is
// something else, such as a function's call.
std::optional<std::vector<std::string>> RelationParts(std::string_view text);

// An owner in whatever form people wrote it: a text, a list's first, or an object's name or email.
std::string OwnerText(JsonValue value);

}  // namespace amont
