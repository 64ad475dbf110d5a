#include "core/sql/postgres.h"

#include <libpq-fe.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/interruption.h"
#include "core/sql/postgres_error.h"
#include "core/sql/postgres_link.h"
#include "core/sql/postgres_value.h"
#include "core/sql/result_budget.h"

namespace amont {
namespace {

// The fence. Settings are those of one transaction: nothing to undo, nothing that a proxy between us and the
// server could mix up, and dates, floats and strings are written as DecodePostgres reads them whatever the
// role prefers.
constexpr char kBegin[] = "BEGIN TRANSACTION READ ONLY";
constexpr char kSettings[] =
    "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),"
    " set_config('application_name', $3, true), set_config('TimeZone', 'UTC', true),"
    " set_config('DateStyle', 'ISO', true), set_config('IntervalStyle', 'postgres', true),"
    " set_config('extra_float_digits', '3', true), set_config('standard_conforming_strings', 'on', true)";
constexpr char kRollback[] = "ROLLBACK";
constexpr char kDiscard[] =
    "DISCARD ALL";  // what ROLLBACK leaves: advisory locks, sequences' memory, prepared names

std::string Milliseconds(Duration span) {
  const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  return std::to_string(
      std::clamp<int64_t>(count, 1, std::numeric_limits<int>::max()));  // 0 would mean no limit
}

Error ErrorOf(const PGresult* reply) {
  const auto field = [&](int code) -> std::string_view {
    const char* text = PQresultErrorField(reply, code);
    return text != nullptr ? text : "";
  };
  const std::string_view sqlstate = field(PG_DIAG_SQLSTATE);
  return PostgresError(sqlstate,
                       sqlstate.empty() ? PQresultErrorMessage(reply) : field(PG_DIAG_MESSAGE_PRIMARY),
                       !field(PG_DIAG_STATEMENT_POSITION).empty());
}

Error LostError() { return PostgresError("", ""); }

std::vector<ResultColumn> ColumnsOf(const PGresult* reply) {
  std::vector<ResultColumn> columns;
  for (int i = 0; i < PQnfields(reply); ++i) {
    columns.push_back({PQfname(reply, i), PostgresTypeName(PQftype(reply, i))});
  }
  return columns;
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(PostgresLink link, Duration lock_timeout)
      : link_(std::move(link)), lock_timeout_(lock_timeout) {}

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override;
  void Cancel(ErrorCode why) noexcept override { link_.interrupt().Cancel(why); }
  void Sever(ErrorCode why) noexcept override { link_.interrupt().Sever(why); }
  bool healthy() const noexcept override { return link_.interrupt().Healthy(); }
  Engine engine() const noexcept override { return Engine::kPostgres; }

 private:
  using Columns = std::vector<ResultColumn>;

  Result<Columns> Run(const std::string& sql, const PostgresParams& params, const QueryLimits& limits,
                      const std::stop_token& stop, const RowSink& sink);
  void SendOpening(const QueryLimits& limits);
  void SendClosing(bool foreign_sql);
  void Sync();

  Result<void> ReadOpening();
  Result<void> ReadDescription();
  Result<Columns> ReadRows(const QueryLimits& limits, const std::stop_token& stop, const RowSink& sink);
  Result<void> ReadCommand();
  void ReadClosing();

  PostgresLink link_;
  const Duration lock_timeout_;
  int syncs_ = 0;  // sent, not yet answered
};

Result<std::vector<ResultColumn>> PostgresConnection::Query(const std::string& sql,
                                                            std::span<const Value> params,
                                                            const QueryLimits& limits, std::stop_token stop,
                                                            const RowSink& sink) {
  if (stop.stop_requested()) return InterruptedError(ErrorCode::kCancelled);
  if (sql.find('\0') != std::string::npos)
    return MakeError(ErrorCode::kInvalid, "the statement holds a zero byte");
  AMONT_TRY(const PostgresParams encoded, EncodePostgres(params));

  Result<Columns> columns =
      link_.Begin(stop) ? Run(sql, encoded, limits, stop, sink) : Result<Columns>(LostError());
  const std::optional<ErrorCode> why = link_.End();
  if (!why) return columns;
  Error error = InterruptedError(*why);
  if (!columns) error.sqlstate = columns.error().sqlstate;
  return error;
}

// Our own statement takes one round trip: everything is sent, then everything is read. A user's is first
// described, so that what gives no rows (COPY, DO, CALL …) is refused without being run.
Result<PostgresConnection::Columns> PostgresConnection::Run(const std::string& sql,
                                                            const PostgresParams& params,
                                                            const QueryLimits& limits,
                                                            const std::stop_token& stop,
                                                            const RowSink& sink) {
  SendOpening(limits);
  Result<void> opened;
  if (limits.foreign_sql) {
    link_.Prepare(sql, params);
    Sync();
    opened = ReadOpening();
    if (opened) opened = ReadDescription();
    ReadClosing();
    if (opened) link_.Execute(params);
  } else {
    link_.Send(sql.c_str(), params);
  }
  SendClosing(limits.foreign_sql);
  if (!limits.foreign_sql) opened = ReadOpening();

  Result<Columns> columns = opened ? ReadRows(limits, stop, sink) : Result<Columns>(opened.error());
  ReadClosing();
  if (!link_.idle()) link_.interrupt().Break();
  return columns;
}

void PostgresConnection::SendOpening(const QueryLimits& limits) {
  PostgresParams settings;
  settings.texts = {Milliseconds(limits.timeout), Milliseconds(lock_timeout_),
                    limits.label.empty() ? "amont" : "amont/" + limits.label};
  settings.types.resize(settings.texts.size());
  link_.Send(kBegin);
  link_.Send(kSettings, settings);
}

void PostgresConnection::SendClosing(bool foreign_sql) {
  Sync();
  link_.Send(kRollback);
  Sync();
  if (!foreign_sql) return;
  link_.Send(kDiscard);  // never inside a transaction, so behind a Sync of its own
  Sync();
}

void PostgresConnection::Sync() {
  link_.Sync();
  ++syncs_;
}

Result<void> PostgresConnection::ReadOpening() {
  AMONT_TRY_VOID(ReadCommand());  // BEGIN
  return ReadCommand();           // the settings
}

Result<void> PostgresConnection::ReadDescription() {
  AMONT_TRY_VOID(ReadCommand());  // Prepare
  const PostgresLink::Reply described = link_.Next();
  if (described == nullptr) return LostError();
  if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) return ErrorOf(described.get());
  if (PQnfields(described.get()) == 0)
    return MakeError(ErrorCode::kPermission, "only a query may be run here: this gives no rows");
  return ReadCommand();
}

// All replies to a command of which only success matters.
Result<void> PostgresConnection::ReadCommand() {
  while (const PostgresLink::Reply reply = link_.Next()) {
    const ExecStatusType status = PQresultStatus(reply.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return ErrorOf(reply.get());
  }
  if (link_.lost()) return LostError();
  return {};
}

Result<PostgresConnection::Columns> PostgresConnection::ReadRows(const QueryLimits& limits,
                                                                 const std::stop_token& stop,
                                                                 const RowSink& sink) {
  link_.ReadRowByRow();
  Columns columns;
  std::vector<Value> row;
  ResultBudget budget(limits);
  // The server is still sending, and only the end of the session stops it without waiting for its answer.
  const auto give_up = [&](Error error) {
    link_.interrupt().Break();
    return error;
  };
  while (const PostgresLink::Reply reply = link_.Next()) {
    const PGresult* const result = reply.get();
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      return give_up(MakeError(ErrorCode::kPermission, "only a query may be run here: this is COPY"));
    }
    if (status == PGRES_EMPTY_QUERY) return MakeError(ErrorCode::kInvalid, "the statement is empty");
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
      return ErrorOf(result);
    if (columns.empty()) columns = ColumnsOf(result);
    for (int i = 0; i < PQntuples(result); ++i) {
      row.clear();
      for (int j = 0; j < PQnfields(result); ++j) {
        const std::string_view text(PQgetvalue(result, i, j), static_cast<size_t>(PQgetlength(result, i, j)));
        row.push_back(PQgetisnull(result, i, j) != 0 ? Value() : DecodePostgres(PQftype(result, j), text));
      }
      if (Result<void> spent = budget.Spend(row); !spent) return give_up(std::move(spent).error());
      if (stop.stop_requested()) return give_up(InterruptedError(ErrorCode::kCancelled));
      if (Result<void> taken = sink(row); !taken) return give_up(std::move(taken).error());
    }
  }
  if (link_.lost()) return LostError();
  return columns;
}

// Reads on until every Sync is answered. Then the session is where it began, or it is broken.
void PostgresConnection::ReadClosing() {
  bool ended = false;  // a second null reply in a row: there is nothing left to read
  while (syncs_ > 0 && healthy() && !link_.lost()) {
    const PostgresLink::Reply reply = link_.Next();
    if (reply == nullptr && ended) break;
    ended = reply == nullptr;
    const ExecStatusType status = PQresultStatus(reply.get());
    if (status == PGRES_PIPELINE_SYNC) --syncs_;
    if (!ended && status == PGRES_FATAL_ERROR) link_.interrupt().Break();  // ROLLBACK or DISCARD failed
  }
  if (syncs_ > 0) link_.interrupt().Break();
}

}  // namespace

Result<std::unique_ptr<Connection>> ConnectPostgres(const ConnectOptions& options, std::stop_token stop) {
  Result<PostgresLink> link = PostgresLink::Open(options, stop);
  if (!link) {
    Error error = std::move(link).error();
    error.message = "cannot connect to " + options.name + ": " + error.message;
    return error;
  }
  return std::make_unique<PostgresConnection>(std::move(*link), options.lock_timeout);
}

}  // namespace amont
