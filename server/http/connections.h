// Connections: the open sockets and when each must be done with what it is doing. A thread of its own shuts
// those that are not.
//
// Thread-safe. A socket is registered while it is open and leaves before it is closed, so that no other file
// is ever shut in its place.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <stop_token>
#include <thread>

#include "core/guarded.h"

namespace amont {

class Connections {
 public:
  using Clock = std::chrono::steady_clock;

  struct Connection {
    int socket = -1;
    std::atomic<Clock::rep> deadline{0};

    void Allow(std::chrono::milliseconds span);  // from now on
    void AllowForever();                         // somebody else watches over it
  };

  // `finest`: the shortest span that will be allowed; deadlines are kept to a quarter of it.
  explicit Connections(std::chrono::milliseconds finest);
  ~Connections();

  std::shared_ptr<Connection> Open(int socket, std::chrono::milliseconds allowed);
  void Close(const std::shared_ptr<Connection>& connection);

 private:
  void Watch(const std::stop_token& stop, std::chrono::milliseconds tick);

  Guarded<std::set<std::shared_ptr<Connection>>> open_;
  Guarded<bool> stopped_{false};
  std::jthread thread_;
};

}  // namespace amont
