// RoutineVariables: the names a routine's body may use besides columns, and what flows into them: parameters,
// declared variables, records that loops fill. Inside of lineage/sql; values.
//
// What a variable is made of is gathered over the whole body, whatever the order in which it runs.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lineage/sql/catalog.h"
#include "lineage/sql/statement.h"

namespace amont {

struct RoutineVariable {
  using Source = std::pair<SqlName, std::string>;
  struct Part {
    std::string name;
    std::set<Source> direct;
    std::set<Source> indirect;
  };
  Part value;
  bool record = false;
  std::vector<Part> fields;  // of a record, as far as they are known
};

struct RoutineVariables {
  std::string routine;  // its bare name, by which parameters may be qualified
  std::vector<RoutineVariable> all;

  RoutineVariable* Named(std::string_view name);
  // What the statement's output brings into the variable: all of it into a record, else the column `at`.
  static void Flow(const SqlStatement& from, size_t at, RoutineVariable& into);
};

}  // namespace amont
