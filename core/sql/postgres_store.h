// The store's session on PostgreSQL, through libpqxx: sessions of the store are few and hold small results,
// so what postgres_link.h wants for warehouses (rows streamed, connecting that can be stopped) is not needed.
//
// Tables stand in the schema `amont`. Every statement is prepared once a session; outside of BeginWrite …
// Commit each is a transaction of its own. A peer that is cut off is noticed within seconds; a statement of
// the server's own is ended after limits::kStoreStatement, a transaction that idles (its process was stopped)
// after limits::kStoreIdle, so that nobody waits longer for its locks. Cancel is as Sever: the session ends.
// A session that was lost is not healthy() and never comes back by itself.
//
// Texts are stored as UTF-8 without zero bytes: what is neither becomes U+FFFD.
#pragma once

#include <memory>

#include "core/sql/connection.h"

namespace amont {

// Of `options` only the URL and the password count. kUnreachable, kPermission, kInvalid.
Result<std::unique_ptr<StoreSession>> OpenPostgresStore(const ConnectOptions& options, bool writes);

}  // namespace amont
