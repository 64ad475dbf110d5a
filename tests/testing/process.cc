#include "tests/testing/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPollEvery{2};

std::vector<std::string> Environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!changes.contains(std::string(text.substr(0, text.find('='))))) result.emplace_back(text);
  }
  for (const auto& [name, value] : changes) {
    if (!value.empty()) result.push_back(name + "=" + value);
  }
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

int ExitCode(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

Process::Process(const std::vector<std::string>& command, const ProcessOptions& options) {
  const std::string in = files_.Write("in", options.input);
  const std::string out = files_.Write("out", "");
  const std::string err = files_.Write("err", "");

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_APPEND, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_APPEND, 0);
  if (!options.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.directory.c_str());

  // The program starts as a terminal would start it: nothing blocked or ignored by the test around it.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> arguments = command;
  std::vector<std::string> environment = Environment(options.env);
  const int failure = posix_spawnp(&pid_, arguments.front().c_str(), &actions, &attributes,
                                   Pointers(arguments).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) {
    files_.Write("err", command.front() + ": cannot be started\n");
    ended_ = true;
    exit_code_ = 127;
  }
}

Process::~Process() {
  if (Ended()) return;
  Signal(SIGKILL);
  Wait();
}

std::string Process::Output() const { return ReadFile(files_.Path("out")); }
std::string Process::Errors() const { return ReadFile(files_.Path("err")); }

bool Process::Ended() {
  if (ended_) return true;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  ended_ = true;
  exit_code_ = ExitCode(status);
  return true;
}

void Process::Signal(int signal) {
  if (!Ended()) kill(pid_, signal);
}

bool Process::WaitForText(std::string_view text, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (true) {
    const bool last =
        Ended() || Clock::now() >= deadline;  // asked first: what was written before the end counts
    if ((Output() + Errors()).find(text) != std::string::npos) return true;
    if (last) return false;
    std::this_thread::sleep_for(kPollEvery);
  }
}

ProcessResult Process::Wait(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  bool killed = false;
  while (!Ended()) {
    if (!killed && Clock::now() >= deadline) {
      kill(pid_, SIGKILL);
      killed = true;
    }
    std::this_thread::sleep_for(kPollEvery);
  }
  ProcessResult result;
  result.exit_code = exit_code_;
  result.out = Output();
  result.err = Errors();
  return result;
}

ProcessResult RunProgram(const std::vector<std::string>& command, const ProcessOptions& options) {
  return Process(command, options).Wait();
}

}  // namespace amont::testing
