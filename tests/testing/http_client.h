// A client for tests that speaks HTTP/1.1 over one loopback connection, as politely or rudely as it is told.
// One thread per object. Waits end after a minute: then, and on any other trouble, answers are empty.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace amont::testing {

struct HttpAnswer {
  int status = 0;                              // 0: no whole answer came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(uint16_t port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False where the server has gone.
  bool Send(std::string_view bytes);
  // The next answer; `with_body`: false after HEAD.
  HttpAnswer Read(bool with_body = true);
  // Sends a request and reads its answer. `headers`: whole lines, each with its \r\n.
  HttpAnswer Ask(const std::string& method, const std::string& path, const std::string& headers = "",
                 const std::string& body = "");
  // Whether something can be read now.
  bool HasMore() const;
  // Waits for the server to end the connection, reading nothing: keeps writing until nobody takes it.
  bool WaitForHangUp();
  // Waits for the server to end the connection, throwing away what it still says.
  bool WaitForEnd();

 private:
  bool ReadMore();

  int socket_ = -1;
  std::string read_;  // and not yet used
};

// On a connection of its own.
HttpAnswer HttpGet(uint16_t port, const std::string& path, const std::string& headers = "");

}  // namespace amont::testing
