// PostgreSQL behind Connection: libpq, one statement at a time by the extended protocol inside BEGIN READ
// ONLY … ROLLBACK. Connect (core/sql/connection.h) calls this for postgresql:// and postgres:// URLs.
#pragma once

#include <memory>
#include <stop_token>

#include "core/sql/connection.h"

namespace amont {

// Opens a session. Ends within 200 ms of a stop, a frozen peer included; without one after the URL's
// connect_timeout, or 10 s. kUnreachable, kPermission, kCancelled, kInvalid.
Result<std::unique_ptr<Connection>> ConnectPostgres(const ConnectOptions& options, std::stop_token stop);

}  // namespace amont
