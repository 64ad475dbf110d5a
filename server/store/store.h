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
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"
#include "checks/run/source_run.h"
#include "checks/verdict.h"
#include "core/result.h"
#include "server/store/check_state.h"

namespace amont {

class LineageStore;

using RunId = int64_t;  // grows from run to run

// The lease whose epoch fences the runs of a service.
inline constexpr std::string_view kLeaderLease = "leader";

struct RunClaim {
  std::string trigger;  // "local", "slot", "request", …
  std::string key;      // unique within the trigger
  Timestamp started;
  int64_t epoch = 0;        // of kLeaderLease; 0: the run needs no lease, and nobody takes it over
  std::string holder = {};  // who beats for a run without a lease, for people; empty: nobody does
};

// A run that is ours to record.
struct ClaimedRun {
  RunId id = 0;
  int64_t epoch = 0;
  std::set<std::string> judged =
      {};  // checks that have a verdict in it: it was taken over from a dead leader
  bool operator==(const ClaimedRun&) const = default;
};

struct RunRow {
  RunId id = 0;
  std::string key;
  Timestamp started;
  std::optional<Timestamp> finished;
};

// A run that no schedule started, as its holder last left it.
struct AskedRun {
  RunId id = 0;
  std::string holder;  // empty: nobody beats for it
  int64_t beat = 0;    // grows with each beat and with what is recorded
  bool finished = false;
};

struct AskedRuns {
  std::vector<AskedRun> runs;  // by id
  RunId newest = 0;            // of all runs
};

struct Lease {
  std::string holder;
  int64_t epoch = 0;  // grows with each holder
  int64_t beat = 0;   // grows while the holder lives
};

// Of a listing, newest first: at most `limit` rows after the place that an earlier answer named.
struct Page {
  std::string after;  // opaque; empty: from the newest
  size_t limit = 100;
};

// Of all that is set. At most one of check, table and run.
struct VerdictQuery {
  std::string check;  // id
  std::string table;  // source/schema.table
  std::optional<RunId> run;
  std::optional<Timestamp> since;  // at or after
  std::optional<Timestamp> until;  // before
  std::set<Status> statuses;       // empty: any
  Page page;
};

struct VerdictRow {
  std::string check;
  RunId run = 0;
  Timestamp at;
  Status status = Status::kPass;
  std::string sentence;
};

struct VerdictPage {
  std::vector<VerdictRow> rows;
  std::string next;  // where the next page begins; empty: this was the last
};

struct MeasurementQuery {
  std::string check;                 // id
  std::optional<std::string> group;  // nullopt: all
  std::optional<Timestamp> since;    // at or after
  std::optional<Timestamp> until;    // before
  Page page;
};

struct MeasurementRow {
  std::string group;
  Timestamp at;  // the end of its window, where there is one
  Value value;
  Status status = Status::kPass;
  bool windowed = false;
  bool accepted = false;
};

struct MeasurementPage {
  std::vector<MeasurementRow> rows;
  std::string next;
};

// A declaration file as it was last accepted.
struct AcceptedFile {
  std::string path;
  std::string text;
  Timestamp accepted;
  bool operator==(const AcceptedFile&) const = default;
};

// How long what was measured and said is kept.
struct Retention {
  Duration measurements = std::chrono::days(400);
  Duration verdicts = std::chrono::days(90);
  Duration events = std::chrono::days(30);  // lineage: events of runs, statements, edges that have ended
};

class Store {
 public:
  virtual ~Store() = default;

  // Ends the calls that wait for the store now, as if it had gone away: they fail with kUnreachable. Any
  // thread, never blocks. For whoever sees that they take too long.
  virtual void Interrupt() {}
  // The same, and from now on nothing reaches the store any more: for the end of a process that must not wait
  // for it. May be called again, for a call that was just connecting.
  virtual void Close() {}

  // What runs remember. A stop ends the waiting for a silent store, with kCancelled.
  //
  // One History a check, same order: those points that its expectation may ask for, at most
  // limits::kHistoryDays old. Renames (`was` of the check and its table) are followed.
  virtual Result<std::vector<History>> ReadHistory(std::span<const CheckPtr> checks, Timestamp now,
                                                   std::stop_token stop) = 0;

  // Tables that wildcards of `source` matched before and that nobody accepted as gone.
  virtual Result<std::vector<TableName>> ReadKnownTables(const std::string& source, std::stop_token stop) = 0;
  // Ids of checks whose slots must be planned apart: they failed a merged statement and their declaration is
  // the same.
  virtual Result<std::set<std::string>> ReadApart(std::span<const CheckPtr> checks, std::stop_token stop) = 0;

  // A run that nobody finished and that an older epoch claimed is taken over, with what it judged. kBusy: it
  // is finished, or somebody else's; kFenced.
  virtual Result<ClaimedRun> ClaimRun(const RunClaim& claim) = 0;
  // Writes of a claimed run. kFenced, with nothing written, where the run has an epoch and another replica
  // leads since, or where it has none and somebody ended it.
  //
  // The verdicts of these tables, and the states of their checks, in one transaction: a table's verdicts are
  // all there or none. A verdict of status error is recorded but adds no point to any history; one that
  // reuses a closed window's value neither. What this run recorded before stays as it was.
  virtual Result<void> RecordTables(const ClaimedRun& run, std::span<const Conclusion> tables) = 0;
  virtual Result<void> FinishRun(const ClaimedRun& run, Timestamp finished) = 0;
  // Ends a run that was stopped before its end and frees its key: what it recorded stays, and whoever claims
  // that key anew begins anew. A run that finished keeps its key.
  virtual Result<void> ReleaseRun(const ClaimedRun& run, Timestamp ended) = 0;

  // Runs without a lease have a holder that beats while it lives. Nobody compares wall clocks: who sees one
  // beat for too long ends the run.
  virtual Result<void> BeatRuns(std::span<const RunId> runs) = 0;
  // Those that are not finished, and those after `after`.
  virtual Result<AskedRuns> ReadAskedRuns(RunId after) = 0;
  // As ReleaseRun, by the leader of this epoch, unless the run beat since it was seen; whether it did end.
  virtual Result<bool> EndSilentRun(const AskedRun& seen, int64_t epoch, Timestamp ended) = 0;

  // Forgets and thins what `keep` says, if `run` is the first of its UTC day; other runs leave that to it.
  virtual Result<void> Trim(const ClaimedRun& run, const Retention& keep, Timestamp now) = 0;
  virtual Result<std::optional<RunRow>> ReadRun(const std::string& trigger, const std::string& key) = 0;
  // Those that started at `since` or later, in the order in which they were claimed.
  virtual Result<std::vector<RunRow>> ReadRuns(const std::string& trigger, Timestamp since) = 0;

  // Leases: whoever takes one raises its epoch. Nobody compares wall clocks; a candidate watches the beat.
  virtual Result<std::optional<Lease>> ReadLease(const std::string& name) = 0;
  // The new epoch; kBusy where the epoch is not `seen_epoch` (0: there was none) any more.
  virtual Result<int64_t> TakeLease(const std::string& name, const std::string& holder,
                                    int64_t seen_epoch) = 0;
  virtual Result<void> BeatLease(const std::string& name, int64_t epoch) = 0;  // kFenced

  virtual Result<std::vector<CheckState>> ReadStates() = 0;
  // Of the checks that the run judged.
  virtual Result<std::vector<CheckState>> ReadStatesOfRun(RunId run) = 0;
  // Checks that are removed or disabled: their states go. kFenced: another replica leads since.
  virtual Result<void> RetireChecks(std::span<const std::string> ids, int64_t epoch) = 0;
  // kInvalid: a place that no listing named.
  virtual Result<VerdictPage> ListVerdicts(const VerdictQuery& query) = 0;
  virtual Result<MeasurementPage> ListMeasurements(const MeasurementQuery& query) = 0;

  // The declaration files that hold now, whole: what is not among them goes.
  virtual Result<void> WriteAcceptedFiles(std::span<const AcceptedFile> files) = 0;
  virtual Result<std::vector<AcceptedFile>> ReadAcceptedFiles() = 0;  // by path

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

  // What it remembers of lineage (server/store/lineage_store.h); lives as long as the store.
  virtual LineageStore& Lineage() = 0;

  // The newest verdict of a check, or nullopt.
  struct LastVerdict {
    Status status = Status::kPass;
    Timestamp at;
    std::string sentence;
  };
  virtual Result<std::optional<LastVerdict>> ReadLastVerdict(const std::string& check) = 0;
};

// What a store is opened for. On SQLite kRead never creates, migrates or writes, and works beside a process
// that writes and in a folder nobody may write to; kServe keeps every other writer away while the store is
// open, and kWrite is kBusy beside it.
enum class StoreMode { kRead, kWrite, kServe };

// Opens (kWrite: creates, migrates) the file of a `sqlite:FILE` URL, or the schema `amont` in the database of
// a `postgresql://…` URL (`password`: where the URL has none). kNotFound (kRead, no store there), kInvalid
// (not a store, corrupt, of a newer release), kPermission, kUnreachable, kBusy (locked by another process for
// too long).
// A SQLite store is copied before it is migrated, to FILE.v1-backup.
Result<std::unique_ptr<Store>> OpenStore(const std::string& url, StoreMode mode,
                                         const std::string& password = {});

// A store that remembers nothing: --store=none.
std::unique_ptr<Store> NoStore();

}  // namespace amont
