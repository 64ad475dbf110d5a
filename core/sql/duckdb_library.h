// The DuckDB library, opened with dlopen when the first DuckDB source is used and never linked: programs that
// touch no such source start faster, use 58 MB less, and run where the library is absent.
//
// DuckdbLibrary is a table of the C functions we call. Loaded once a process and never unloaded; any thread.
// The only user of duckdb.h besides core/sql/duckdb*.cc.
#pragma once

#include <duckdb.h>

#include <string>
#include <utility>
#include <vector>

#include "core/result.h"

namespace amont {

// Every function we use, without its duckdb_ prefix.
// clang-format off
#define AMONT_DUCKDB_FUNCTIONS(X) \
  X(create_config) X(set_config) X(destroy_config) X(open_ext) X(close) X(connect) X(disconnect) \
  X(interrupt) X(free) X(library_version) X(query) X(destroy_result) X(result_error) X(prepare) \
  X(destroy_prepare) X(prepare_error) X(prepared_statement_type) X(nparams) X(bind_parameter_index) \
  X(bind_value) X(prepared_statement_column_count) X(prepared_statement_column_name) \
  X(prepared_statement_column_logical_type) X(execute_prepared) X(pending_prepared_streaming) \
  X(destroy_pending) X(pending_error) X(pending_execute_task) X(execute_pending) X(fetch_chunk) \
  X(destroy_data_chunk) X(data_chunk_get_size) X(data_chunk_get_vector) X(vector_get_data) \
  X(vector_get_validity) X(column_count) X(column_logical_type) X(destroy_logical_type) X(get_type_id) \
  X(decimal_width) X(decimal_scale) X(decimal_internal_type) X(list_type_child_type) \
  X(array_type_child_type) X(create_logical_type) X(string_t_length) X(string_t_data) X(from_date) \
  X(create_null_value) X(create_bool) X(create_int64) X(create_double) X(create_decimal) \
  X(create_timestamp) X(create_timestamp_tz) X(create_date) X(create_varchar) X(create_varchar_length) \
  X(create_list_value) X(destroy_value) X(add_replacement_scan) X(replacement_scan_set_function_name) \
  X(replacement_scan_add_parameter) X(replacement_scan_set_error)
// clang-format on

struct DuckdbLibrary {
// NOLINTNEXTLINE(bugprone-macro-parentheses): it declares a member
#define AMONT_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  AMONT_DUCKDB_FUNCTIONS(AMONT_DUCKDB_MEMBER)
#undef AMONT_DUCKDB_MEMBER
};

// Where the library is looked for, in order: only $AMONT_DUCKDB_LIBRARY where that is set; otherwise beside
// the program, in ../lib/amont from there, where the build found it, and the system's own search for
// libduckdb.so.
std::vector<std::string> DuckdbLibraryPlaces();

// Opens the first of `places` that holds a usable library. kUnsupported: none does; says where it looked.
Result<DuckdbLibrary> LoadDuckdbLibrary(const std::vector<std::string>& places);

// The process's one library, loaded at the first call.
Result<const DuckdbLibrary*> SharedDuckdbLibrary();

// Owns a handle of the C API and gives it back with the function of its kind, which nulls it.
template <class T>
class DuckdbHandle {
 public:
  explicit DuckdbHandle(void (*destroy)(T*), T handle = nullptr) : destroy_(destroy), handle_(handle) {}
  DuckdbHandle(DuckdbHandle&& other) noexcept
      : destroy_(other.destroy_), handle_(std::exchange(other.handle_, nullptr)) {}
  DuckdbHandle& operator=(DuckdbHandle&& other) noexcept {
    std::swap(destroy_, other.destroy_);
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~DuckdbHandle() {
    if (handle_ != nullptr) destroy_(&handle_);
  }

  T get() const { return handle_; }
  T* out() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  void (*destroy_)(T*);
  T handle_;
};

// A result; destroyed also where it only holds an error.
class DuckdbResult {
 public:
  explicit DuckdbResult(const DuckdbLibrary& library) : library_(library) {}
  DuckdbResult(const DuckdbResult&) = delete;
  DuckdbResult& operator=(const DuckdbResult&) = delete;
  ~DuckdbResult() { library_.destroy_result(&result_); }

  duckdb_result* out() { return &result_; }
  duckdb_result get() const { return result_; }

 private:
  const DuckdbLibrary& library_;
  duckdb_result result_{};
};

}  // namespace amont
