// HttpServer: HTTP/1.1 on libmicrohttpd, with routes that are fixed from the start.
//
// Handlers run on a few threads that all connections share, so they must not wait; those of `slow` routes run
// one at a time on a thread of their own. Every connection has a deadline for what it is doing (sending its
// headers, its body, reading the answer, being idle) and is shut when it passes, however lively it drips.
// Thread-safe. Destroying the server stops it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace amont {

struct HttpRequest {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;    // decoded; of a repeated name the first
  std::map<std::string, std::string> headers;  // names in lower case; of a repeated name the first
  std::string body;                            // inflated where it came as gzip
  std::string token;                           // of `Authorization: Bearer`, or empty
  std::stop_token stop;                        // of the server: slow handlers give up then

  std::string_view Header(const std::string& lower_case_name) const;  // empty where it is absent
  // Whether the answer may be sent as gzip.
  bool AcceptsGzip() const;
};

// A body in pieces, each made when it is its turn to be sent.
struct HttpBody {
  size_t bytes = 0;  // of all pieces
  // The piece at `index`, null past the last. Called by one thread at a time.
  std::function<std::shared_ptr<const std::string>(size_t index)> piece;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers = {};
  HttpBody body = {};
  std::optional<std::chrono::milliseconds> send_within = {};  // instead of the server's `send`
};

HttpResponse TextResponse(int status, std::string text);

// Answers one request; called once, by any thread. The server does not stop before it was.
using HttpReply = std::function<void(HttpResponse)>;

struct HttpRoute {
  std::string method;  // GET serves HEAD too
  std::string path;    // the whole of it
  std::function<HttpResponse(const HttpRequest&)> handle;
  size_t body_bytes_max = 0;  // of the inflated body; a larger one is answered 413
  bool slow = false;
  // Instead of `handle`: takes the request and returns at once; the connection sleeps until the reply.
  std::function<void(HttpRequest, HttpReply)> later = {};
};

struct HttpTls {
  std::string cert_file;  // PEM, the chain
  std::string key_file;   // PEM
};

struct HttpTimeouts {
  std::chrono::milliseconds header = std::chrono::seconds(20);  // of a new connection's first request
  std::chrono::milliseconds body = std::chrono::seconds(60);
  std::chrono::milliseconds send = std::chrono::seconds(60);
  std::chrono::milliseconds idle = std::chrono::minutes(6);  // until the headers of the next request: longer
                                                             // than any interval of scrapes in use
};

struct HttpOptions {
  std::string host = "127.0.0.1";  // an address or a name; empty: every address
  uint16_t port = 0;               // 0: any free one
  std::optional<HttpTls> tls = {};
  HttpTimeouts timeouts = {};
  unsigned connections_max = 16'384;     // more wait to be accepted; fewer where descriptors are fewer
  size_t bodies_bytes_max = 128u << 20;  // of all bodies that come in at one time; beyond them 429
};

class HttpServer {
 public:
  // kBusy: the address is in use. kPermission, kInvalid, kNotFound: address, certificate or key. Raises the
  // process's limit of open files as far as it may.
  static Result<std::unique_ptr<HttpServer>> Start(HttpOptions options, std::vector<HttpRoute> routes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  // Reads a certificate and its key, for connections from now on. On an error the old ones stay; a server
  // without TLS stays so. May be called by the handler of a slow route.
  Result<void> ReloadTls(const HttpTls& files);
  // Ends every connection, within 200 ms where no handler holds it up.
  void Stop();

 private:
  struct Parts;
  explicit HttpServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace amont
