// RunFeeds: the runs that calls asked for and watch: one run a request id, any number of watchers.
//
// Each run has a thread of its own, which blocks in Backend::run and fills a feed; the calls read feeds. When
// the last watcher of a run leaves before its end, the run is stopped; a feed without watchers is forgotten
// once the run has ended. Thread-safe. The destructor stops what runs and waits for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <amont/v1/check_service.pb.h>

#include "core/guarded.h"
#include "core/result.h"
#include "server/rpc/backend.h"

namespace amont {

using RunEvent = std::shared_ptr<const v1::RunChecksResponse>;

class RunFeeds {
  struct Feed;

 public:
  using Run = std::function<Result<RunSummary>(const RunOrder&, const RunSink&, std::stop_token)>;

  // A place in a feed. Leaving it is what its destructor does. One thread.
  class Watch {
   public:
    Watch(RunFeeds& feeds, std::shared_ptr<Feed> feed, bool joined);
    ~Watch();
    Watch(Watch&& other) noexcept = default;
    Watch& operator=(Watch&&) = delete;

    struct News {
      std::vector<RunEvent> events;  // accepted, verdicts, progress, summary; in order
      bool ended = false;            // nothing follows
      std::optional<Error> error;    // ended: why there is no summary
    };
    // What is new since the last call; waits for it for limits::kPollStep at most.
    News Next();
    bool joined() const { return joined_; }

   private:
    RunFeeds* feeds_;
    std::shared_ptr<Feed> feed_;  // null: moved from
    bool joined_;
    size_t read_ = 0;          // events
    uint64_t seen_steps_ = 0;  // progress
  };

  RunFeeds(Run run, size_t most);
  ~RunFeeds();
  RunFeeds(const RunFeeds&) = delete;
  RunFeeds& operator=(const RunFeeds&) = delete;

  // The run of this order: the one in flight under its request id, or one that begins now. kLimit: too many
  // runs; kBusy: the run of that id is being stopped; kInvalid: that id runs another selection; kCancelled:
  // closed.
  Result<Watch> Join(const RunOrder& order);
  // No run begins from now on.
  void Close();
  size_t size() const;

 private:
  struct Entry {
    std::shared_ptr<Feed> feed;
    std::jthread thread;
  };
  struct Runs {
    bool closed = false;
    std::map<std::string, Entry> by_id;
  };

  void Leave(const std::shared_ptr<Feed>& feed);
  void Drive(Feed& feed, std::stop_token stop);
  // Takes the entries whose runs ended and that nobody watches; to be destroyed outside the lock.
  static std::vector<Entry> TakeFinished(Runs& runs);

  const Run run_;
  const size_t most_;
  Guarded<Runs> runs_;
};

}  // namespace amont
