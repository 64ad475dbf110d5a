#include "tests/testing/stalled_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace amont::testing {
namespace {

constexpr int kStepMs = 5;

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void Check(bool good, const char* what) {
  if (good) return;
  std::perror(what);
  std::abort();
}

}  // namespace

StalledProxy::StalledProxy(int target_port) : target_port_(target_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t length = sizeof(address);
  Check(bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0, "proxy: bind");
  Check(listen(listener_, 64) == 0, "proxy: listen");
  Check(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0, "proxy: name");
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { Loop(stop); });
}

StalledProxy::~StalledProxy() {
  thread_.request_stop();
  thread_.join();
  for (const Pair& pair : pairs_) {
    close(pair.client);
    close(pair.server);
  }
  close(listener_);
}

void StalledProxy::Stall() {
  stalled_ = true;
  // Two rounds on, the round that may have been forwarding is over.
  for (const int begun = rounds_; rounds_ - begun < 2;) std::this_thread::yield();
}

void StalledProxy::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ++rounds_;
    if (stalled_) {
      poll(nullptr, 0, kStepMs);
      continue;
    }
    std::vector<pollfd> waiting = {{listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      waiting.push_back({pair.client, POLLIN, 0});
      waiting.push_back({pair.server, POLLIN, 0});
    }
    if (poll(waiting.data(), waiting.size(), kStepMs) <= 0) continue;
    for (size_t i = pairs_.size(); i-- > 0;) {
      const Pair pair = pairs_[i];
      const bool open = (waiting[2 * i + 1].revents == 0 || Forward(pair.client, pair.server)) &&
                        (waiting[2 * i + 2].revents == 0 || Forward(pair.server, pair.client));
      if (open) continue;
      close(pair.client);
      close(pair.server);
      pairs_.erase(pairs_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (waiting[0].revents != 0) Accept();
  }
}

void StalledProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  Check(connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "proxy: connect");
  pairs_.push_back({client, server});
}

// False at the end of the stream.
bool StalledProxy::Forward(int from, int to) {
  std::array<char, 65536> buffer;
  const ssize_t got = recv(from, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t some = send(to, buffer.data() + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
    if (some <= 0) return false;
    sent += some;
  }
  bytes_ += got;
  return true;
}

}  // namespace amont::testing
