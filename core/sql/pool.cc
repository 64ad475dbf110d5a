#include "core/sql/pool.h"

#include <functional>
#include <utility>

namespace amont {

Pool::Lease::Lease(Pool* pool, std::shared_ptr<Connection> connection)
    : pool_(pool), connection_(std::move(connection)) {}

Pool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}

Pool::Lease::~Lease() {
  if (pool_ != nullptr) pool_->Return(std::move(connection_));
}

Pool::Pool(ConnectOptions options, int capacity) : options_(std::move(options)), capacity_(capacity) {}

Result<Pool::Lease> Pool::Take(std::stop_token stop) {
  // Taking the lock between the stop and the wake-up makes sure that no waiter is just about to wait.
  const std::stop_callback wake(stop, [this] {
    state_.With([](State&) {});
    state_.Notify();
  });
  std::vector<std::shared_ptr<Connection>> broken;  // outlives the lock: closing may take a moment
  std::shared_ptr<Connection> connection;
  const bool taken =
      state_.WaitThen([&](const State& state) { return state.in_use < capacity_ || stop.stop_requested(); },
                      [&](State& state) {
                        if (stop.stop_requested()) return false;
                        ++state.in_use;
                        while (!state.idle.empty() && connection == nullptr) {
                          std::shared_ptr<Connection> next = std::move(state.idle.back());
                          state.idle.pop_back();
                          (next->healthy() ? connection : broken.emplace_back()) = std::move(next);
                        }
                        return true;
                      });
  if (!taken) return MakeError(ErrorCode::kCancelled, "stopped while waiting for a connection");
  if (connection != nullptr) return Lease(this, std::move(connection));

  Result<std::unique_ptr<Connection>> opened = Connect(options_, stop);
  if (!opened) {
    Return(nullptr);
    return std::move(opened).error();
  }
  return Lease(this, std::move(*opened));
}

void Pool::Return(std::shared_ptr<Connection> connection) {
  const bool keep = connection != nullptr && connection->healthy();
  state_.With([&](State& state) {
    --state.in_use;
    if (keep) state.idle.push_back(std::move(connection));
  });
  state_.Notify();
}  // what is not kept dies here, outside the lock

}  // namespace amont
