// Listening sockets and how many connections the process can hold.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace amont {

// A listening TCP socket, close-on-exec, to be closed by the caller. An empty host is every address. kBusy,
// kPermission, kInvalid.
Result<int> ListenAt(const std::string& host, uint16_t port);
uint16_t PortOf(int socket);

// Raises the limit of open files to what the system allows at most; returns it.
uint64_t RaiseOpenFiles();

}  // namespace amont
