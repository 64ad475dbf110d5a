#include "server/app/http_routes.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

namespace amont {
namespace {

constexpr size_t kReloadBytesMax = 1'000;  // nothing is read of it
constexpr double kScrapeSecondsMax = 300;

// How long Prometheus waits for the whole page; it takes nothing after that.
std::optional<std::chrono::milliseconds> ScrapeTimeout(const HttpRequest& request) {
  const std::string text(request.Header("x-prometheus-scrape-timeout-seconds"));
  const double seconds = std::strtod(text.c_str(), nullptr);
  if (!(seconds > 0 && seconds <= kScrapeSecondsMax)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000) + 1);
}

HttpResponse Scrape(const MetricsPage& page, const HttpRequest& request) {
  const bool gzip = request.AcceptsGzip();
  MetricsText text = page.Scrape(gzip);
  HttpResponse response;
  response.content_type = kMetricsContentType;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.body = {text.bytes, std::move(text.piece)};
  response.send_within = ScrapeTimeout(request);
  return response;
}

HttpResponse Reload(const HttpHooks& hooks, const HttpRequest& request) {
  if (auto denial = Denial(hooks.admit(request.token, Scope::kAdmin), Scope::kAdmin)) return *denial;
  const HttpHooks::Reloaded reloaded = hooks.reload();
  return TextResponse(reloaded.whole ? 200 : 500, reloaded.text);
}

}  // namespace

std::vector<HttpRoute> ServiceRoutes(const MetricsPage& page, HttpHooks hooks) {
  const auto shared = std::make_shared<const HttpHooks>(std::move(hooks));
  const auto reload = [shared](const HttpRequest& request) { return Reload(*shared, request); };
  std::vector<HttpRoute> routes = {
      {"GET", "/metrics", [&page](const HttpRequest& request) { return Scrape(page, request); }},
      {"GET", "/-/healthy", [](const HttpRequest&) { return TextResponse(200, "healthy\n"); }},
      {"GET", "/-/ready",
       [shared](const HttpRequest&) {
         return shared->ready() ? TextResponse(200, "ready\n") : TextResponse(503, "not ready\n");
       }},
      {"POST", "/-/reload", reload, kReloadBytesMax, /*slow=*/true},
      {"PUT", "/-/reload", reload, kReloadBytesMax, /*slow=*/true},
  };
  for (HttpRoute& route : LineageRoutes(shared->admit, shared->lineage)) routes.push_back(std::move(route));
  return routes;
}

}  // namespace amont
