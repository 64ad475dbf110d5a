// SqlStore: the Store over one StoreSession, in the SQL that SQLite and PostgreSQL share.
//
// Thread-safe: one statement sequence at a time. A failed write is rolled back before its error is returned.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

class SqlStore : public Store {
 public:
  explicit SqlStore(std::unique_ptr<StoreSession> session) : session_(std::move(session)) {}

  Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp now) override;
  Result<std::vector<TableName>> ReadKnownTables(const std::string& source) override;
  Result<std::set<std::string>> ReadApart(std::span<const CheckPtr> checks) override;
  Result<RunId> ClaimRun(const RunClaim& claim) override;
  Result<void> RecordTables(RunId run, std::span<const Conclusion> tables) override;
  Result<void> FinishRun(RunId run, Timestamp finished) override;
  Result<void> Trim(RunId run, const Retention& keep, Timestamp now) override;
  Result<void> AcceptSchema(const Acceptance& acceptance) override;
  Result<void> AcceptValue(const Acceptance& acceptance) override;
  Result<void> AcceptGone(const Acceptance& acceptance, const TableName& table) override;
  Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string& check) override;

 private:
  // Runs `write` in a transaction: all of it, or none.
  Result<void> Write(const std::function<Result<void>(StoreSession&)>& write);

  Guarded<std::unique_ptr<StoreSession>> session_;
};

// Records what one table concluded (recorder.cc), inside the caller's transaction.
Result<void> RecordTable(StoreSession& session, RunId run, const Conclusion& table);

}  // namespace amont
