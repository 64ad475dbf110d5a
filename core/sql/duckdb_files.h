// Files as tables: which files the globs of a DuckDB source match, and how a table's name becomes a reader of
// them.
//
// No views: a view over a cut or missing file fails for good when it is made. Instead DuckDB asks us about
// every name its catalog does not know, and we answer with read_parquet([...]) or its like; so `FROM
// flights`, joins, DESCRIBE and the user's own SQL work on file tables as on any other, and a broken file
// fails only the statement that reads it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sql/duckdb_library.h"

namespace amont {

// "read_parquet", "read_csv", "read_json_auto" or "read_ndjson_auto" by the glob's ending (.parquet, .csv,
// .tsv, .json, .ndjson, .jsonl; text formats also with .gz or .zst). kInvalid for another ending.
Result<std::string_view> DuckdbReaderOf(std::string_view glob);

struct FileTable {
  std::string name;
  std::string glob;                // absolute
  std::string_view reader;         // empty: the ending says nothing
  std::vector<std::string> files;  // sorted; empty: none matched
};

class FileTables {
 public:
  // `files`: table → glob, relative to `directory`. Nothing is matched yet.
  FileTables(const std::map<std::string, std::string>& files, const std::string& directory);

  std::vector<FileTable>& tables() { return tables_; }
  const std::vector<FileTable>& tables() const { return tables_; }

  // Makes the tables known to a database. This object must outlive it and stay where it is.
  void Register(const DuckdbLibrary& library, duckdb_database database);

  // An error that is about one of the files in truth: a table without files (kNotFound), a file gone since it
  // was matched (kNotFound); otherwise `error` itself.
  Error Explain(Error error) const;

 private:
  static void Replace(duckdb_replacement_scan_info info, const char* name, void* tables);
  const FileTable* Find(std::string_view name) const;

  std::vector<FileTable> tables_;
  const DuckdbLibrary* library_ = nullptr;
};

}  // namespace amont
