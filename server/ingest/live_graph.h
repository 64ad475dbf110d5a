// LiveGraph: the lineage graph as it is now, made anew from the store when something was written: by this
// replica at once, by others within seconds.
//
// Making it takes as long as there is lineage, so it is made again only after a pause of ten times that;
// readers take the one there is and never wait. Thread-safe. A store that cannot be read leaves the graph as
// it was.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "core/guarded.h"
#include "core/result.h"
#include "core/time.h"
#include "lineage/expiry.h"
#include "lineage/graph.h"
#include "server/store/lineage_store.h"

namespace amont {

// As of a time, straight from the store.
Result<LineageGraph> ReadGraph(LineageStore& store, Timestamp as_of, const ExpiryRules& expiry);

class LiveGraph {
 public:
  struct Options {
    std::chrono::milliseconds poll =
        std::chrono::seconds(2);  // how often the store is asked for others' writes
    std::chrono::milliseconds pause = std::chrono::milliseconds(50);  // at least, between two graphs
    ExpiryRules expiry;
    std::function<Timestamp()> now;
    std::function<void(const std::shared_ptr<const LineageGraph>&)> published;  // may be empty
  };
  LiveGraph(LineageStore& store, Options options);
  ~LiveGraph();
  LiveGraph(const LiveGraph&) = delete;
  LiveGraph& operator=(const LiveGraph&) = delete;

  // Reads it for the first time and keeps it up to date from then on.
  Result<void> Start();
  // Something was written.
  void Wake();
  // Never null.
  std::shared_ptr<const LineageGraph> Get() const { return graph_.Get(); }
  void Stop();

 private:
  struct Wanted {
    bool woken = false;
    bool stopped = false;
  };

  // Whether there was something new.
  Result<bool> Refresh();
  void Work();

  LineageStore& store_;
  const Options options_;
  Published<LineageGraph> graph_;
  int64_t sequence_ = -1;  // that the graph is of
  Timestamp made_;
  Guarded<Wanted> wanted_;
  std::jthread thread_;
};

}  // namespace amont
