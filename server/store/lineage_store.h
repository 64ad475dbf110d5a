// LineageStore: what the store remembers of lineage: edges, facts and endings as lineage/knowledge.h has
// them, the events of runs that may not have said everything yet, and the SQL statements that were read.
//
// Knowledge only grows, so whoever writes needs no lease, and the same may be written twice: an edge's
// first_seen only falls, its last_seen only rises, facts are merged member by member, endings are added.
// Every replica writes, one after the other; a sequence number grows with each transaction, in the order in
// which they become visible, so that the others see that there is something new. Thread-safe. A write that
// returned is on the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "lineage/edge.h"
#include "lineage/knowledge.h"

namespace amont {

// How the reading of one SQL statement ended.
enum class StatementEnd { kResolved, kPartial, kFailed };
std::string_view Word(StatementEnd end);  // "resolved", "partial", "failed"

struct ReadStatement {
  std::string key;  // the same statement of the same origin and subject has the same
  StatementEnd end = StatementEnd::kResolved;
  std::string reason;
  std::string origin;
  std::string subject;
  std::vector<std::string> unresolved;
  Timestamp seen;

  bool operator==(const ReadStatement&) const = default;
};

struct StatementQuery {
  std::vector<StatementEnd> ends;  // empty: any
  std::string after;               // the place an earlier page named; empty: from the newest
  size_t limit = 100;
};

struct StatementPage {
  std::vector<ReadStatement> statements;  // newest first; without their keys
  std::string next;                       // empty: this was the last
};

// An event of a run, in so far as later events of that run may need it.
struct LineageEvent {
  std::string run;
  int64_t digest = 0;  // of `content`: the same event twice is one
  std::string content;
  Timestamp at;
};

// What the writer knows and says within one transaction, which nobody else writes to meanwhile.
class LineageTransaction {
 public:
  virtual ~LineageTransaction() = default;
  // Of these runs those that are not known, in no order.
  using IsKnown = std::function<bool(const std::string& run, int64_t digest)>;
  virtual Result<std::vector<LineageEvent>> ReadRunEvents(std::span<const std::string> runs,
                                                          const IsKnown& known) = 0;
  virtual Result<void> AddRunEvents(std::span<const LineageEvent> events) = 0;
  // Provenance, origin and times set. An identity may repeat.
  virtual Result<void> AddEdges(std::span<const Edge> edges) = 0;
  virtual Result<void> AddFacts(std::span<const StatedFacts> facts) = 0;
  virtual Result<void> AddEndings(std::span<const Ending> endings) = 0;
  virtual Result<void> AddStatements(std::span<const ReadStatement> statements) = 0;
  // A digest of what a complete reading of an origin said last; empty: there was none.
  virtual Result<std::string> ReadDigest(Provenance provenance, const std::string& origin) = 0;
  virtual Result<void> PutDigest(Provenance provenance, const std::string& origin,
                                 const std::string& digest) = 0;
};

// Where what is read goes; members may be empty.
struct LineageSink {
  std::function<void(const Edge&)> edge;  // `ended` is not set: it follows from the endings
  std::function<void(StatedFacts)> facts;
  std::function<void(const Ending&)> ending;
};

class LineageStore {
 public:
  virtual ~LineageStore() = default;

  // Runs `write` in one transaction: all of it, or none; it may run more than once. The sequence number.
  virtual Result<int64_t> WriteLineage(const std::function<Result<void>(LineageTransaction&)>& write) = 0;
  // Of the newest transaction that is visible; 0: there was none.
  virtual Result<int64_t> ReadSequence() = 0;
  // All there is, and the number up to which it is complete; of what is written meanwhile a part may be there
  // too.
  virtual Result<int64_t> ReadLineage(const LineageSink& sink) = 0;
  // kInvalid: a place that no page named.
  virtual Result<StatementPage> ListStatements(const StatementQuery& query) = 0;
};

}  // namespace amont
