#include "server/rpc/run_feeds.h"

#include <chrono>
#include <exception>
#include <system_error>

#include <fmt/format.h>

#include "core/limits.h"
#include "core/quoted.h"
#include "server/rpc/messages.h"

namespace amont {

struct RunFeeds::Feed {
  struct State {
    std::vector<RunEvent> events;  // all but progress, which only its last one is of use
    RunEvent progress;
    uint64_t steps = 0;  // progress so far
    bool ended = false;
    std::optional<Error> error;
    RunId run = 0;
  };

  explicit Feed(RunOrder ordered) : order(std::move(ordered)) {}

  void Push(v1::RunChecksResponse event) {
    state.With([&](State& now) {
      now.events.push_back(std::make_shared<const v1::RunChecksResponse>(std::move(event)));
    });
    state.Notify();
  }

  const RunOrder order;
  Guarded<State> state;
  size_t watchers = 0;    // guarded by RunFeeds::runs_
  bool stopping = false;  // likewise
};

namespace {

bool SameSelection(const Selection& a, const Selection& b) {
  return a.tables == b.tables && a.tags == b.tags && a.owners == b.owners && a.sources == b.sources;
}

}  // namespace

RunFeeds::Watch::Watch(RunFeeds& feeds, std::shared_ptr<Feed> feed, bool joined)
    : feeds_(&feeds), feed_(std::move(feed)), joined_(joined) {}

RunFeeds::Watch::~Watch() {
  if (feed_) feeds_->Leave(feed_);
}

RunFeeds::Watch::News RunFeeds::Watch::Next() {
  const auto is_new = [&](const Feed::State& now) {
    return now.events.size() > read_ || now.steps > seen_steps_ || now.ended;
  };
  feed_->state.WaitUntil(std::chrono::steady_clock::now() + limits::kPollStep, is_new);
  return feed_->state.With([&](const Feed::State& now) {
    News news;
    for (; read_ < now.events.size(); ++read_) news.events.push_back(now.events[read_]);
    if (now.steps > seen_steps_ && !now.ended) news.events.push_back(now.progress);
    seen_steps_ = now.steps;
    news.ended = now.ended;
    news.error = now.error;
    return news;
  });
}

RunFeeds::RunFeeds(Run run, size_t most) : run_(std::move(run)), most_(most) {}

RunFeeds::~RunFeeds() {
  std::map<std::string, Entry> left;
  runs_.With([&](Runs& runs) {
    runs.closed = true;
    left.swap(runs.by_id);
  });
  for (auto& [id, entry] : left) entry.thread.request_stop();
}

std::vector<RunFeeds::Entry> RunFeeds::TakeFinished(Runs& runs) {
  std::vector<Entry> finished;
  for (auto entry = runs.by_id.begin(); entry != runs.by_id.end();) {
    const Feed& feed = *entry->second.feed;
    const bool ended = feed.state.With([](const Feed::State& now) { return now.ended; });
    if (ended && feed.watchers == 0) {
      finished.push_back(std::move(entry->second));
      entry = runs.by_id.erase(entry);
    } else {
      ++entry;
    }
  }
  return finished;
}

Result<RunFeeds::Watch> RunFeeds::Join(const RunOrder& order) {
  std::vector<Entry> finished;  // destroyed, and joined, after the lock
  return runs_.With([&](Runs& runs) -> Result<Watch> {
    finished = TakeFinished(runs);
    if (const auto known = runs.by_id.find(order.request_id); known != runs.by_id.end()) {
      const std::shared_ptr<Feed>& feed = known->second.feed;
      if (feed->stopping) {
        return MakeError(ErrorCode::kBusy, "the run of this request_id is being stopped; ask again");
      }
      if (!SameSelection(feed->order.selection, order.selection)) {
        return MakeError(ErrorCode::kInvalid,
                         fmt::format("{} runs another selection", Quoted(order.request_id)));
      }
      ++feed->watchers;
      return Watch(*this, feed, true);
    }
    if (runs.closed) return MakeError(ErrorCode::kCancelled, "the service is stopping");
    if (runs.by_id.size() >= most_) {
      return MakeError(ErrorCode::kLimit, fmt::format("{} requested runs are in flight already", most_));
    }
    auto feed = std::make_shared<Feed>(order);
    Entry entry;
    entry.feed = feed;
    try {
      entry.thread = std::jthread([this, feed](std::stop_token stop) { Drive(*feed, std::move(stop)); });
    } catch (const std::system_error&) {
      return MakeError(ErrorCode::kLimit, "the system gives no thread for one more run");
    }
    feed->watchers = 1;
    runs.by_id.emplace(order.request_id, std::move(entry));
    return Watch(*this, feed, false);
  });
}

void RunFeeds::Leave(const std::shared_ptr<Feed>& feed) {
  std::vector<Entry> finished;
  std::optional<std::stop_source> stop;
  runs_.With([&](Runs& runs) {
    if (--feed->watchers == 0) {
      const auto known = runs.by_id.find(feed->order.request_id);
      const bool ended = feed->state.With([](const Feed::State& now) { return now.ended; });
      if (!ended && known != runs.by_id.end()) {
        feed->stopping = true;
        stop = known->second.thread.get_stop_source();
      }
    }
    finished = TakeFinished(runs);
  });
  if (stop) stop->request_stop();  // runs callbacks: never under the lock
}

void RunFeeds::Drive(Feed& feed, std::stop_token stop) {
  RunSink sink;
  sink.accepted = [&](RunId run, Timestamp started) {
    feed.state.With([&](Feed::State& now) { now.run = run; });
    v1::RunChecksResponse event;
    event.mutable_accepted()->set_request_id(feed.order.request_id);
    event.mutable_accepted()->set_run_id(run);
    *event.mutable_accepted()->mutable_start_time() = ToMessage(started);
    feed.Push(std::move(event));
  };
  sink.progress = [&](const RunStep& step) {
    auto event = std::make_shared<v1::RunChecksResponse>();
    event->mutable_progress()->set_tables(static_cast<int64_t>(step.tables));
    event->mutable_progress()->set_tables_concluded(static_cast<int64_t>(step.concluded));
    event->mutable_progress()->set_statements(static_cast<int64_t>(step.statements));
    feed.state.With([&](Feed::State& now) {
      now.progress = std::move(event);
      ++now.steps;
    });
    feed.state.Notify();
  };
  sink.concluded = [&](const Conclusion& table) {
    const RunId run = feed.state.With([](const Feed::State& now) { return now.run; });
    for (const Verdict& verdict : table.verdicts) {
      v1::RunChecksResponse event;
      *event.mutable_verdict() = ToMessage(verdict, run);
      feed.Push(std::move(event));
    }
  };
  std::optional<Error> error;
  try {
    Result<RunSummary> summary = run_(feed.order, sink, std::move(stop));
    if (summary) {
      v1::RunChecksResponse event;
      *event.mutable_summary() = ToMessage(*summary);
      feed.Push(std::move(event));
    } else {
      error = summary.error();
    }
  } catch (const std::exception& thrown) {
    error = MakeError(ErrorCode::kInternal, thrown.what());
  }
  feed.state.With([&](Feed::State& now) {
    now.ended = true;
    now.error = std::move(error);
  });
  feed.state.Notify();
}

void RunFeeds::Close() {
  runs_.With([](Runs& runs) { runs.closed = true; });
}

size_t RunFeeds::size() const {
  return runs_.With([](const Runs& runs) { return runs.by_id.size(); });
}

}  // namespace amont
