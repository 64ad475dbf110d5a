// ScriptReader: takes the statements of a script in order and keeps what they did to the catalog. Inside of
// lineage/sql; one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "lineage/sql/analysis.h"
#include "lineage/sql/catalog.h"
#include "lineage/sql/definition.h"
#include "lineage/sql/routine_variables.h"
#include "lineage/sql/split_script.h"
#include "lineage/sql/statement.h"

namespace amont {

class ScriptReader {
 public:
  ScriptReader(SqlCatalog& catalog, std::vector<std::string> search_path)
      : scope_path_(std::move(search_path)), scope_{catalog, scope_path_} {}

  // The lineage of one statement; several where it holds others. `place` is where its text begins.
  std::vector<SqlStatement> Read(const ScriptPart& part, TextPlace place);
  // The statements of a routine's body; `variables` are its names.
  std::vector<SqlStatement> ReadBody(std::string_view body, TextPlace place,
                                     const RoutineVariables* variables);
  // One statement of a parsed tree.
  std::vector<SqlStatement> ReadTree(JsonValue node, std::string_view text, TextPlace place,
                                     const RoutineVariables* variables);

 private:
  void Query(const TreeNode& tree, SqlAnalysis& analysis, std::string& kind);
  void Define(SqlName target, JsonValue query, const std::vector<std::string_view>& names,
              SqlAnalysis& analysis);
  std::optional<SqlStatement> ReadDefinition(const TreeNode& tree, TextPlace place);
  std::vector<SqlStatement> ReadRoutine(const TreeNode& tree, std::string_view text, TextPlace place);
  void ReadProcedural(std::string_view text, std::string_view body, TextPlace place,
                      const RoutineVariables& variables, SqlStatement& routine,
                      std::vector<SqlStatement>& into);
  void ReadAtomic(JsonValue node, std::string_view text, TextPlace place, const RoutineVariables& variables,
                  std::vector<SqlStatement>& into);

  std::vector<std::string> scope_path_;
  DefinitionScope scope_;
  int depth_ = 0;  // routines and blocks within each other
};

// Where each part of a script stands, asked for in ascending order.
class PlaceReader {
 public:
  explicit PlaceReader(std::string_view text) : text_(text) {}
  TextPlace At(size_t offset);

 private:
  std::string_view text_;
  size_t read_ = 0;
  TextPlace place_;
};

// A place `offset` bytes into a text that begins at `start`.
TextPlace PlaceWithin(std::string_view text, size_t offset, TextPlace start);

}  // namespace amont
