// LineageIngest: a bounded queue of lineage that comes in, and the one thread that writes it.
//
// The thread takes all that waits, reads it, writes it in one transaction and only then answers each: what
// was answered as taken is on the disk. While it writes, more gathers: so the more comes, the more each
// transaction takes. A queue that is full refuses at once (kLimit). Thread-safe; answers are given by the
// writing thread and must not wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include "core/guarded.h"
#include "core/result.h"
#include "server/ingest/event_learner.h"
#include "server/ingest/event_lineage.h"
#include "server/store/lineage_store.h"

namespace amont {

struct IngestLimits {
  size_t bytes = 64u << 20;  // of texts that wait
  size_t orders = 10'000;    // that wait
  size_t bytes_at_once =
      8u << 20;  // of one transaction, and one order more: an answer does not wait for long
};

// What a reading of a file or a catalog said, as a whole.
struct ReadingOrder {
  Extract extract;
  std::vector<Extract> further;           // of other provenances or origins, written with it
  std::vector<ReadStatement> statements;  // that were read for it
};

class LineageIngest {
 public:
  struct Hooks {
    std::function<Timestamp()> now;
    std::function<void(std::string_view status, size_t count)> events;  // may be empty; as metrics count them
    std::function<void(StatementEnd end)> statement;                    // likewise
    std::function<void()> written;                                      // something new is in the store
    // Makes what reads the SQL of events, once for each naming; may be empty. Both are called by the writing
    // thread.
    std::function<ReadEventSql(const DatasetNaming&)> sql = {};
  };
  // kInvalid, kPermission: refused, and will be again. kUnreachable and others of the store: nothing was
  // taken; kCancelled: the service stops. Both may be sent again.
  using Answer = std::function<void(Result<IngestReport>)>;

  LineageIngest(LineageStore& store, DatasetNaming naming, const IngestLimits& limits, Hooks hooks);
  ~LineageIngest();
  LineageIngest(const LineageIngest&) = delete;
  LineageIngest& operator=(const LineageIngest&) = delete;

  // kLimit: too much waits; kCancelled: it is stopped. The answer is not called then.
  Result<void> Add(IngestOrder order, Answer answer);
  Result<void> Add(ReadingOrder order, Answer answer);
  // Other sources or aliases, from the next event on.
  void SetNaming(DatasetNaming naming);
  // Takes no more, answers all that waits, and returns.
  void Stop();

 private:
  struct Job {
    std::variant<IngestOrder, ReadingOrder> order;
    Answer answer;
    size_t bytes = 0;
  };
  struct Queue {
    std::deque<Job> jobs;
    size_t bytes = 0;
    bool stopped = false;
    std::unique_ptr<DatasetNaming> naming;  // to be used from now on
  };

  struct Round;

  Result<void> Push(Job job);
  void Work();
  std::vector<Job> Take();
  void Handle(std::vector<Job> jobs);
  Round Read(std::vector<Job> jobs);
  Result<void> Write(Round& round);
  void Count(std::string_view status, size_t count) const;

  LineageStore& store_;
  const IngestLimits limits_;
  const Hooks hooks_;
  EventLearner learner_;
  ReadEventSql read_sql_;
  Guarded<Queue> queue_;
  std::jthread thread_;
};

}  // namespace amont
