// amont: declares, plans, measures and judges what should be true of warehouse tables.

#include <pthread.h>
#include <unistd.h>
#include <csignal>
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
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

}  // namespace

int main(int argc, char** argv) {
  const sigset_t signals = BlockSignals();
  std::stop_source stop;
  // The first signal asks for an orderly end, the second one ends the process. Never joined: it waits for
  // good.
  std::thread([signals, stop]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    stop.request_stop();
    sigwait(&signals, &signal);
    _exit(amont::exit_code::kInterrupted);
  }).detach();
  return amont::RunCommandLine(argc, argv, stop.get_token());
}
