#include "tests/testing/prometheus.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>

#include "tests/testing/free_port.h"

namespace amont::testing {
namespace {

constexpr int kAttempts = 5;
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kStep{50};

}  // namespace

PrometheusServer::PrometheusServer(const std::vector<uint16_t>& targets) {
  std::string config =
      "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n"
      "  - job_name: amont\n    static_configs:\n      - targets:\n";
  for (const uint16_t target : targets) config += "          - 127.0.0.1:" + std::to_string(target) + "\n";
  dir_.Write("prometheus.yml", config);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (Start()) return;
  }
  std::fprintf(stderr, "the test's Prometheus does not start\n%s\n", server_->Errors().c_str());
  std::exit(1);
}

bool PrometheusServer::Start() {
  port_ = FreePort();
  server_ = std::make_unique<Process>(std::vector<std::string>{
      "setpriv", "--pdeathsig", "KILL", "prometheus", "--config.file=" + dir_.Path("prometheus.yml"),
      "--storage.tsdb.path=" + dir_.Path("data"), "--web.listen-address=127.0.0.1:" + std::to_string(port_)});
  return server_->WaitForText("Server is ready to receive web requests");
}

PrometheusServer::~PrometheusServer() {
  server_->Signal(SIGKILL);
  server_->Wait();
}

std::string PrometheusServer::Query(const std::string& promql) const {
  const ProcessResult asked =
      RunProgram({"promtool", "query", "instant", "http://127.0.0.1:" + std::to_string(port_), promql});
  std::string answer;
  std::istringstream lines(asked.out);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) answer += line.substr(0, line.rfind(" @[")) + "\n";
  }
  return answer + asked.err;
}

std::string PrometheusServer::QueryUntil(const std::string& promql,
                                         const std::function<bool(const std::string&)>& wanted) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string answer = Query(promql);
  while (!wanted(answer) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kStep);
    answer = Query(promql);
  }
  return answer;
}

}  // namespace amont::testing
