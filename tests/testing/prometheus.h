// A real Prometheus on loopback that scrapes /metrics of the given ports five times a second, and PromQL to
// ask it. Lives as long as the object; its data lies in a directory of its own. One thread per object.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace amont::testing {

class PrometheusServer {
 public:
  // Stops the test program where it does not start.
  explicit PrometheusServer(const std::vector<uint16_t>& targets);
  ~PrometheusServer();
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  // The answer now, a line a series: `{source="w"} => 1`, without the time.
  std::string Query(const std::string& promql) const;
  // Asks until `wanted` holds of the answer, for a minute at most; the last answer.
  std::string QueryUntil(const std::string& promql,
                         const std::function<bool(const std::string&)>& wanted) const;

 private:
  bool Start();

  TempDir dir_;
  uint16_t port_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace amont::testing
