// Any bytes as events: read, gathered in runs, in both orders and twice. Seeds are the corpora: their events
// stand between lines of other kinds, which are skipped.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/openlineage/batch.h"
#include "lineage/openlineage/run_accumulator.h"

namespace amont {
namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

// Lines that begin like JSON.
std::string Events(std::string_view text) {
  std::string events;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? text.size() : line.size() + 1);
    if (line.starts_with('{') || line.starts_with('[')) events.append(line).append("\n");
  }
  return events.empty() ? std::string() : events;
}

// What is known of the run of every event, after all of them.
std::vector<Extract> Known(const std::vector<const OpenLineageEvent*>& events,
                           const std::vector<const OpenLineageEvent*>& asked, const DatasetNaming& naming) {
  RunAccumulator runs(naming, {.runs = 1'000, .facts = 1'000'000, .facts_of_run = 100'000, .names = 1'000});
  for (const OpenLineageEvent* event : events) {
    for (const Edge& edge : runs.Add(*event).extract.edges) {
      Require(edge.upstream.node != edge.downstream.node);
      Require(edge.upstream.node.IsTable() || edge.upstream.column.empty());
      Require(edge.downstream.node.IsTable() || edge.downstream.column.empty());
      Require(!edge.upstream.node.name.empty() && !edge.downstream.node.name.empty());
    }
  }
  std::vector<Extract> known;
  for (const OpenLineageEvent* event : asked) {
    if (std::optional<Extract> extract = runs.Known(*event)) known.push_back(*std::move(extract));
  }
  return known;
}

void Try(std::string_view text) {
  const CanonicalNamespace space = ReadNamespace(text.substr(0, 200));
  Require(ReadNamespace(space.text).text == space.text);

  std::vector<OpenLineageEvent> events;
  const Result<BatchCounts> read =
      ReadOpenLineageBatch(Events(text), {}, [&](size_t, Result<OpenLineageEvent> event) {
        if (event) {
          events.push_back(*std::move(event));
        } else {
          Require(!event.error().message.empty() && event.error().message.find('\n') == std::string::npos);
        }
      });
  if (!read) Require(events.empty());
  const DatasetNaming naming({{"wh", "postgres://db.example/shop", "", "public", {}}},
                             {{"hive://metastore:9083", "hive"}, {"file:/tmp", "lake"}});
  std::vector<const OpenLineageEvent*> order;
  for (const OpenLineageEvent& event : events) order.push_back(&event);
  std::vector<const OpenLineageEvent*> other(order.rbegin(), order.rend());
  other.insert(other.end(), order.begin(), order.end());
  const std::vector<Extract> first = Known(order, order, naming);
  const std::vector<Extract> second = Known(other, order, naming);
  Require(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    Require(first[i].edges == second[i].edges && first[i].nodes == second[i].nodes);
    Require(first[i].dropped == second[i].dropped && first[i].renamed == second[i].renamed);
    Require(first[i].at == second[i].at && first[i].origin == second[i].origin);
  }
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  amont::Try({reinterpret_cast<const char*>(data), size});
  return 0;
}
