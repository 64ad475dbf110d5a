#include "core/sql/postgres_store.h"

#include <fcntl.h>
#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "core/sql/interruption.h"
#include "core/sql/postgres_error.h"
#include "core/sql/postgres_link.h"
#include "core/sql/postgres_value.h"
#include "core/sql/result_budget.h"
#include "core/sql/upsert.h"
#include "core/unicode.h"

namespace amont {
namespace {

constexpr size_t kStatementsKept = 200;
constexpr size_t kUpsertRows = 256;  // a statement: more gain nothing

// A keyword of a connection text: 'it\'s'.
std::string QuotedWord(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

// The URL as libpq's keywords; ours stand in where it says nothing, and after it where they must prevail.
Result<std::string> ConnectionText(const ConnectOptions& options) {
  char* message = nullptr;
  PQconninfoOption* const parsed = PQconninfoParse(options.url.c_str(), &message);
  const std::string why = message != nullptr ? WithoutQuoted(message) : "out of memory";
  PQfreemem(message);
  if (parsed == nullptr) return MakeError(ErrorCode::kInvalid, "the URL is not right: " + why);
  std::map<std::string, std::string> words = {
      {"connect_timeout", "5"},  {"keepalives_idle", "5"},     {"keepalives_interval", "2"},
      {"keepalives_count", "3"}, {"tcp_user_timeout", "8000"}, {"client_encoding", "UTF8"},
  };
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) words[option->keyword] = option->val;
  }
  PQconninfoFree(parsed);
  words["application_name"] = "amont/store";
  if (!options.password.empty()) words["password"] = options.password;
  std::string text;
  for (const auto& [word, value] : words) text += word + "=" + QuotedWord(value) + " ";
  return text;
}

// What PostgreSQL can store as text.
std::string Storable(std::string text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  for (size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
    text.replace(at, 1, kReplacement);
  }
  return RepairUtf8(text);
}

// The server's words without the parts that it may take from values: the first line, after "ERROR:  ".
Error ErrorOf(const pqxx::sql_error& error) {
  std::string_view text = error.what();
  text = text.substr(0, text.find('\n'));
  if (const size_t colon = text.find(":  "); colon != std::string_view::npos) text.remove_prefix(colon + 3);
  return PostgresError(error.sqlstate(), text, true);
}

// Runs `work`, whose exceptions end here.
template <class T>
Result<T> Caught(const std::function<Result<T>()>& work) {
  try {
    return work();
  } catch (const pqxx::in_doubt_error&) {
    return MakeError(ErrorCode::kUnreachable, "the connection was lost while committing");
  } catch (const pqxx::broken_connection&) {
    return MakeError(ErrorCode::kUnreachable, "the connection was lost");
  } catch (const pqxx::sql_error& error) {
    return ErrorOf(error);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInternal, WithoutQuoted(error.what()));
  }
}

class PostgresStore final : public StoreSession {
 public:
  explicit PostgresStore(const std::string& text) : connection_(text), quiet_(connection_) {}
  ~PostgresStore() override { Rollback(); }

  Result<void> Prepare(bool writes) {
    // From here on another thread may end the session, by a number of its socket that stays ours.
    const int socket = fcntl(connection_.sock(), F_DUPFD_CLOEXEC, 0);
    if (socket < 0) return MakeError(ErrorCode::kInternal, "no file descriptor left for a connection");
    interrupt_ = std::make_unique<PostgresInterrupt>(nullptr, socket);
    const auto milliseconds = [](std::chrono::milliseconds span) { return std::to_string(span.count()); };
    return Caught<void>([&]() -> Result<void> {
      pqxx::nontransaction session(connection_);
      session.exec("SET search_path = amont; SET TimeZone = 'UTC'; SET jit = off; SET statement_timeout = " +
                   milliseconds(limits::kStoreStatement) +
                   "; SET lock_timeout = " + milliseconds(limits::kLockTimeout) +
                   "; SET idle_in_transaction_session_timeout = " + milliseconds(limits::kStoreIdle) +
                   "; SET default_transaction_read_only = " + (writes ? "off" : "on"));
      return {};
    });
  }

  Result<std::vector<ResultColumn>> Query(const std::string& sql, std::span<const Value> params,
                                          const QueryLimits& limits, std::stop_token stop,
                                          const RowSink& sink) override {
    if (stop.stop_requested()) return InterruptedError(ErrorCode::kCancelled);
    return Run<std::vector<ResultColumn>>(std::move(stop), [&]() -> Result<std::vector<ResultColumn>> {
      const pqxx::result found = Send(sql, params);
      std::vector<ResultColumn> columns;
      for (pqxx::row::size_type i = 0; i < found.columns(); ++i) {
        columns.push_back({found.column_name(i), PostgresTypeName(found.column_type(i))});
      }
      ResultBudget budget(limits);
      std::vector<Value> row(columns.size());
      for (const pqxx::row& cells : found) {
        for (pqxx::row::size_type i = 0; i < cells.size(); ++i) {
          const pqxx::field cell = cells[i];
          row[i] = cell.is_null() ? Value() : DecodePostgres(cell.type(), {cell.c_str(), cell.size()});
        }
        AMONT_TRY_VOID(budget.Spend(row));
        AMONT_TRY_VOID(sink(row));
      }
      return columns;
    });
  }
  void Cancel(ErrorCode why) noexcept override { interrupt_->Sever(why); }
  void Sever(ErrorCode why) noexcept override { interrupt_->Sever(why); }
  bool healthy() const noexcept override { return interrupt_->Healthy() && connection_.is_open(); }
  Engine engine() const noexcept override { return Engine::kPostgres; }

  Result<void> BeginWrite() override {
    if (work_ != nullptr) return MakeError(ErrorCode::kInvalid, "BeginWrite inside of a transaction");
    return Run<void>({}, [&]() -> Result<void> {
      work_ = std::make_unique<pqxx::work>(connection_);
      return {};
    });
  }
  Result<void> Commit() override {
    if (work_ == nullptr) return MakeError(ErrorCode::kInvalid, "Commit outside of a transaction");
    Result<void> done = Run<void>({}, [&]() -> Result<void> {
      work_->commit();
      return {};
    });
    if (done) work_.reset();
    return done;
  }
  void Rollback() noexcept override {
    work_.reset();  // its end is a ROLLBACK, whose failure it keeps to itself
  }

  Result<int64_t> Execute(const std::string& sql, std::span<const Value> params) override {
    return Run<int64_t>(
        {}, [&]() -> Result<int64_t> { return static_cast<int64_t>(Send(sql, params).affected_rows()); });
  }

  Result<void> Upsert(const UpsertTarget& target, std::span<const std::vector<Value>> rows) override {
    if (work_ == nullptr) return MakeError(ErrorCode::kInvalid, "Upsert outside of BeginWrite … Commit");
    AMONT_TRY_VOID(CheckWidth(target, rows));
    return Run<void>({}, [&]() -> Result<void> {
      size_t count = kUpsertRows;
      std::vector<Value> params;
      while (!rows.empty()) {
        while (count > rows.size()) count /= 2;  // few different texts, so that each is prepared once
        params.clear();
        for (const auto& row : rows.first(count)) params.insert(params.end(), row.begin(), row.end());
        Send(UpsertSql(target, count), params);
        rows = rows.subspan(count);
      }
      return {};
    });
  }

 private:
  struct Stop {
    PostgresInterrupt& interrupt;
    void operator()() const { interrupt.Sever(ErrorCode::kCancelled); }
  };

  template <class T>
  Result<T> Run(std::stop_token stop, const std::function<Result<T>()>& work) {
    if (!interrupt_->Begin()) {
      interrupt_->End();
      return MakeError(ErrorCode::kUnreachable, "the connection was lost");
    }
    Result<T> done = [&] {
      const std::stop_callback<Stop> on_stop(std::move(stop), Stop{*interrupt_});
      return Caught<T>(work);
    }();
    if (!done && done.error().code == ErrorCode::kUnreachable) interrupt_->Break();
    const std::optional<ErrorCode> why = interrupt_->End();
    if (why && !done) return InterruptedError(*why);
    return done;
  }

  // Throws what libpqxx throws.
  pqxx::result Send(const std::string& sql, std::span<const Value> params) {
    std::vector<std::optional<std::string>> texts;
    texts.reserve(params.size());
    for (const Value& value : params) {
      if (IsNull(value)) {
        texts.emplace_back();
      } else {
        texts.emplace_back(Storable(StoredText(value)));
      }
    }
    std::vector<const char*> pointers;
    pointers.reserve(texts.size());
    for (const auto& text : texts) pointers.push_back(text ? text->c_str() : nullptr);
    const auto dynamic = pqxx::prepare::make_dynamic_params(pointers);
    const std::string& name = NameOf(sql);
    if (work_ != nullptr) return work_->exec_prepared(name, dynamic);
    pqxx::nontransaction alone(connection_);
    return alone.exec_prepared(name, dynamic);
  }

  const std::string& NameOf(const std::string& sql) {
    const auto kept = prepared_.find(sql);
    if (kept != prepared_.end()) return kept->second;
    if (prepared_.size() >= kStatementsKept) {
      for (const auto& [text, name] : prepared_) connection_.unprepare(name);
      prepared_.clear();
    }
    const std::string& name = prepared_.emplace(sql, "amont" + std::to_string(++names_)).first->second;
    connection_.prepare(name, sql);
    return name;
  }

  pqxx::connection connection_;
  pqxx::quiet_errorhandler quiet_;
  std::unique_ptr<PostgresInterrupt> interrupt_;
  std::unique_ptr<pqxx::work> work_;
  std::map<std::string, std::string> prepared_;  // statement → its name
  int names_ = 0;
};

}  // namespace

Result<std::unique_ptr<StoreSession>> OpenPostgresStore(const ConnectOptions& options, bool writes) {
  AMONT_TRY(const std::string text, ConnectionText(options));
  try {
    auto session = std::make_unique<PostgresStore>(text);
    AMONT_TRY_VOID(session->Prepare(writes));
    return std::unique_ptr<StoreSession>(std::move(session));
  } catch (const std::exception& error) {
    return PostgresConnectError(error.what());
  }
}

}  // namespace amont
