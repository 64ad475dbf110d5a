#include "core/sql/duckdb_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace amont {
namespace {

constexpr std::string_view kMarker = "no usable file of table ";

std::string NoFiles(const FileTable& table) {
  const std::string start = std::string(kMarker) + "`" + table.name + "`: ";
  if (table.reader.empty()) return start + "the ending of " + table.glob + " names no format";
  return start + "nothing matches " + table.glob;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualFolded(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return Lower(a) == Lower(b); });
}

bool EndsWith(std::string_view text, std::string_view ending) {
  return text.size() > ending.size() && EqualFolded(text.substr(text.size() - ending.size()), ending);
}

}  // namespace

Result<std::string_view> DuckdbReaderOf(std::string_view glob) {
  std::string_view bare = glob;
  for (const std::string_view packing : {".gz", ".zst"}) {
    if (EndsWith(bare, packing)) bare.remove_suffix(packing.size());
  }
  const bool packed = bare.size() < glob.size();
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kReaders{{
      {".parquet", "read_parquet"},
      {".csv", "read_csv"},
      {".tsv", "read_csv"},
      {".json", "read_json_auto"},
      {".ndjson", "read_ndjson_auto"},
      {".jsonl", "read_ndjson_auto"},
  }};
  for (const auto& [ending, reader] : kReaders) {
    if (EndsWith(bare, ending) && !(packed && ending == ".parquet")) return reader;
  }
  return MakeError(ErrorCode::kInvalid,
                   "cannot tell the format of " + std::string(glob) +
                       ": end it in .parquet, .csv, .tsv, .json, .ndjson or .jsonl (.gz, .zst)");
}

FileTables::FileTables(const std::map<std::string, std::string>& files, const std::string& directory) {
  for (const auto& [name, glob] : files) {
    FileTable table;
    table.name = name;
    table.glob = (std::filesystem::path(directory) / glob).lexically_normal().string();
    if (const Result<std::string_view> reader = DuckdbReaderOf(glob); reader) table.reader = *reader;
    tables_.push_back(std::move(table));
  }
}

void FileTables::Register(const DuckdbLibrary& library, duckdb_database database) {
  library_ = &library;
  library.add_replacement_scan(database, &FileTables::Replace, this, nullptr);
}

const FileTable* FileTables::Find(std::string_view name) const {
  // DuckDB's names do not regard case; an exact match still goes first.
  const FileTable* folded = nullptr;
  for (const FileTable& table : tables_) {
    if (table.name == name) return &table;
    if (EqualFolded(table.name, name)) folded = &table;
  }
  return folded;
}

void FileTables::Replace(duckdb_replacement_scan_info info, const char* name, void* tables) {
  const auto& self = *static_cast<const FileTables*>(tables);
  const DuckdbLibrary& library = *self.library_;
  const FileTable* table = self.Find(name);
  if (table == nullptr) return;
  if (table->files.empty() || table->reader.empty()) {
    library.replacement_scan_set_error(info, NoFiles(*table).c_str());
    return;
  }
  const DuckdbHandle<duckdb_logical_type> text(library.destroy_logical_type,
                                               library.create_logical_type(DUCKDB_TYPE_VARCHAR));
  std::vector<DuckdbHandle<duckdb_value>> owned;
  std::vector<duckdb_value> files;
  for (const std::string& file : table->files) {
    owned.emplace_back(library.destroy_value, library.create_varchar(file.c_str()));
    files.push_back(owned.back().get());
  }
  const DuckdbHandle<duckdb_value> list(library.destroy_value,
                                        library.create_list_value(text.get(), files.data(), files.size()));
  library.replacement_scan_set_function_name(info, std::string(table->reader).c_str());
  library.replacement_scan_add_parameter(info, list.get());
}

Error FileTables::Explain(Error error) const {
  for (const FileTable& table : tables_) {
    if (const std::string none = NoFiles(table); error.message.find(none) != std::string::npos) {
      return MakeError(table.reader.empty() ? ErrorCode::kInvalid : ErrorCode::kNotFound, none);
    }
    // DuckDB takes a missing file for a folder, and then says that it may not look there.
    for (const std::string& file : table.files) {
      std::error_code failed;
      if (error.message.find(file) != std::string::npos && !std::filesystem::exists(file, failed)) {
        return MakeError(ErrorCode::kNotFound, file + " of table `" + table.name + "` is gone");
      }
    }
  }
  return error;
}

}  // namespace amont
