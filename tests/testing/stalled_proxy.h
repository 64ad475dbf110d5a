// A TCP proxy on 127.0.0.1 that can freeze: from then on it forwards nothing, accepts nothing and closes
// nothing, as a hung host does. The kernel still completes connections to it, so a peer sees a server that
// never answers.
//
// Runs one thread. Stall and Resume may be called from any thread; destroying it closes every connection.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace amont::testing {

class StalledProxy {
 public:
  // In front of a port of 127.0.0.1.
  explicit StalledProxy(int target_port);
  ~StalledProxy();
  StalledProxy(const StalledProxy&) = delete;
  StalledProxy& operator=(const StalledProxy&) = delete;

  int port() const { return port_; }
  void Stall();  // when it returns, nothing more is forwarded
  void Resume() { stalled_ = false; }
  // What was forwarded so far in both directions; grows only while not stalled.
  int64_t bytes() const { return bytes_; }

 private:
  struct Pair {
    int client;
    int server;
  };
  void Loop(const std::stop_token& stop);
  void Accept();
  bool Forward(int from, int to);

  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stalled_ = false;
  std::atomic<int> rounds_ = 0;
  std::atomic<int64_t> bytes_ = 0;
  std::vector<Pair> pairs_;  // the thread's
  std::jthread thread_;
};

}  // namespace amont::testing
