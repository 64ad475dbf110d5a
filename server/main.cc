// amont: declares, plans, measures and judges what should be true of warehouse tables.

#include <pthread.h>
#include <unistd.h>
#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

#include "server/cli/command.h"

namespace {

// Blocked before the first thread starts, so that only the waiting thread ever gets them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  const sigset_t signals = BlockSignals();
  std::stop_source stop;
  static amont::Hangup hangup;  // outlives the thread
  // The first signal asks for an orderly end, the second one ends the process; SIGHUP is the command's own,
  // where it has a use for it. Never joined: it waits for good.
  std::thread([signals, stop]() mutable {
    while (true) {
      int signal = 0;
      sigwait(&signals, &signal);
      const bool taken = signal == SIGHUP && hangup.With([](const std::function<void()>& act) {
        if (act) act();
        return act != nullptr;
      });
      if (!taken && !stop.request_stop()) _exit(amont::exit_code::kInterrupted);
    }
  }).detach();
  return amont::RunCommandLine(argc, argv, stop.get_token(), hangup);
}
