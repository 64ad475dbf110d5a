// LineageFeeds: the lineage a service looks for itself: what its declarations say, dbt's manifests as they
// change, and the views of its PostgreSQL sources, each hour. The leader does so, for all replicas.
//
// Owns one thread. What cannot be read is logged once, and what was read of it before stays.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "checks/check.h"
#include "core/guarded.h"
#include "core/result.h"
#include "server/app/generation.h"
#include "server/ingest/lineage_ingest.h"

namespace amont {

class LineageFeeds {
 public:
  struct Hooks {
    std::function<bool()> leads;
    std::function<std::shared_ptr<const Generation>()> generation;
    std::function<std::vector<std::shared_ptr<const Table>>()> tables;  // that are declared or matched
    std::function<Result<void>(ReadingOrder, LineageIngest::Answer)> ingest;
    std::function<void()> looked;  // every ten seconds: what is shown may have changed
    std::function<Timestamp()> now;
  };
  explicit LineageFeeds(Hooks hooks);
  ~LineageFeeds();
  LineageFeeds(const LineageFeeds&) = delete;
  LineageFeeds& operator=(const LineageFeeds&) = delete;

  // Another configuration is in force, or another replica leads.
  void Wake();
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Asked {
    bool woken = false;
    bool stopped = false;
  };

  void Work(const std::stop_token& stop);
  void FeedDeclared();
  void FeedManifests(const Generation& generation);
  void FeedCatalogs(const Generation& generation, const std::stop_token& stop);
  // Blocks until it is written; whether it was.
  bool Write(ReadingOrder order, const std::string& what);
  void Complain(const std::string& what, const Error& error);

  const Hooks hooks_;
  Guarded<Asked> asked_;
  std::string declared_;                          // digest of what was written last
  std::map<std::string, std::string> manifests_;  // path → its files' times and sizes when they were read
  std::map<std::string, Clock::time_point> catalogs_;  // source → when it is due
  std::map<std::string, std::string> said_;            // of what → what was complained of last
  int64_t generation_ = -1;
  int looks_ = 0;
  std::jthread thread_;
};

// What the views of one PostgreSQL server say. Ends within 200 ms of a stop.
Result<Extract> ReadCatalogLineage(const std::string& source, const ConnectOptions& options, Timestamp now,
                                   const std::stop_token& stop);

}  // namespace amont
