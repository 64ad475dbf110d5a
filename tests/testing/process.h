// Runs a program for a test: arguments, environment and standard input in; output, errors and exit code out.
// Output goes through files, so a program that writes much never blocks. One thread per object. A program
// that cannot be started fails as a shell would say it, with exit code 127. Destroying a running process
// kills it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/testing/temp_dir.h"

namespace amont::testing {

struct ProcessOptions {
  std::map<std::string, std::string> env;  // added to our own; an empty value removes the variable
  std::string input;                       // standard input
  std::string directory;                   // where it runs; empty: where we run
};

struct ProcessResult {
  int exit_code = 0;  // 128 + the signal's number when a signal ended it, as shells say it
  std::string out;
  std::string err;
};

class Process {
 public:
  static constexpr std::chrono::seconds kPatience{120};  // generous: it only ever ends a hang

  // Starts `command[0]`, found in PATH unless it has a slash.
  explicit Process(const std::vector<std::string>& command, const ProcessOptions& options = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  // What it has written so far.
  std::string Output() const;
  std::string Errors() const;
  // Whether it has ended; never waits.
  bool Ended();
  // Sends a signal; nothing happens once it has ended.
  void Signal(int signal);
  // Waits until the output and errors so far contain `text`; false when it ended, or time passed, without.
  bool WaitForText(std::string_view text, std::chrono::milliseconds patience = kPatience);
  // Waits for its end; after `patience` it is killed, and the exit code is 137.
  ProcessResult Wait(std::chrono::milliseconds patience = kPatience);

 private:
  TempDir files_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = 0;
};

// Starts a program and waits for its end.
ProcessResult RunProgram(const std::vector<std::string>& command, const ProcessOptions& options = {});

}  // namespace amont::testing
