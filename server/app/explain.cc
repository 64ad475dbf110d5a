#include "server/app/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/app/live_catalog.h"

namespace amont {

namespace {

// The checks of one source that are to be planned, and what is known of the source.
Result<LiveSource> KnownOf(const Config& config, const std::string& source, bool connects,
                           Canceller& canceller, Diagnostics& diagnostics, std::stop_token stop) {
  if (connects) return ReadLiveSource(config, source, canceller, diagnostics, std::move(stop));
  LiveSource offline;
  AMONT_TRY(const Engine engine, EngineOf(config.sources.at(source).connect.url));
  offline.dialect = MakeDialect(engine, source, config.sources.at(source).connect.files);
  for (const CheckPtr& check : config.declarations.checks) {
    if (check->table->name.source == source) offline.checks.push_back(check);
  }
  return offline;
}

// The ids that a table declared by name took over from a wildcard, of the tables that are shown.
std::string RenderOverridden(const LiveSource& live) {
  std::string text;
  for (const std::string& id : live.overridden) {
    const bool shown = std::any_of(live.checks.begin(), live.checks.end(), [&](const CheckPtr& check) {
      return id.starts_with(check->table->name.Full() + ":");
    });
    if (!shown) continue;
    const bool declared = std::any_of(live.checks.begin(), live.checks.end(),
                                      [&](const CheckPtr& check) { return check->id == id; });
    text += fmt::format("  {}{}\n", id, declared ? "" : ": turned off");
  }
  return text.empty() ? text : "declared by name, over a wildcard:\n" + text + "\n";
}

}  // namespace

Explained Explain(const Config& config, const ExplainOrder& order, Canceller& canceller,
                  std::stop_token stop) {
  Explained explained;
  for (const std::string& source : SourcesOf(order.selection, config.declarations)) {
    auto live = KnownOf(config, source, order.connects, canceller, explained.diagnostics, stop);
    if (!live) {
      explained.cut.emplace(source, live.error());
      continue;
    }
    explained.known.insert(explained.known.end(), live->checks.begin(), live->checks.end());
    PlanOptions options = order.options;
    if (options.as_of) options.declared = live->checks;
    std::erase_if(live->checks, [&](const CheckPtr& check) { return !order.selection.Selects(*check); });
    if (live->checks.empty()) continue;
    options.max_scan_rows = config.sources.at(source).max_scan_rows;
    if (order.connects && !options.as_of) options.now = live->catalog.now;
    Plan plan = MakePlan(live->checks, order.connects ? &live->catalog : nullptr, *live->dialect, options);
    std::string text =
        fmt::format("-- source {}\n{}{}", source, RenderPlan(plan, live->checks), RenderOverridden(*live));
    explained.sources.push_back({source, std::move(plan), std::move(live->checks), std::move(text)});
  }
  return explained;
}

}  // namespace amont
