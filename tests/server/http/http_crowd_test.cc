// Ten thousand connections that say nothing, held by a program of its own: descriptors are few.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "server/http/http_server.h"
#include "tests/testing/http_client.h"
#include "tests/testing/process.h"

namespace amont {
namespace {

constexpr int kCrowd = 10'000;

constexpr char kHold[] = R"(
import resource, socket, sys
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
held = []
for i in range(int(sys.argv[2])):
    held.append(socket.create_connection(("127.0.0.1", int(sys.argv[1]))))
    if i % 2:
        held[-1].sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\nX-Some-Header: ")
print("held", flush=True)
import signal
signal.pause()
)";

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

TEST(HttpCrowd, HealthStillAnswersBesideTenThousandIdleConnections) {
  auto started = HttpServer::Start(
      {}, {{"GET", "/hello", [](const HttpRequest&) { return TextResponse(200, "hello\n"); }}});
  ASSERT_TRUE(started.has_value()) << started.error().message;
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  const int crowd = static_cast<int>(std::min<rlim_t>(kCrowd, limit.rlim_max - 600));
  const double before = ResidentMegabytes();
  testing::Process holder(
      {"python3", "-c", kHold, std::to_string((*started)->port()), std::to_string(crowd)});
  ASSERT_TRUE(holder.WaitForText("held")) << holder.Errors();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(testing::HttpGet((*started)->port(), "/hello").body, "hello\n");
  }
  const double grown = ResidentMegabytes() - before;
  RecordProperty("megabytes", std::to_string(grown));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they need memory of their own
  EXPECT_LT(grown, 100);
#endif
  EXPECT_FALSE(holder.Ended());
  const auto stopping = std::chrono::steady_clock::now();
  (*started)->Stop();
  std::printf("%d connections: %.0f MB, stopped in %.0f ms\n", crowd, grown,
              std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - stopping).count());
}

}  // namespace
}  // namespace amont
