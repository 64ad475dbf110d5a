#include "lineage/openlineage/event.h"

#include <algorithm>

#include "lineage/openlineage/dataset_facets.h"
#include "lineage/openlineage/event_check.h"

namespace amont {
namespace {

RunTransition TransitionNamed(std::string_view word) {
  if (word == "START") return RunTransition::kStart;
  if (word == "RUNNING") return RunTransition::kRunning;
  if (word == "COMPLETE") return RunTransition::kComplete;
  if (word == "ABORT") return RunTransition::kAbort;
  if (word == "FAIL") return RunTransition::kFail;
  return word == "OTHER" ? RunTransition::kOther : RunTransition::kNone;
}

void ReadRun(JsonValue event, FacetReader& reader, OpenLineageEvent& read) {
  const JsonValue run = event["run"];
  read.transition = TransitionNamed(event["eventType"].String());
  read.run_id = run["runId"].String();
  if (IsUuid(read.run_id)) {
    std::ranges::transform(read.run_id, read.run_id.begin(), [](char c) {
      return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  } else {
    reader.Warn("/run/runId is not a UUID: events of one run are told from another's by the job's name too");
  }
  const JsonValue facets = run["facets"];
  const JsonValue parent = facets["parent"]["job"];
  if (parent["namespace"].IsString() && parent["name"].IsString()) read.parent = reader.ReadJobName(parent);
  read.waits_for = reader.ReadJobs(facets["jobDependencies"]["upstream"]);
  read.awaited_by = reader.ReadJobs(facets["jobDependencies"]["downstream"]);
}

void ReadJobAndData(JsonValue event, FacetReader& reader, OpenLineageEvent& read) {
  read.job = reader.ReadJob(event["job"]);
  read.stated = reader.ReadStated(event["job"]);
  read.inputs.reserve(event["inputs"].Size());
  for (const JsonValue input : event["inputs"]) read.inputs.push_back(reader.ReadDataset(input));
  for (const JsonValue output : event["outputs"]) read.outputs.push_back(reader.ReadDataset(output));
}

}  // namespace

std::string_view Word(ReportedFact fact) {
  switch (fact) {
    case ReportedFact::kRowCount:
      return "row_count";
    case ReportedFact::kBytes:
      return "bytes";
    case ReportedFact::kFileCount:
      return "file_count";
    case ReportedFact::kLastUpdated:
      return "last_updated";
    case ReportedFact::kRowsRead:
      return "rows_read";
    case ReportedFact::kBytesRead:
      return "bytes_read";
    case ReportedFact::kFilesRead:
      return "files_read";
    case ReportedFact::kRowsWritten:
      return "rows_written";
    case ReportedFact::kBytesWritten:
      return "bytes_written";
    case ReportedFact::kFilesWritten:
      return "files_written";
    case ReportedFact::kNullCount:
      return "null_count";
    case ReportedFact::kDistinctCount:
      return "distinct";
    case ReportedFact::kSum:
      return "sum";
    case ReportedFact::kCount:
      return "count";
    case ReportedFact::kMin:
      return "min";
    case ReportedFact::kMax:
      return "max";
    case ReportedFact::kQuantile:
      return "quantile";
  }
  return "row_count";
}

// https://github.com/OpenLineage/OpenLineage/tree/1.19.0/integration/spark names its release behind "tree" or
// "blob".
std::string ProducerOrigin(std::string_view producer) {
  std::string origin = WithoutCredentials(producer);
  for (const std::string_view word : {"/tree/", "/blob/"}) {
    const size_t begin = origin.find(word);
    if (begin == std::string::npos) continue;
    const size_t end = origin.find('/', begin + word.size());
    origin.erase(begin, end == std::string::npos ? std::string::npos : end - begin);
    break;
  }
  return origin;
}

Result<OpenLineageEvent> ReadOpenLineageEvent(JsonValue event, const OpenLineageRules& rules) {
  AMONT_TRY(const OpenLineageKind kind, CheckOpenLineageEvent(event, rules));
  OpenLineageEvent read;
  FacetReader reader(read.warnings);
  read.kind = kind;
  AMONT_TRY(read.at, ReadEventTime(event["eventTime"].String()));
  read.producer = WithoutCredentials(event["producer"].String());
  switch (kind) {
    case OpenLineageKind::kRun:
      ReadRun(event, reader, read);
      ReadJobAndData(event, reader, read);
      break;
    case OpenLineageKind::kJob:
      if (event["eventType"])
        reader.Warn("an eventType without a run: read as what the job is declared to do");
      ReadJobAndData(event, reader, read);
      break;
    case OpenLineageKind::kDataset:
      read.dataset = reader.ReadDataset(event["dataset"]);
      break;
  }
  return read;
}

Result<OpenLineageEvent> ReadOpenLineageEvent(std::string_view text, const OpenLineageRules& rules) {
  AMONT_TRY(const JsonDocument document, ParseJson(text));
  return ReadOpenLineageEvent(document.Root(), rules);
}

}  // namespace amont
