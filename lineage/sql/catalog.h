// SqlCatalog: which relations there are, with their columns in order: what stars expand to and unqualified
// names are looked up in. Filled from DDL (lineage/sql/script.h), or by whoever knows the tables.
//
// A catalog may lie over another one that it never changes: what it says itself hides what lies below, and
// what it dropped is gone. Names are compared as they are stored: folded by the parser, or exactly as quoted.
// A pointer to a relation is valid until the catalog changes. Single-threaded while it changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace amont {

struct SqlName {
  std::string schema;  // empty: not said, or not known
  std::string name;

  auto operator<=>(const SqlName&) const = default;
  bool operator==(const SqlName&) const = default;
  std::string Text() const;  // schema.name, quoted where needed
};

// The schema of all temporary tables.
inline constexpr std::string_view kTemporarySchema = "pg_temp";

struct SqlColumn {
  std::string name;
  std::string type;  // canonical: int4, varchar(10), text[]; empty: not known

  bool operator==(const SqlColumn&) const = default;
};

enum class SqlForm : uint8_t { kTable, kView, kMaterializedView, kType };

struct SqlRelation {
  SqlName name;
  SqlForm form = SqlForm::kTable;
  std::vector<SqlColumn> columns;
  bool complete = true;  // false: there may be columns that are not known

  const SqlColumn* Column(std::string_view column) const;
};

// A function as FROM sees it.
struct SqlFunction {
  SqlName name;
  std::vector<SqlColumn> columns;  // OUT and TABLE parameters
  std::string returns;             // canonical type, which may be a relation's row
};

class SqlCatalog {
 public:
  explicit SqlCatalog(const SqlCatalog* below = nullptr) : below_(below) {}
  SqlCatalog(SqlCatalog&&) noexcept = default;
  SqlCatalog& operator=(SqlCatalog&&) noexcept = default;

  const SqlRelation* Find(const SqlName& name) const;
  // As PostgreSQL looks a name up: a qualified one there only, another in the temporary tables, then along
  // the path.
  const SqlRelation* Resolve(std::string_view schema, std::string_view name,
                             const std::vector<std::string>& search_path) const;
  const SqlFunction* ResolveFunction(std::string_view schema, std::string_view name,
                                     const std::vector<std::string>& search_path) const;

  void Put(SqlRelation relation);
  void Drop(const SqlName& name);
  void DropSchema(std::string_view schema);
  void Put(SqlFunction function);

  // Every relation, in no order.
  void ForEach(const std::function<void(const SqlRelation&)>& visit) const;

 private:
  // By schema, a zero byte, name. Null: dropped here.
  template <class T>
  using Entries = std::unordered_map<std::string, std::unique_ptr<T>>;

  const SqlCatalog* below_;
  Entries<SqlRelation> relations_;
  Entries<SqlFunction> functions_;
};

}  // namespace amont
