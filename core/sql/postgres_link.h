// PostgresLink: one libpq connection, and every wait on it.
//
// libpq itself rather than libpqxx (docs/adr/0005): libpqxx holds a whole result in memory before it shows
// the first row, sends BEGIN, statement and ROLLBACK in three round trips, and cannot be stopped while it
// connects. Here commands are queued (pipeline mode), sent together, and their results read one row at a
// time; the socket never blocks inside libpq.
//
// One thread sends and reads. Interrupt is thread-safe: it is how another thread ends a wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/guarded.h"
#include "core/sql/connection.h"
#include "core/sql/postgres_value.h"

struct pg_conn;
struct pg_cancel;
struct pg_result;

namespace amont {

// What other threads may do to a session, and what they did.
class PostgresInterrupt {
 public:
  // `socket` is a duplicate of the session's own, so that its number stays ours when libpq closes the
  // original.
  PostgresInterrupt(pg_cancel* cancel, int socket);
  ~PostgresInterrupt();
  PostgresInterrupt(const PostgresInterrupt&) = delete;
  PostgresInterrupt& operator=(const PostgresInterrupt&) = delete;

  bool Begin();  // a query runs from here on; false where the session is broken
  // It no longer does. Why it was interrupted, if it was. A cancel request still under way could hit the next
  // query, so it breaks the session.
  std::optional<ErrorCode> End();

  void Cancel(ErrorCode why) noexcept;
  void Sever(ErrorCode why) noexcept;
  void Break() noexcept;  // the session is of no more use; its socket is shut

  // Not broken, not severed, and, while no query runs, not closed by the server: it has nothing to say then.
  bool Healthy() const noexcept;

 private:
  struct State {
    bool running = false;
    bool broken = false;
    int cancels = 0;  // requests under way
    std::optional<ErrorCode> why;
  };

  pg_cancel* const cancel_;
  const int socket_;
  Guarded<State> state_;
};

class PostgresLink {
 public:
  struct Free {
    void operator()(pg_result* result) const;
  };
  using Reply = std::unique_ptr<pg_result, Free>;

  static Result<PostgresLink> Open(const ConnectOptions& options, std::stop_token stop);
  PostgresLink(PostgresLink&&) = default;

  // Queue one command each; nothing is sent before Next. A failure shows in Next.
  void Send(const char* sql, const PostgresParams& params = {});
  void Prepare(const std::string& sql,
               const PostgresParams& params);  // as the unnamed statement, and describes it
  void Execute(const PostgresParams& params);  // the unnamed statement
  void Sync();                                 // an error skips everything up to here

  // False where the session is broken. Until End(), a stop that nobody followed up with Cancel or Sever
  // severs the session limits::kSeverAfter later.
  bool Begin(std::stop_token stop);
  std::optional<ErrorCode> End();  // why the wait was interrupted, if it was

  // The next reply in the order of sending; a null one ends those of a command. Waits without a limit of its
  // own.
  Reply Next();
  // From now on the replies of the current command come one row at a time.
  void ReadRowByRow();

  bool lost() const;  // the connection is gone
  bool idle() const;  // in no transaction, and all replies were read
  PostgresInterrupt& interrupt() const { return *interrupt_; }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  using Handle = std::unique_ptr<pg_conn, Close>;
  PostgresLink(Handle connection, std::unique_ptr<PostgresInterrupt> interrupt);
  static Result<void> WaitConnected(pg_conn* connection, const std::stop_token& stop);

  std::unique_ptr<PostgresInterrupt> interrupt_;
  Handle connection_;
  std::stop_token stop_;
  std::chrono::milliseconds stopped_for_{0};  // in steps of waiting
};

}  // namespace amont
