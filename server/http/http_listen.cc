#include "server/http/http_listen.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace amont {
namespace {

constexpr int kBacklog = 1'024;

ErrorCode CodeOf(int error) {
  switch (error) {
    case EADDRINUSE:
      return ErrorCode::kBusy;
    case EACCES:
      return ErrorCode::kPermission;
    default:
      return ErrorCode::kInvalid;
  }
}

Result<int> Listen(const sockaddr* address, socklen_t length) {
  const int made = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return MakeError(CodeOf(errno), std::strerror(errno));
  const int on = 1;
  const int off = 0;
  setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(made, address, length) == 0 && listen(made, kBacklog) == 0) return made;
  const int error = errno;
  close(made);
  return MakeError(CodeOf(error), std::strerror(error));
}

// IPv6's any address takes IPv4 as well, where the machine has IPv6 at all.
Result<int> ListenEverywhere(uint16_t port) {
  sockaddr_in6 six = {};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_any;
  six.sin6_port = htons(port);
  Result<int> made = Listen(reinterpret_cast<const sockaddr*>(&six), sizeof six);
  if (made.has_value() || made.error().code != ErrorCode::kInvalid) return made;
  sockaddr_in four = {};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_ANY);
  four.sin_port = htons(port);
  return Listen(reinterpret_cast<const sockaddr*>(&four), sizeof four);
}

}  // namespace

Result<int> ListenAt(const std::string& host, uint16_t port) {
  const std::string place = fmt::format("cannot listen at {}:{}: ", host.empty() ? "*" : host, port);
  Result<int> made = MakeError(ErrorCode::kInvalid, "no such address");
  if (host.empty()) {
    made = ListenEverywhere(port);
  } else {
    addrinfo wanted = {};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (failed != 0) return MakeError(ErrorCode::kInvalid, place + gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> frees(found, &freeaddrinfo);
    for (const addrinfo* next = found; next != nullptr && !made; next = next->ai_next) {
      made = Listen(next->ai_addr, next->ai_addrlen);
    }
  }
  if (!made) return MakeError(made.error().code, place + made.error().message);
  return made;
}

uint16_t PortOf(int socket) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  return address.ss_family == AF_INET6 ? ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port)
                                       : ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

uint64_t RaiseOpenFiles() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

}  // namespace amont
