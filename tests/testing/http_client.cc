#include "tests/testing/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace amont::testing {
namespace {

constexpr int kPatienceMs = 60'000;
constexpr int kStepMs = 10;

}  // namespace

HttpClient::HttpClient(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) close(socket_);
}

bool HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool HttpClient::ReadMore() {
  pollfd ready = {socket_, POLLIN, 0};
  if (poll(&ready, 1, kPatienceMs) != 1) return false;
  std::array<char, 65536> buffer;
  const ssize_t bytes = recv(socket_, buffer.data(), buffer.size(), 0);
  if (bytes <= 0) return false;
  read_.append(buffer.data(), static_cast<size_t>(bytes));
  return true;
}

HttpAnswer HttpClient::Read(bool with_body) {
  size_t end = 0;
  while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return {};
  }
  HttpAnswer answer;
  answer.status = std::atoi(read_.substr(read_.find(' ') + 1, 3).c_str());
  for (size_t line = read_.find("\r\n") + 2; line < end;) {
    const size_t line_end = read_.find("\r\n", line);
    const size_t colon = read_.find(": ", line);
    std::string name = read_.substr(line, colon - line);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = read_.substr(colon + 2, line_end - colon - 2);
    line = line_end + 2;
  }
  read_.erase(0, end + 4);
  if (answer.status == 100) return Read(with_body);
  const auto length = answer.headers.find("content-length");
  if (!with_body || length == answer.headers.end()) return answer;
  const size_t bytes = std::strtoul(length->second.c_str(), nullptr, 10);
  while (read_.size() < bytes) {
    if (!ReadMore()) return {};
  }
  answer.body = read_.substr(0, bytes);
  read_.erase(0, bytes);
  return answer;
}

HttpAnswer HttpClient::Ask(const std::string& method, const std::string& path, const std::string& headers,
                           const std::string& body) {
  std::string request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  Send(request + "\r\n" + body);
  return Read(method != "HEAD");
}

bool HttpClient::HasMore() const {
  pollfd ready = {socket_, POLLIN, 0};
  return poll(&ready, 1, 0) == 1;
}

bool HttpClient::WaitForHangUp() {
  for (int waited = 0; waited < kPatienceMs; waited += kStepMs) {
    if (!Send("x")) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
  }
  return false;
}

bool HttpClient::WaitForEnd() {
  for (;;) {
    pollfd ready = {socket_, POLLIN, 0};
    if (poll(&ready, 1, kPatienceMs) != 1) return false;
    std::array<char, 4096> buffer;
    if (recv(socket_, buffer.data(), buffer.size(), 0) <= 0) return true;
  }
}

HttpAnswer HttpGet(uint16_t port, const std::string& path, const std::string& headers) {
  return HttpClient(port).Ask("GET", path, headers);
}

}  // namespace amont::testing
