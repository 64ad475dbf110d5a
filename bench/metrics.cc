// /metrics with 300,000 series: CPU and delay of a scrape over loopback, at rest, while checks run, and while
// ten thousand tables leave and come back. CPU is that of all threads but the client's own.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "core/guarded.h"
#include "server/app/http_routes.h"
#include "server/clock/wall_clock.h"
#include "server/telemetry/deflate.h"
#include "tests/server/telemetry/seeded.h"
#include "tests/testing/gzip.h"
#include "tests/testing/http_client.h"

namespace amont::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTables = 6'500;  // some 300,000 series
constexpr int kLeaving = 10'000;
constexpr int kScrapes = 60;
constexpr auto kWhile = std::chrono::seconds(8);

double CpuMs(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}
double OthersCpuMs() { return CpuMs(CLOCK_PROCESS_CPUTIME_ID) - CpuMs(CLOCK_THREAD_CPUTIME_ID); }

void Pause(Clock::time_point until) {
  Guarded<bool> never{false};
  never.WaitUntil(until, [](bool value) { return value; });
}

double ResidentMegabytes() {
  std::ifstream statm("/proc/self/statm");
  long total = 0, resident = 0;
  statm >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Service {
  StateMap states;
  Instruments instruments;
  MetricsPage page{states, instruments};
  std::unique_ptr<HttpServer> server;

  Service() {
    auto started = HttpServer::Start({}, ServiceRoutes(page, {}));
    if (!started) std::exit(1);
    server = std::move(*started);
  }
};

struct Scraped {
  double cpu_ms = 0;  // of each, of all other threads
  double wall_ms_median = 0;
  double wall_ms_most = 0;
  size_t bytes = 0;
  std::string last;
};

// Scrapes over one connection until `enough`.
template <class Enough>
Scraped Scrape(Service& service, Enough enough) {
  HttpClient client(service.server->port());
  std::vector<double> wall;
  Scraped scraped;
  const double before = OthersCpuMs();
  while (!enough(wall.size())) {
    const Clock::time_point asked = Clock::now();
    HttpAnswer answer = client.Ask("GET", "/metrics", "Accept-Encoding: gzip\r\n");
    if (answer.status != 200) std::exit(1);
    wall.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
    scraped.last = std::move(answer.body);
  }
  scraped.cpu_ms = (OthersCpuMs() - before) / static_cast<double>(wall.size());
  std::ranges::sort(wall);
  scraped.wall_ms_median = wall[wall.size() / 2];
  scraped.wall_ms_most = wall.back();
  scraped.bytes = scraped.last.size();
  return scraped;
}

long Series(const std::string& page) {
  long series = 0;
  for (size_t at = 0; at < page.size(); at = page.find('\n', at) + 1) series += page[at] != '#';
  return series;
}

void AtRest(Service& service, const std::vector<CheckPtr>& checks) {
  const double memory = ResidentMegabytes();
  service.states.Replace(checks, {});
  service.states.Load(SeededStates(checks, WallClock()));
  for (const CheckPtr& check : checks) service.states.SetNextRun(std::vector{check->id}, WallClock());
  const double with_states = ResidentMegabytes();
  service.page.SetLeading(true);
  const double before = CpuMs(CLOCK_PROCESS_CPUTIME_ID);
  service.page.Render();
  const double rendered = CpuMs(CLOCK_PROCESS_CPUTIME_ID) - before;
  const double with_page = ResidentMegabytes();
  const Scraped rest = Scrape(service, [](size_t done) { return done >= kScrapes; });
  const std::string page = Gunzip(rest.last).value_or("");
  const double whole_before = CpuMs(CLOCK_THREAD_CPUTIME_ID);
  const size_t whole = Deflater().Deflate(page).bytes.size();
  const double whole_ms = CpuMs(CLOCK_THREAD_CPUTIME_ID) - whole_before;
  std::printf("  %ld series, %.1f MB, %.2f MB as gzip; states %.0f MB, page %.0f MB\n", Series(page),
              static_cast<double>(page.size()) / 1e6, static_cast<double>(rest.bytes) / 1e6,
              with_states - memory, with_page - with_states);
  std::printf("  compressing all of it        %6.1f ms   1.00   (%.2f MB)\n", whole_ms,
              static_cast<double>(whole) / 1e6);
  std::printf("  rendering all of it, once    %6.1f ms   %.2f\n", rendered, rendered / whole_ms);
  std::printf("  CPU of a scrape              %6.1f ms   %.2f   (at most 50 ms)\n", rest.cpu_ms,
              rest.cpu_ms / whole_ms);
  std::printf("  its delay                    %6.1f ms          %.1f at most\n", rest.wall_ms_median,
              rest.wall_ms_most);
}

// Every check is measured once in fifteen minutes, as in a service that is busy.
void WhileChecksRun(Service& service, const std::vector<CheckPtr>& checks) {
  const auto pause = std::chrono::duration_cast<Clock::duration>(std::chrono::minutes(15)) /
                     static_cast<int64_t>(checks.size());
  std::atomic<bool> done = false;
  std::atomic<int64_t> measured = 0;
  std::jthread runs([&] {
    Clock::time_point next = Clock::now();
    for (size_t i = 0; !done; ++i) {
      const CheckState state =
          SeededState(*checks[i * 7 % checks.size()], static_cast<double>(i), WallClock());
      service.states.Load(std::vector{state});
      ++measured;
      Pause(next += pause);
    }
  });
  const Clock::time_point until = Clock::now() + kWhile;
  const Scraped busy = Scrape(service, [&](size_t) {
    Pause(Clock::now() + std::chrono::milliseconds(100));
    return Clock::now() > until;
  });
  done = true;
  runs.join();
  std::printf(
      "  CPU while checks run         %6.1f ms          (at most 50 ms; rendering of %lld checks included)\n",
      busy.cpu_ms, static_cast<long long>(measured.load()));
  std::printf("  its delay                    %6.1f ms          %.1f at most\n", busy.wall_ms_median,
              busy.wall_ms_most);
}

void WhileTablesLeave(Service& service, const std::vector<CheckPtr>& checks) {
  const std::span<const CheckPtr> stay(checks.data(), checks.size() - kLeaving * kSeededChecks);
  service.states.Replace(checks, {});
  service.states.Load(SeededStates(checks, WallClock()));
  service.page.Render();
  std::atomic<bool> done = false;
  std::atomic<int> rounds = 0;
  std::jthread replaces([&] {
    while (!done) {
      service.states.Replace(stay, {});
      service.page.Render();
      service.states.Replace(checks, {});
      service.page.Render();
      ++rounds;
    }
  });
  const Clock::time_point until = Clock::now() + kWhile;
  const Scraped scraped = Scrape(service, [&](size_t done_already) {
    Pause(Clock::now() + std::chrono::milliseconds(20));
    return done_already > 0 && Clock::now() > until;
  });
  done = true;
  replaces.join();
  std::printf("%d tables leave and come back, %d times\n", kLeaving, rounds.load());
  std::printf("  delay of a scrape            %6.1f ms          %.1f at most (at most 100)\n",
              scraped.wall_ms_median, scraped.wall_ms_most);
}

void Run() {
  std::printf("Metrics\n");
  Service service;
  const std::vector<CheckPtr> checks = SeededChecks(kTables + kLeaving);
  const std::vector<CheckPtr> some(checks.begin(), checks.begin() + kTables * kSeededChecks);
  AtRest(service, some);
  WhileChecksRun(service, some);
  WhileTablesLeave(service, checks);
}

}  // namespace
}  // namespace amont::testing

int main() {
  amont::testing::Run();
  return 0;
}
