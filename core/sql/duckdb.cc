#include "core/sql/duckdb.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/sql/duckdb_cells.h"
#include "core/sql/duckdb_error.h"
#include "core/sql/duckdb_session.h"
#include "core/sql/interruption.h"
#include "core/sql/result_budget.h"

namespace amont {
namespace {

// How long the querying thread waits when DuckDB's other threads have all the work.
constexpr auto kIdleStep = std::chrono::microseconds(200);

// One row about a statement: the parser's complaint (kind, text), how many statements it is, and the first
// table function in it that is not known to only read. Without the list, `FROM enable_profiling(save_location
// := …)` in a plain SELECT overwrites a data file, and `FROM query(…)` hides such a call in a string.
constexpr const char* kFenceSql = R"sql(
SELECT json_extract_string(tree, '$.error_type'),
       json_extract_string(tree, '$.error_message'),
       json_array_length(tree, '$.statements')::BIGINT,
       array_to_string(list_filter(json_extract_string(tree, '$..function.function_name'), lambda f: f NOT IN (
         'read_parquet', 'parquet_scan', 'read_csv', 'read_csv_auto', 'read_json', 'read_json_auto', 'read_ndjson',
         'read_ndjson_auto', 'read_json_objects', 'read_ndjson_objects', 'parquet_metadata', 'parquet_file_metadata',
         'parquet_schema', 'sniff_csv', 'glob', 'range', 'generate_series', 'unnest', 'repeat', 'json_each',
         'json_tree', 'duckdb_columns', 'duckdb_constraints', 'duckdb_indexes', 'duckdb_schemas', 'duckdb_tables',
         'duckdb_types', 'duckdb_views', 'pragma_table_info', 'pragma_version', 'pragma_storage_info')), ', ')
FROM (SELECT json_serialize_sql($1::VARCHAR) AS tree))sql";

Error Failure(const char* why) { return DuckdbStatementError(why != nullptr ? why : ""); }

const std::string* TextIn(const Value& value) { return std::get_if<std::string>(&value); }

class DuckdbConnection final : public Connection {
 public:
  DuckdbConnection(std::unique_ptr<DuckdbSession> session, DuckdbHandle<duckdb_prepared_statement> fence)
      : session_(std::move(session)), library_(session_->library()), fence_(std::move(fence)) {}

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override {
    if (stop.stop_requested()) return InterruptedError(ErrorCode::kCancelled);
    interruption_.Begin();
    Result<std::vector<ResultColumn>> columns = [&]() -> Result<std::vector<ResultColumn>> {
      const std::stop_callback on_stop(std::move(stop), [this] { Cancel(ErrorCode::kCancelled); });
      AMONT_TRY_VOID(session_->Run("BEGIN TRANSACTION READ ONLY"));
      return QueryInside(sql, params, limits, sink);
    }();
    const std::optional<ErrorCode> asked = interruption_.End();
    EndTransaction();
    if (columns) return columns;
    if (asked) return InterruptedError(*asked);  // an interrupted engine words it in its own ways
    // After a fatal error the database refuses everything; a new session is cheaper than knowing them all.
    if (columns.error().code == ErrorCode::kInternal) healthy_ = false;
    return session_->files().Explain(columns.error());
  }

  void Cancel(ErrorCode why) noexcept override {
    if (interruption_.Ask(why)) library_.interrupt(session_->connection());
  }
  void Sever(ErrorCode why) noexcept override { Cancel(why); }
  bool healthy() const noexcept override { return healthy_; }
  Engine engine() const noexcept override { return Engine::kDuckdb; }

 private:
  // A prepared statement with parameters bound, and what its columns are called and typed as.
  struct Prepared {
    DuckdbHandle<duckdb_prepared_statement> statement;
    std::vector<ResultColumn> columns;
  };

  Result<std::vector<ResultColumn>> QueryInside(const std::string& sql, std::span<const Value> params,
                                                const QueryLimits& limits, const RowSink& sink) {
    AMONT_TRY_VOID(CheckFence(sql));
    AMONT_TRY(Prepared prepared, Prepare(sql, params));
    AMONT_TRY_VOID(Stream(prepared.statement.get(), limits, sink));
    return std::move(prepared.columns);
  }

  // An interrupt may have hit BEGIN before or after it took effect, and may be under way still and hit a
  // ROLLBACK.
  void EndTransaction() {
    for (int attempt = 0; attempt < 2; ++attempt) {
      const Result<void> ended = session_->Run("ROLLBACK");
      if (ended || ended.error().message.find("no transaction is active") != std::string::npos) return;
    }
    healthy_ = false;
  }

  Result<void> CheckFence(const std::string& sql) {
    const Value text = sql;
    AMONT_TRY(const auto rows, session_->Rows(fence_.get(), {&text, 1}));
    if (rows.size() != 1) return MakeError(ErrorCode::kInternal, "DuckDB did not say what the statement is");
    const std::vector<Value>& verdict = rows[0];
    if (const std::string* kind = TextIn(verdict[0])) {
      if (*kind == "not implemented")
        return MakeError(ErrorCode::kPermission, "only a SELECT may be run here");
      const std::string* why = TextIn(verdict[1]);
      return MakeError(ErrorCode::kInvalid, "Parser error: " + (why != nullptr ? *why : *kind));
    }
    if (verdict[2] != Value(int64_t{1})) {
      return MakeError(ErrorCode::kInvalid, "expected one statement, found " + HumanText(verdict[2]));
    }
    if (verdict[3] != Value(std::string())) {
      return MakeError(ErrorCode::kPermission,
                       "not a table function to be used here: " + HumanText(verdict[3]));
    }
    return {};
  }

  Result<DuckdbHandle<duckdb_prepared_statement>> PrepareText(const std::string& sql,
                                                              std::span<const Value> params) {
    AMONT_TRY(auto statement, session_->Prepare(sql));
    if (library_.prepared_statement_type(statement.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
      return MakeError(ErrorCode::kPermission, "only a SELECT may be run here");
    }
    AMONT_TRY_VOID(session_->Bind(statement.get(), params));
    return statement;
  }

  Result<Prepared> Prepare(const std::string& sql, std::span<const Value> params) {
    AMONT_TRY(auto statement, PrepareText(sql, params));
    Prepared prepared{std::move(statement), {}};
    std::string as_text;  // a select list that casts what we do not read to text
    bool direct = true;
    const size_t count = library_.prepared_statement_column_count(prepared.statement.get());
    for (size_t i = 0; i < count; ++i) {
      const char* name = library_.prepared_statement_column_name(prepared.statement.get(), i);
      const DuckdbHandle<duckdb_logical_type> type(
          library_.destroy_logical_type,
          library_.prepared_statement_column_logical_type(prepared.statement.get(), i));
      prepared.columns.push_back({name != nullptr ? name : "", DuckdbTypeName(library_, type.get())});
      library_.free(const_cast<char*>(name));
      const duckdb_type id = library_.get_type_id(type.get());
      const bool readable =
          id == DUCKDB_TYPE_INVALID || ReadsDirectly(id);  // invalid: a bare parameter, not known yet
      direct = direct && readable;
      as_text += (i > 0 ? ", #" : "#") + std::to_string(i + 1) + (readable ? "" : "::VARCHAR");
    }
    if (!direct) {
      AMONT_TRY(const std::string inner, WithoutComments(sql));
      AMONT_TRY(prepared.statement,
                PrepareText("SELECT " + as_text + " FROM (" + inner + ") AS inner_rows", params));
    }
    return prepared;
  }

  // The statement as the parser prints it: no comment and no semicolon at its end, so it can stand in
  // parentheses.
  Result<std::string> WithoutComments(const std::string& sql) {
    const Value text = sql;
    AMONT_TRY(const auto rows,
              session_->Rows("SELECT json_deserialize_sql(json_serialize_sql($1::VARCHAR))", {&text, 1}));
    if (const std::string* printed = TextIn(rows.at(0).at(0))) return *printed;
    return MakeError(ErrorCode::kInternal, "DuckDB could not print the statement");
  }

  // Drives the statement in steps of DuckDB's own tasks, so that an interrupt that came before it really
  // started is seen too, and hands on chunk by chunk.
  Result<void> Stream(duckdb_prepared_statement statement, const QueryLimits& limits, const RowSink& sink) {
    DuckdbHandle<duckdb_pending_result> pending(library_.destroy_pending);
    DuckdbResult result(library_);
    Result<void> ended = Run(statement, pending, result, limits, sink);
    // Starting the statement wipes earlier interrupts, and ROLLBACK waits for DuckDB's other threads: without
    // this one they would work to the statement's very end.
    if (!ended) library_.interrupt(session_->connection());
    return ended;
  }

  Result<void> Run(duckdb_prepared_statement statement, DuckdbHandle<duckdb_pending_result>& pending,
                   DuckdbResult& result, const QueryLimits& limits, const RowSink& sink) {
    if (library_.pending_prepared_streaming(statement, pending.out()) != DuckDBSuccess) {
      return Failure(library_.pending_error(pending.get()));
    }
    while (true) {
      if (const auto why = interruption_.Asked()) return InterruptedError(*why);
      const duckdb_pending_state state = library_.pending_execute_task(pending.get());
      if (state == DUCKDB_PENDING_ERROR) return Failure(library_.pending_error(pending.get()));
      if (state == DUCKDB_PENDING_RESULT_READY) break;
      if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE) interruption_.Wait(kIdleStep);
    }
    if (library_.execute_pending(pending.get(), result.out()) != DuckDBSuccess) {
      return Failure(library_.result_error(result.out()));
    }
    DuckdbCells cells(library_, result.out());
    ResultBudget budget(limits);
    std::vector<Value> row;
    while (true) {
      if (const auto why = interruption_.Asked()) return InterruptedError(*why);
      const DuckdbHandle<duckdb_data_chunk> chunk(library_.destroy_data_chunk,
                                                  library_.fetch_chunk(result.get()));
      if (!chunk) break;
      cells.Use(chunk.get());
      for (size_t i = 0; i < cells.rows(); ++i) {
        AMONT_TRY_VOID(cells.Read(i, row));
        AMONT_TRY_VOID(budget.Spend(row));
        AMONT_TRY_VOID(sink(row));
      }
    }
    if (const char* why = library_.result_error(result.out())) return Failure(why);
    return {};
  }

  std::unique_ptr<DuckdbSession> session_;
  const DuckdbLibrary& library_;
  const DuckdbHandle<duckdb_prepared_statement> fence_;
  Interruption interruption_;
  bool healthy_ = true;
};

}  // namespace

Result<std::unique_ptr<Connection>> ConnectDuckdb(const ConnectOptions& options, std::stop_token stop,
                                                  int64_t memory_bytes_max) {
  AMONT_TRY(auto session, DuckdbSession::Open(options, memory_bytes_max, std::move(stop)));
  AMONT_TRY(auto fence, session->Prepare(kFenceSql));
  return std::unique_ptr<Connection>(new DuckdbConnection(std::move(session), std::move(fence)));
}

}  // namespace amont
