// OpenLineageEvent: one OpenLineage event as read: which run, job or dataset it speaks of, and what its
// facets say of lineage.
//
// ReadOpenLineageEvent accepts what the standard's schema (2-0-2) accepts, and refuses the rest with the
// place (a JSON pointer) and what is wrong there: "/run/runId: missing". Stricter than the schema's letter: a
// time must be one, with its offset, and may not lie ahead of the reader's clock. As loose as its letter: a
// run id that is no UUID is taken (some producers have none), with a warning, unless the rules say otherwise.
// Facets nobody here knows are ignored; a facet whose content is not as its own schema says is left out with
// a warning. Names are canonical (namespace.h) and without credentials. No text of an event is in an error.
// Values; pure; thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/json_document.h"
#include "core/result.h"
#include "core/time.h"
#include "lineage/edge.h"
#include "lineage/openlineage/namespace.h"

namespace amont {

// How a value got from one column or entity to another; both may be true of one pair.
struct Influence {
  bool direct = false;
  bool indirect = false;

  auto operator<=>(const Influence&) const = default;
};

// One source of a column, or of a whole dataset.
struct ColumnSource {
  DatasetId dataset;
  std::string field;
  Influence influence;
};

// Of the lineage facet: a source or a target, a dataset or a job.
struct StatedSource {
  bool job = false;
  DatasetId id;       // both parts empty: the event's own job
  std::string field;  // of a dataset; empty: all of it
  Influence influence;
};

struct StatedTarget {
  bool job = false;
  DatasetId id;  // both parts empty: the event's own job
  std::vector<StatedSource> inputs;
  std::vector<std::pair<std::string, StatedSource>> fields;  // the target's field and a source of it
};

enum class LifecycleChange : uint8_t { kAlter, kCreate, kDrop, kOverwrite, kRename, kTruncate };

struct DatasetChange {
  LifecycleChange change = LifecycleChange::kAlter;
  DatasetId previous;  // of a rename

  auto operator<=>(const DatasetChange&) const = default;
};

// What a producer counted: of a dataset it read or wrote, or of a column in it.
enum class ReportedFact : uint8_t {
  kRowCount,  // of dataQualityMetrics: in the dataset as it was read
  kBytes,
  kFileCount,
  kLastUpdated,
  kRowsRead,  // of inputStatistics
  kBytesRead,
  kFilesRead,
  kRowsWritten,  // of outputStatistics
  kBytesWritten,
  kFilesWritten,
  kNullCount,  // of a column from here on
  kDistinctCount,
  kSum,
  kCount,
  kMin,
  kMax,
  kQuantile,
};
std::string_view Word(ReportedFact fact);  // "row_count", "last_updated", "rows_written", …

using ReportedValue = std::variant<int64_t, double, Timestamp>;

struct ReportedCount {
  ReportedFact what = ReportedFact::kRowCount;
  std::string column;     // empty: of the whole dataset
  double quantile = 0.0;  // of kQuantile: 0.5 is the median
  ReportedValue value;
};

struct OpenLineageDataset {
  DatasetId id;
  std::vector<DatasetId> symlinks;  // its other names, its data source's address last
  std::string form;                 // of datasetType, in lower case: "table", "view", "materialized view"
  std::vector<std::string> owners;
  std::string description;
  std::vector<std::string> tags;  // "key", or "key:value" where the value says more than "true"
  std::vector<NodeColumn> columns;
  std::optional<DatasetChange> change;
  std::vector<std::pair<std::string, ColumnSource>> column_lineage;  // this dataset's column and a source
  std::vector<ColumnSource> whole_lineage;                           // sources of every column
  std::optional<StatedTarget> stated;                                // its own lineage facet
  std::vector<ReportedCount> counts;
};

struct OpenLineageJob {
  DatasetId id;
  std::string form;  // "query", "task", "sql_job", …: the job type in lower case, or the integration
  std::vector<std::string> owners;
  std::string description;
  std::vector<std::string> tags;
  std::string url;  // of its source code
  std::string sql;  // as the producer ran it; for the caller to read
  std::string sql_dialect;
};

enum class OpenLineageKind : uint8_t { kRun, kJob, kDataset };
enum class RunTransition : uint8_t { kNone, kStart, kRunning, kComplete, kAbort, kFail, kOther };

struct OpenLineageEvent {
  OpenLineageKind kind = OpenLineageKind::kRun;
  Timestamp at;
  std::string producer;  // without credentials
  RunTransition transition = RunTransition::kNone;
  std::string run_id;  // a UUID in lower case
  std::optional<OpenLineageJob> job;
  std::optional<DatasetId> parent;         // the job whose run started this one
  std::vector<DatasetId> waits_for;        // jobs that run before this one
  std::vector<DatasetId> awaited_by;       // jobs that run after it
  std::vector<OpenLineageDataset> inputs;  // of run and job events
  std::vector<OpenLineageDataset> outputs;
  std::optional<OpenLineageDataset> dataset;  // of a dataset event
  std::vector<StatedTarget> stated;           // the job's lineage facet
  std::vector<std::string> warnings;          // what was left out, a sentence each
};

struct OpenLineageRules {
  Timestamp latest = Timestamp::max();  // now and the tolerance: a later event is refused
  bool uuid_run_ids = false;            // refuse run ids that are no UUID
};

Result<OpenLineageEvent> ReadOpenLineageEvent(JsonValue event, const OpenLineageRules& rules);
// One event as text.
Result<OpenLineageEvent> ReadOpenLineageEvent(std::string_view text, const OpenLineageRules& rules);

// A producer without the version in its address: what says the same from release to release.
std::string ProducerOrigin(std::string_view producer);

}  // namespace amont
