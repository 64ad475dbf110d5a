#include "server/http/connections.h"

#include <sys/socket.h>

#include <algorithm>
#include <limits>

namespace amont {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTickLeast{10};
constexpr milliseconds kTickMost{1'000};

}  // namespace

void Connections::Connection::Allow(milliseconds span) {
  deadline.store((Clock::now() + span).time_since_epoch().count());
}

void Connections::Connection::AllowForever() { deadline.store(std::numeric_limits<Clock::rep>::max()); }

Connections::Connections(milliseconds finest)
    : thread_([this, tick = std::clamp(finest / 4, kTickLeast, kTickMost)](const std::stop_token& stop) {
        Watch(stop, tick);
      }) {}

Connections::~Connections() {
  thread_.request_stop();
  stopped_.With([](bool& stopped) { stopped = true; });
  stopped_.Notify();
}

std::shared_ptr<Connections::Connection> Connections::Open(int socket, milliseconds allowed) {
  auto connection = std::make_shared<Connection>();
  connection->socket = socket;
  connection->Allow(allowed);
  open_.With([&](std::set<std::shared_ptr<Connection>>& open) { open.insert(connection); });
  return connection;
}

void Connections::Close(const std::shared_ptr<Connection>& connection) {
  open_.With([&](std::set<std::shared_ptr<Connection>>& open) { open.erase(connection); });
}

void Connections::Watch(const std::stop_token& stop, milliseconds tick) {
  while (!stop.stop_requested()) {
    stopped_.WaitUntil(Clock::now() + tick, [](bool stopped) { return stopped; });
    const Clock::rep now = Clock::now().time_since_epoch().count();
    open_.With([&](const std::set<std::shared_ptr<Connection>>& open) {
      for (const std::shared_ptr<Connection>& connection : open) {
        if (connection->deadline.load() > now) continue;
        shutdown(connection->socket, SHUT_RDWR);
        connection->AllowForever();  // once is enough; its server closes it now
      }
    });
  }
}

}  // namespace amont
