// Canceller: ends statements that must not go on, because their deadline passed or somebody asked to stop.
//
// A stop callback never does I/O: it marks the watch and wakes the deadline thread. That thread asks politely
// through a thread of its own (Connection::Cancel may block behind a frozen peer) and severs the connection
// limits::kSeverAfter later whatever happened. Thread-safe; outlives every Watch it gave.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "core/guarded.h"
#include "core/sql/connection.h"

namespace amont {

class Canceller {
 public:
  Canceller();
  ~Canceller();

  // Watches one Query from now until the Watch is destroyed (right after Query returned).
  class Watch {
   public:
    Watch(Canceller* canceller, uint64_t id, std::stop_token stop);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Canceller* canceller_;
    uint64_t id_;
    struct OnStop {
      Canceller* canceller;
      uint64_t id;
      void operator()() const { canceller->Stop(id); }
    };
    std::stop_callback<OnStop> on_stop_;
  };
  std::unique_ptr<Watch> Begin(std::shared_ptr<Connection> connection, Duration timeout,
                               std::stop_token stop);

 private:
  using Clock = std::chrono::steady_clock;
  struct Watched {
    std::shared_ptr<Connection> connection;
    Clock::time_point deadline;
    std::optional<ErrorCode> why;  // set once it is to end
    std::shared_ptr<Guarded<bool>>
        wanted;  // whether a Cancel that was sent off should still act; null: none was
    std::optional<Clock::time_point> sever_at;
  };
  struct State {
    std::map<uint64_t, Watched> watched;
    uint64_t next_id = 1;
    bool changed = false;
    bool ending = false;
  };

  void Stop(uint64_t id);
  void End(uint64_t id);
  void Loop();
  // Ends what is due at `now`; returns when to look again.
  static Clock::time_point Sweep(State& state, Clock::time_point now);

  Guarded<State> state_;
  std::jthread thread_;
};

}  // namespace amont
