// Reading the store: its queries over any connection, in the SQL that SQLite and PostgreSQL share.
//
// Free of state; whoever calls sees to it that the connection is used by one thread at a time.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/sql/connection.h"
#include "server/store/store.h"

namespace amont {

// The rows of a query, collected: the store's results are small.
Result<std::vector<std::vector<Value>>> Collect(Connection& connection, const std::string& sql,
                                                std::span<const Value> params);
// The text of a cell; empty for anything else.
std::string TextOf(const Value& value);
// Ids above every other of `table` (run, series), which nobody else gets; inside the caller's transaction.
Result<std::vector<int64_t>> NewIds(StoreSession& session, std::string_view table, size_t count);
// Runs `sql` and then "($1, …)" over all `keys`, at most a hundred or so at a time.
Result<void> EachOf(Connection& connection, const std::string& sql, std::span<const std::string> keys,
                    const RowSink& sink);
inline int64_t Micros(Timestamp at) { return at.time_since_epoch().count(); }

// The ids a check's past may stand under: its own, then those it was.
std::vector<std::string> PastIds(const Check& check);
// What a slot is planned apart for: it stands until this changes.
std::string DeclarationOf(const Check& check);

// One History a check, in their order.
Result<std::vector<History>> ReadHistories(Connection& connection, std::span<const CheckPtr> checks,
                                           Timestamp now);

Result<std::vector<TableName>> ReadKnownTables(Connection& connection, const std::string& source);
Result<std::set<std::string>> ReadApart(Connection& connection, std::span<const CheckPtr> checks);
Result<std::vector<AcceptedFile>> ReadAcceptedFiles(Connection& connection);
Result<std::optional<Store::LastVerdict>> ReadLastVerdict(Connection& connection, const std::string& check);

}  // namespace amont
