// Pool: the open sessions of one source, at most `capacity` at a time.
//
// Thread-safe; owns idle connections. Take waits for a free place (or the stop), Lease returns it. A lease
// whose connection is not healthy is thrown away, the next Take opens another. Where the server gives fewer
// sessions than `capacity` (a role's connection limit), those that it gave are shared; more are asked for
// once all came back.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/guarded.h"
#include "core/sql/connection.h"

namespace amont {

class Pool {
 public:
  class Lease {
   public:
    Lease(Pool* pool, std::shared_ptr<Connection> connection);
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }
    // For the canceller, which may outlive the lease by a moment.
    const std::shared_ptr<Connection>& shared() const { return connection_; }

   private:
    Pool* pool_;
    std::shared_ptr<Connection> connection_;
  };

  Pool(ConnectOptions options, int capacity);

  // kCancelled when stopped while waiting; otherwise what Connect says.
  Result<Lease> Take(std::stop_token stop);
  const ConnectOptions& options() const { return options_; }

 private:
  struct State {
    std::vector<std::shared_ptr<Connection>> idle;
    int in_use = 0;     // leases, and Takes that are connecting
    int open = 0;       // sessions, idle or leased
    bool full = false;  // the server refused another one
  };
  // An idle session; nullptr: open one; nothing: stopped.
  std::optional<std::shared_ptr<Connection>> TakePlace(const std::stop_token& stop);
  void Return(std::shared_ptr<Connection> connection);

  const ConnectOptions options_;
  const int capacity_;
  Guarded<State> state_;
};

}  // namespace amont
