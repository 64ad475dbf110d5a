#include "server/app/source_probe.h"

#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "core/log.h"
#include "server/app/pause.h"

namespace amont {

namespace {

using namespace std::chrono_literals;

constexpr Duration kRound = 60s;
constexpr Duration kUntilLeader = 1s;

}  // namespace

SourceProbe::SourceProbe(const Configuration& configuration, const Leadership& leadership, StateMap& states)
    : configuration_(configuration),
      leadership_(leadership),
      states_(states),
      thread_([this](const std::stop_token& stop) { Loop(stop); }) {}

SourceProbe::~SourceProbe() = default;  // the thread is stopped and joined

void SourceProbe::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool leads = leadership_.epoch().has_value();
    if (leads) Ask(stop);
    Pause(leads ? kRound : kUntilLeader, stop);
  }
}

void SourceProbe::Ask(const std::stop_token& stop) {
  const std::shared_ptr<const Generation> generation = configuration_.Get();
  std::set<std::string> gone = std::exchange(asked_, {});
  std::vector<std::jthread> threads;
  for (const auto& [name, source] : generation->config.sources) {
    gone.erase(name);
    asked_.insert(name);
    const auto ask = [this, &stop, name = name, options = source.connect] {
      const auto connection = Connect(options, stop);
      if (stop.stop_requested()) return;
      if (!connection) {
        Log(LogLevel::kWarn, "a source does not answer",
            {{"source", name}, {"error", connection.error().message}});
      }
      states_.SetSourceUp(name, connection.has_value());
    };
    try {
      threads.emplace_back(ask);
    } catch (const std::system_error&) {
      ask();  // the system gives no thread: one source after another
    }
  }
  threads.clear();  // joins
  for (const std::string& name : gone) states_.SetSourceUp(name, std::nullopt);
}

}  // namespace amont
