#include "server/http/http_server.h"

#include <microhttpd.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "core/file.h"
#include "core/guarded.h"
#include "server/http/connections.h"
#include "server/http/http_exchange.h"
#include "server/http/http_listen.h"
#include "server/http/http_wire.h"
#include "server/http/sleepers.h"
#include "server/http/slow_lane.h"

namespace amont {
namespace {

constexpr size_t kSlowMax = 16;                 // requests that wait for the slow lane
constexpr uint64_t kOtherFiles = 256;           // what the rest of the process has open
constexpr size_t kConnectionBytes = 16u << 10;  // headers of a request, and of its answer
constexpr size_t kPemBytesMax = 1u << 20;
constexpr char kTlsPriorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

using ConnectionPtr = std::shared_ptr<Connections::Connection>;

}  // namespace

struct HttpServer::Parts {
  // A daemon reads its certificate once. A reload starts another at the same socket; the one before serves
  // the connections it has until the next reload, or longer where one of them waits for the slow lane.
  struct Daemon {
    explicit Daemon(Parts& owner) : parts(owner) {}
    Parts& parts;
    Sleepers sleepers;
    MHD_Daemon* running = nullptr;
  };
  struct Daemons {
    std::unique_ptr<Daemon> current;
    std::vector<std::unique_ptr<Daemon>> before;
    bool stopped = false;
  };

  Parts(HttpOptions options_in, std::vector<HttpRoute> routes_in)
      : options(std::move(options_in)),
        routes(std::move(routes_in)),
        connections(std::min(
            {options.timeouts.header, options.timeouts.body, options.timeouts.send, options.timeouts.idle})),
        slow_lane(kSlowMax),
        bodies(options.bodies_bytes_max),
        surroundings{routes, options.timeouts, slow_lane, stop.get_token(), bodies} {}
  ~Parts() {
    Stop();
    if (listening >= 0) close(listening);
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  Result<std::unique_ptr<Daemon>> StartDaemon(const std::optional<HttpTls>& tls);
  void Stop();

  static MHD_Result OnRequest(void* daemon, MHD_Connection* connection, const char* path, const char* method,
                              const char* version, const char* bytes, size_t* byte_count, void** exchange);
  static void OnCompleted(void* parts, MHD_Connection* connection, void** exchange,
                          MHD_RequestTerminationCode code);
  static void OnConnection(void* parts, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code);

  HttpOptions options;
  std::vector<HttpRoute> routes;
  std::stop_source stop;
  int listening = -1;
  uint16_t port = 0;
  Connections connections;
  SlowLane slow_lane;
  BodyBudget bodies;
  HttpExchange::Surroundings surroundings;
  Guarded<Daemons> daemons;
};

namespace {

ConnectionPtr& DeadlineOf(MHD_Connection* connection) {
  const MHD_ConnectionInfo* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return *static_cast<ConnectionPtr*>(info->socket_context);
}

}  // namespace

MHD_Result HttpServer::Parts::OnRequest(void* daemon, MHD_Connection* connection, const char* path,
                                        const char* method, const char* /*version*/, const char* bytes,
                                        size_t* byte_count, void** exchange) {
  auto& self = *static_cast<Daemon*>(daemon);
  if (*exchange == nullptr) {
    auto made =
        std::make_unique<HttpExchange>(self.parts.surroundings, self.sleepers, connection,
                                       *DeadlineOf(connection), ReadRequest(connection, path, method));
    *exchange = made.get();
    return made.release()->Begin();
  }
  auto& known = *static_cast<HttpExchange*>(*exchange);
  if (*byte_count == 0) return known.Answer();
  const size_t taken = std::exchange(*byte_count, 0);
  return known.Take(std::string_view(bytes, taken));
}

void HttpServer::Parts::OnCompleted(void* parts, MHD_Connection* connection, void** exchange,
                                    MHD_RequestTerminationCode /*code*/) {
  delete static_cast<HttpExchange*>(std::exchange(*exchange, nullptr));
  DeadlineOf(connection)->Allow(static_cast<Parts*>(parts)->options.timeouts.idle);
}

void HttpServer::Parts::OnConnection(void* parts, MHD_Connection* connection, void** context,
                                     MHD_ConnectionNotificationCode code) {
  auto& self = *static_cast<Parts*>(parts);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const int socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    *context = new ConnectionPtr(self.connections.Open(socket, self.options.timeouts.header));
  } else {
    const std::unique_ptr<ConnectionPtr> known(static_cast<ConnectionPtr*>(*context));
    if (known != nullptr) self.connections.Close(*known);
    *context = nullptr;
  }
}

Result<std::unique_ptr<HttpServer::Parts::Daemon>> HttpServer::Parts::StartDaemon(
    const std::optional<HttpTls>& tls) {
  unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
  std::string cert, key;
  std::vector<MHD_OptionItem> more;
  if (tls) {
    AMONT_TRY(cert, ReadFile(tls->cert_file, kPemBytesMax));
    AMONT_TRY(key, ReadFile(tls->key_file, kPemBytesMax));
    flags |= MHD_USE_TLS;
    more.push_back({MHD_OPTION_HTTPS_MEM_CERT, 0, cert.data()});
    more.push_back({MHD_OPTION_HTTPS_MEM_KEY, 0, key.data()});
    more.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kTlsPriorities)});
  }
  more.push_back({MHD_OPTION_END, 0, nullptr});
  const uint64_t files = RaiseOpenFiles();
  const auto most = static_cast<unsigned>(
      std::clamp<uint64_t>(files > kOtherFiles ? files - kOtherFiles : 0, 64, options.connections_max));
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 2u, 4u);
  const int socket = dup(listening);  // the daemon closes its own
  auto made = std::make_unique<Daemon>(*this);
  made->running = MHD_start_daemon(
      flags, 0, nullptr, nullptr, &OnRequest, made.get(), MHD_OPTION_LISTEN_SOCKET, socket,
      MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, most,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_NOTIFY_COMPLETED, &OnCompleted, this,
      MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this, MHD_OPTION_ARRAY, more.data(), MHD_OPTION_END);
  if (made->running != nullptr) return made;
  close(socket);
  if (!tls) return MakeError(ErrorCode::kInternal, "cannot start the HTTP server");
  return MakeError(ErrorCode::kInvalid, fmt::format("the certificate {} and the key {} do not serve TLS",
                                                    tls->cert_file, tls->key_file));
}

void HttpServer::Parts::Stop() {
  stop.request_stop();
  slow_lane.Stop();  // no connection may sleep when its daemon stops
  Daemons last = daemons.With([](Daemons& now) { return std::exchange(now, {nullptr, {}, true}); });
  for (const auto& daemon : last.before) MHD_stop_daemon(daemon->running);
  if (last.current != nullptr) MHD_stop_daemon(last.current->running);
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpOptions options, std::vector<HttpRoute> routes) {
  AMONT_TRY(const int listening, ListenAt(options.host, options.port));
  auto parts = std::make_unique<Parts>(std::move(options), std::move(routes));
  parts->listening = listening;
  parts->port = PortOf(listening);
  AMONT_TRY(auto daemon, parts->StartDaemon(parts->options.tls));
  parts->daemons.With([&](Parts::Daemons& daemons) { daemons.current = std::move(daemon); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(parts)));
}

HttpServer::HttpServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpServer::~HttpServer() = default;

uint16_t HttpServer::port() const { return parts_->port; }

Result<void> HttpServer::ReloadTls(const HttpTls& files) {
  if (!parts_->options.tls) return {};
  return parts_->daemons.With([&](Parts::Daemons& daemons) -> Result<void> {
    if (daemons.stopped) return MakeError(ErrorCode::kCancelled, "the HTTP server has stopped");
    AMONT_TRY(auto next, parts_->StartDaemon(files));
    std::erase_if(daemons.before, [](const auto& daemon) {
      if (!daemon->sleepers.CloseIfNone()) return false;
      MHD_stop_daemon(daemon->running);
      return true;
    });
    daemons.before.push_back(std::exchange(daemons.current, std::move(next)));
    const MHD_socket quiet = MHD_quiesce_daemon(daemons.before.back()->running);
    if (quiet != MHD_INVALID_SOCKET) close(quiet);
    return {};
  });
}

void HttpServer::Stop() { parts_->Stop(); }

}  // namespace amont
