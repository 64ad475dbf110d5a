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

std::optional<std::shared_ptr<Connection>> Pool::TakePlace(const std::stop_token& stop) {
  std::vector<std::shared_ptr<Connection>> broken;  // outlives the lock: closing may take a moment
  return state_.WaitThen(
      [&](const State& state) {
        const bool shared = state.full && state.open > 0;
        const bool place = shared ? !state.idle.empty() : state.in_use < capacity_;
        return place || stop.stop_requested();
      },
      [&](State& state) -> std::optional<std::shared_ptr<Connection>> {
        if (stop.stop_requested()) return std::nullopt;
        ++state.in_use;
        std::shared_ptr<Connection> connection;
        while (!state.idle.empty() && connection == nullptr) {
          std::shared_ptr<Connection> next = std::move(state.idle.back());
          state.idle.pop_back();
          if (next->healthy()) {
            connection = std::move(next);
          } else {
            --state.open;
            broken.push_back(std::move(next));
          }
        }
        return connection;
      });
}

Result<Pool::Lease> Pool::Take(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { state_.Wake(); });
  while (true) {
    std::optional<std::shared_ptr<Connection>> taken = TakePlace(stop);
    if (!taken) return MakeError(ErrorCode::kCancelled, "stopped while waiting for a connection");
    if (*taken != nullptr) return Lease(this, std::move(*taken));

    Result<std::unique_ptr<Connection>> opened = Connect(options_, stop);
    const bool give_up = state_.With([&](State& state) {
      if (opened) {
        ++state.open;
        return false;
      }
      --state.in_use;
      state.full = state.open > 0;
      return state.open == 0 || stop.stop_requested();
    });
    if (opened) return Lease(this, std::move(*opened));
    state_.Notify();
    if (give_up) return std::move(opened).error();
  }
}

void Pool::Return(std::shared_ptr<Connection> connection) {
  const bool keep = connection->healthy();
  state_.With([&](State& state) {
    --state.in_use;
    if (state.in_use == 0) state.full = false;
    if (keep) {
      state.idle.push_back(std::move(connection));
    } else {
      --state.open;
    }
  });
  state_.Notify();
}  // what is not kept dies here, outside the lock

}  // namespace amont
