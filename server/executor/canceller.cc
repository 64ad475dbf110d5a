#include "server/executor/canceller.h"

#include <algorithm>
#include <utility>

#include "core/limits.h"

namespace amont {

namespace {

// The polite way may block for good behind a frozen peer, so it gets a thread nobody waits for; the
// connection lives as long as that thread does. It may also come late, when the connection runs another
// query: then `wanted` is false.
void AskPolitely(std::shared_ptr<Connection> connection, ErrorCode why,
                 std::shared_ptr<Guarded<bool>> wanted) {
  std::thread([connection = std::move(connection), why, wanted = std::move(wanted)] {
    if (connection->engine() == Engine::kPostgres) {
      if (wanted->With([](bool still) { return still; })) connection->Cancel(why);
    } else {
      // Never blocks, so the end of the query can wait for it.
      wanted->With([&](bool still) {
        if (still) connection->Cancel(why);
      });
    }
  }).detach();
}

}  // namespace

Canceller::Watch::Watch(Canceller* canceller, uint64_t id, std::stop_token stop)
    : canceller_(canceller), id_(id), on_stop_(std::move(stop), OnStop{canceller, id}) {}

Canceller::Watch::~Watch() { canceller_->End(id_); }

Canceller::Canceller() : thread_([this] { Loop(); }) {}

Canceller::~Canceller() {
  state_.With([](State& state) { state.ending = state.changed = true; });
  state_.Notify();
}

std::unique_ptr<Canceller::Watch> Canceller::Begin(std::shared_ptr<Connection> connection, Duration timeout,
                                                   std::stop_token stop) {
  const auto deadline = Clock::now() + timeout;
  const uint64_t id = state_.With([&](State& state) {
    const uint64_t next = state.next_id++;
    state.watched[next] = Watched{std::move(connection), deadline, {}, nullptr, {}};
    state.changed = true;
    return next;
  });
  state_.Notify();
  // The callback may run inside the constructor, when the stop came first: the entry is there already.
  return std::make_unique<Watch>(this, id, std::move(stop));
}

void Canceller::Stop(uint64_t id) {
  state_.With([id](State& state) {
    const auto it = state.watched.find(id);
    if (it == state.watched.end()) return;
    if (!it->second.why) it->second.why = ErrorCode::kCancelled;
    state.changed = true;
  });
  state_.Notify();
}

void Canceller::End(uint64_t id) {
  // Destroyed outside the lock: closing a connection may take a moment.
  Watched last;
  state_.With([&](State& state) {
    const auto it = state.watched.find(id);
    if (it == state.watched.end()) return;
    last = std::move(it->second);
    state.watched.erase(it);
  });
  if (last.wanted == nullptr) return;
  last.wanted->With([](bool& still) { still = false; });
  // A request to a server may still be on its way and would hit the next query: that session is not used
  // again.
  if (last.connection->engine() == Engine::kPostgres)
    last.connection->Sever(last.why.value_or(ErrorCode::kCancelled));
}

Canceller::Clock::time_point Canceller::Sweep(State& state, Clock::time_point now) {
  auto next = now + std::chrono::hours(1);
  for (auto& [id, watched] : state.watched) {
    if (!watched.why && watched.deadline <= now) watched.why = ErrorCode::kTimeout;
    if (!watched.why) {
      next = std::min(next, watched.deadline);
      continue;
    }
    if (watched.wanted == nullptr) {
      watched.wanted = std::make_shared<Guarded<bool>>(true);
      watched.sever_at = now + limits::kSeverAfter;
      AskPolitely(watched.connection, *watched.why, watched.wanted);
    }
    if (watched.sever_at && *watched.sever_at <= now) {
      watched.sever_at.reset();
      watched.connection->Sever(*watched.why);
    }
    if (watched.sever_at) next = std::min(next, *watched.sever_at);
  }
  return next;
}

void Canceller::Loop() {
  auto next = Clock::now();
  while (true) {
    state_.WaitUntil(next, [](const State& state) { return state.changed; });
    const bool ending = state_.With([&](State& state) {
      state.changed = false;
      next = Sweep(state, Clock::now());
      return state.ending;
    });
    if (ending) return;
  }
}

}  // namespace amont
