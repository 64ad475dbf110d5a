#include "core/sql/duckdb_session.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "core/limits.h"
#include "core/sql/duckdb_cells.h"
#include "core/sql/duckdb_error.h"
#include "core/sql/interruption.h"

namespace amont {
namespace {

constexpr std::string_view kScheme = "duckdb:";

// Private to the user, so that nobody else reads rows that were spilled.
std::string MakeSpillFolder() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return {};
  std::string pattern = (parent / "amont-duckdb-XXXXXX").string();
  return mkdtemp(pattern.data()) != nullptr ? pattern : std::string();
}

std::string SqlText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  return quoted + "'";
}

int Threads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, limits::kDuckdbThreads);
}

}  // namespace

DuckdbSession::DuckdbSession(const DuckdbLibrary& library, const ConnectOptions& options)
    : library_(library),
      files_(options.files, options.directory),
      database_(library.close),
      connection_(library.disconnect) {}

DuckdbSession::~DuckdbSession() {
  connection_ = DuckdbHandle<duckdb_connection>(library_.disconnect);
  database_ = DuckdbHandle<duckdb_database>(library_.close);
  std::error_code ignored;  // a leftover folder in /tmp is no reason to fail
  if (!spill_.empty()) std::filesystem::remove_all(spill_, ignored);
}

Result<std::unique_ptr<DuckdbSession>> DuckdbSession::Open(const ConnectOptions& options,
                                                           int64_t memory_bytes_max, std::stop_token stop) {
  if (!options.url.starts_with(kScheme)) return MakeError(ErrorCode::kInvalid, "not a duckdb: URL");
  AMONT_TRY(const DuckdbLibrary* library, SharedDuckdbLibrary());
  std::unique_ptr<DuckdbSession> session(new DuckdbSession(*library, options));
  session->spill_ = MakeSpillFolder();
  std::string file = options.url.substr(kScheme.size());
  if (!file.empty()) file = (std::filesystem::path(options.directory) / file).lexically_normal().string();
  AMONT_TRY_VOID(session->OpenDatabase(file, options, stop));
  session->files_.Register(*library, session->database_.get());
  AMONT_TRY_VOID(session->MatchFiles());
  AMONT_TRY_VOID(session->LockDown(memory_bytes_max));
  return session;
}

Result<void> DuckdbSession::OpenDatabase(const std::string& file, const ConnectOptions& options,
                                         std::stop_token stop) {
  Interruption waiting;
  waiting.Begin();
  const std::stop_callback on_stop(std::move(stop), [&] { waiting.Ask(ErrorCode::kCancelled); });
  for (Duration waited{0};; waited += limits::kPollStep) {
    if (waiting.Asked()) return MakeError(ErrorCode::kCancelled, "stopped while opening " + file);
    Result<void> opened = TryOpen(file);
    if (opened || opened.error().code != ErrorCode::kBusy) return opened;
    if (waited + limits::kPollStep > options.statement_timeout) return opened;
    waiting.Wait(limits::kPollStep);
  }
}

Result<void> DuckdbSession::TryOpen(const std::string& file) {
  DuckdbHandle<duckdb_config> config(library_.destroy_config);
  if (library_.create_config(config.out()) != DuckDBSuccess) {
    return MakeError(ErrorCode::kInternal, "DuckDB made no configuration");
  }
  const std::string threads = std::to_string(Threads());
  const std::pair<const char*, const char*> settings[] = {
      {"access_mode", file.empty() ? "automatic" : "read_only"},
      {"threads", threads.c_str()},
      {"temp_directory", spill_.c_str()},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
  };
  for (const auto& [name, value] : settings) {
    if (library_.set_config(config.get(), name, value) != DuckDBSuccess) {
      return MakeError(ErrorCode::kUnsupported, "this DuckDB library has no setting " + std::string(name));
    }
  }
  char* why = nullptr;
  if (library_.open_ext(file.empty() ? nullptr : file.c_str(), database_.out(), config.get(), &why) !=
      DuckDBSuccess) {
    Error error = DuckdbOpenError(file, why != nullptr ? why : "no reason given");
    library_.free(why);
    return error;
  }
  if (library_.connect(database_.get(), connection_.out()) != DuckDBSuccess) {
    return MakeError(ErrorCode::kInternal, "DuckDB opened no session");
  }
  return {};
}

Result<void> DuckdbSession::MatchFiles() {
  for (FileTable& table : files_.tables()) {
    const Value glob = table.glob;
    const std::string limit = std::to_string(limits::kDuckdbFilesMax + 1);
    AMONT_TRY(const auto rows, Rows("SELECT file FROM glob($1) ORDER BY file LIMIT " + limit, {&glob, 1}));
    if (rows.size() > limits::kDuckdbFilesMax) {
      return MakeError(ErrorCode::kLimit, table.glob + " of table `" + table.name + "` matches more than " +
                                              std::to_string(limits::kDuckdbFilesMax) + " files");
    }
    for (const auto& row : rows) {
      if (const auto* file = std::get_if<std::string>(&row[0])) table.files.push_back(*file);
    }
  }
  return {};
}

Result<void> DuckdbSession::LockDown(int64_t memory_bytes_max) {
  // DuckDB takes 80 % of the machine or the container. The default four sessions of a source together take no
  // more.
  AMONT_TRY(const auto memory,
            Rows("SELECT format_bytes(least(parse_formatted_bytes(current_setting('memory_limit'))::BIGINT "
                 "// 4, $1))",
                 std::vector<Value>{memory_bytes_max}));
  const auto* memory_limit = memory.empty() ? nullptr : std::get_if<std::string>(&memory[0][0]);
  if (memory_limit == nullptr)
    return MakeError(ErrorCode::kInternal, "DuckDB did not say how much memory it takes");

  std::string paths;
  for (const FileTable& table : files_.tables()) {
    // The glob itself too, so that read_parquet('…*.parquet') may be written; it still opens these files
    // only.
    paths += (paths.empty() ? "" : ",") + SqlText(table.glob);
    for (const std::string& file : table.files) paths += "," + SqlText(file);
  }
  const std::string settings[] = {
      "SET memory_limit = " + SqlText(*memory_limit),
      "SET max_temp_directory_size = '" + std::to_string(limits::kDuckdbSpillBytes) + "B'",
      "SET TimeZone = 'UTC'",
      "SET allowed_paths = [" + paths + "]",
      "SET enable_external_access = false",
      "SET lock_configuration = true",
  };
  for (const std::string& setting : settings) AMONT_TRY_VOID(Run(setting));
  return {};
}

Result<void> DuckdbSession::Run(const std::string& sql) {
  DuckdbResult result(library_);
  if (library_.query(connection(), sql.c_str(), result.out()) == DuckDBSuccess) return {};
  const char* why = library_.result_error(result.out());
  return DuckdbStatementError(why != nullptr ? why : "");
}

Result<DuckdbHandle<duckdb_prepared_statement>> DuckdbSession::Prepare(const std::string& sql) {
  DuckdbHandle<duckdb_prepared_statement> statement(library_.destroy_prepare);
  if (library_.prepare(connection(), sql.c_str(), statement.out()) == DuckDBSuccess) return statement;
  const char* why = library_.prepare_error(statement.get());
  return DuckdbStatementError(why != nullptr ? why : "");
}

Result<std::vector<std::vector<Value>>> DuckdbSession::Rows(const std::string& sql,
                                                            std::span<const Value> params) {
  AMONT_TRY(const auto statement, Prepare(sql));
  return Rows(statement.get(), params);
}

Result<std::vector<std::vector<Value>>> DuckdbSession::Rows(duckdb_prepared_statement statement,
                                                            std::span<const Value> params) {
  AMONT_TRY_VOID(Bind(statement, params));
  DuckdbResult result(library_);
  if (library_.execute_prepared(statement, result.out()) != DuckDBSuccess) {
    const char* why = library_.result_error(result.out());
    return DuckdbStatementError(why != nullptr ? why : "");
  }
  std::vector<std::vector<Value>> rows;
  DuckdbCells cells(library_, result.out());
  while (true) {
    const DuckdbHandle<duckdb_data_chunk> chunk(library_.destroy_data_chunk,
                                                library_.fetch_chunk(result.get()));
    if (!chunk) return rows;
    cells.Use(chunk.get());
    for (size_t i = 0; i < cells.rows(); ++i) AMONT_TRY_VOID(cells.Read(i, rows.emplace_back()));
  }
}

Result<void> DuckdbSession::Bind(duckdb_prepared_statement statement, std::span<const Value> params) {
  const size_t named = library_.nparams(statement);
  if (named != params.size()) {
    return MakeError(ErrorCode::kInvalid, "the statement names " + std::to_string(named) +
                                              " parameters, but " + std::to_string(params.size()) +
                                              " were given");
  }
  for (size_t i = 0; i < params.size(); ++i) {
    const std::string name = std::to_string(i + 1);
    idx_t index = 0;
    if (library_.bind_parameter_index(statement, &index, name.c_str()) != DuckDBSuccess) {
      return MakeError(ErrorCode::kInvalid, "the statement does not name parameter $" + name);
    }
    AMONT_TRY(const auto value, ToDuckdbValue(library_, params[i]));
    if (library_.bind_value(statement, index, value.get()) != DuckDBSuccess) {
      return MakeError(ErrorCode::kInvalid, "DuckDB does not take parameter $" + name);
    }
  }
  return {};
}

}  // namespace amont
