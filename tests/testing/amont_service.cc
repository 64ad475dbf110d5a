#include "tests/testing/amont_service.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <sstream>
#include <thread>

#include "tests/testing/http_client.h"
#include "tests/testing/paths.h"

namespace amont::testing {
namespace {

// Looks again until it holds; false after `Process::kPatience`, which only ever ends a hang.
bool Until(const std::function<bool()>& holds) {
  const auto give_up = std::chrono::steady_clock::now() + Process::kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

// The path of a file that is not there: one of an earlier process would name its ports.
std::string Fresh(std::string path) {
  std::filesystem::remove(path);
  return path;
}

}  // namespace

AmontService::AmontService(const TempDir& directory, const std::string& name,
                           const std::map<std::string, std::string>& env)
    : port_file_(Fresh(directory.Path(name + ".ports"))),
      process_({AmontProgram(), "--log-level=debug", "serve", "--port-file", port_file_},
               {.env = env, .input = {}, .directory = directory.path().string()}) {}

bool AmontService::WaitUntilListening() {
  const bool written =
      Until([&] { return std::filesystem::exists(port_file_) || process_.Ended(); }) && !process_.Ended();
  if (!written) return false;
  std::istringstream lines(ReadFile(port_file_));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("grpc=")) grpc_ = line.substr(5);
    if (line.starts_with("http="))
      http_port_ = static_cast<uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
  }
  return http_port_ != 0;
}

bool AmontService::WaitUntilReady() {
  return WaitUntilListening() && Until([&] {
           return process_.Ended() || HttpClient(http_port_).Ask("GET", "/-/ready").status == 200;
         }) &&
         !process_.Ended();
}

std::string AmontService::Get(const std::string& path) const {
  HttpAnswer answer = HttpClient(http_port_).Ask("GET", path);
  return answer.status == 200 ? answer.body : "(" + std::to_string(answer.status) + ")";
}

std::string AmontService::Sample(const std::string& series) const {
  std::istringstream lines(Get("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series)) return line.substr(line.rfind(' ') + 1);
  }
  return "";
}

bool AmontService::WaitForSample(const std::string& series, const std::string& value) const {
  return Until([&] { return Sample(series) == value; });
}

}  // namespace amont::testing
