// MetricsPage: the text of /metrics (format 0.0.4). Families with a table label are kept as deflated blocks
// of 50 tables, rendered by a thread of its own when they changed; a scrape only joins them.
//
// Thread-safe. A scrape waits for nobody: neither for another scrape, nor for rendering, nor for whoever
// changes states. What changed is shown after a second, later where rendering would take more than a
// twentieth of one CPU. Families with a source, table or check label are shown by the leader only, once its
// states are loaded and were rendered.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/telemetry/instruments.h"
#include "server/telemetry/state_map.h"

namespace amont {

inline constexpr char kMetricsContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// A page in pieces, to be sent one after another; it stays as it was when it was asked for.
struct MetricsText {
  size_t bytes = 0;  // of all pieces
  // The piece at `index`, null past the last.
  std::function<std::shared_ptr<const std::string>(size_t index)> piece;
};

class MetricsPage {
 public:
  // Both must outlive it.
  MetricsPage(StateMap& states, const Instruments& instruments);
  ~MetricsPage();
  MetricsPage(const MetricsPage&) = delete;
  MetricsPage& operator=(const MetricsPage&) = delete;

  // Not leading at first. Whoever stops leading shows nothing of sources, tables and checks from then on.
  void SetLeading(bool leading);
  // The families of lineage that name tables (server/telemetry/lineage_families.h), whole.
  void SetLineage(std::string text);
  // Renders what changed now and shows it.
  void Render();

  // gzip: one gzip member. Otherwise the same text.
  MetricsText Scrape(bool gzip) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace amont
