// Store: what amont remembers between runs. One interface; SQLite here, the same SQL elsewhere.
//
// A run is claimed first, by (trigger, key); a table's verdicts then commit together, unique on (run, check),
// and are visible at once. Thread-safe. Errors leave the store as it was. Texts of verdicts and sample rows
// are never stored with values of pii columns; samples not at all.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "checks/check.h"
#include "checks/run/source_run.h"
#include "checks/verdict.h"
#include "core/result.h"

namespace amont {

struct RunClaim {
  std::string trigger;  // "local", "slot", "request", …
  std::string key;      // unique within the trigger
  Timestamp started;
};

using RunId = int64_t;

// How long what was measured and said is kept.
struct Retention {
  Duration measurements = std::chrono::days(400);
  Duration verdicts = std::chrono::days(90);
};

class Store {
 public:
  virtual ~Store() = default;

  // One History a check, same order: those points that its expectation may ask for, at most
  // limits::kHistoryDays old. Renames (`was` of the check and its table) are followed.
  virtual Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp now) = 0;

  // Tables that wildcards of `source` matched before and that nobody accepted as gone.
  virtual Result<std::vector<TableName>> ReadKnownTables(const std::string& source) = 0;
  // Ids of checks whose slots must be planned apart: they failed a merged statement and their declaration is
  // the same.
  virtual Result<std::set<std::string>> ReadApart(std::span<const CheckPtr> checks) = 0;

  // kBusy where (trigger, key) was claimed before.
  virtual Result<RunId> ClaimRun(const RunClaim& claim) = 0;
  // The verdicts of these tables, in one transaction: a table's verdicts are all there or none. A verdict of
  // status error is recorded but adds no point to any history; one that reuses a closed window's value
  // neither.
  virtual Result<void> RecordTables(RunId run, std::span<const Conclusion> tables) = 0;
  virtual Result<void> FinishRun(RunId run, Timestamp finished) = 0;
  // Forgets and thins what `keep` says, if `run` is the first of its UTC day; other runs leave that to it.
  virtual Result<void> Trim(RunId run, const Retention& keep, Timestamp now) = 0;

  // What `amont accept` teaches.
  struct Acceptance {
    std::string check;  // id
    std::string note;
    Timestamp at;
  };
  virtual Result<void> AcceptSchema(
      const Acceptance& acceptance) = 0;  // the pending schema becomes the accepted one
  virtual Result<void> AcceptValue(const Acceptance& acceptance) = 0;  // the last value is right
  virtual Result<void> AcceptGone(const Acceptance& acceptance, const TableName& table) = 0;

  // The newest verdict of a check, or nullopt.
  struct LastVerdict {
    Status status = Status::kPass;
    Timestamp at;
    std::string sentence;
  };
  virtual Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string& check) = 0;
};

// What a SQLite store is opened for. kRead never creates, migrates or writes, and works beside a process that
// writes and in a folder nobody may write to.
enum class StoreMode { kRead, kWrite };

// Opens (kWrite: creates, migrates) the file of a `sqlite:FILE` URL. kNotFound (kRead, no store there),
// kInvalid (not a store, corrupt, of a newer release), kPermission, kUnreachable, kBusy (locked by another
// process for too long).
Result<std::unique_ptr<Store>> OpenStore(const std::string& url, StoreMode mode);

// A store that remembers nothing: --store=none.
std::unique_ptr<Store> NoStore();

}  // namespace amont
