#include "lineage/openlineage/event_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace amont {
namespace {

// Where in the event: a pointer that costs nothing until something is wrong.
struct Place {
  const Place* parent = nullptr;
  std::string_view key;
  size_t index = 0;
  bool indexed = false;

  std::string Text() const {
    if (parent == nullptr) return {};
    if (indexed) return fmt::format("{}/{}", parent->Text(), index);
    std::string escaped;
    for (const char c : key) {
      if (c == '~') {
        escaped += "~0";
      } else if (c == '/') {
        escaped += "~1";
      } else {
        escaped += c;
      }
    }
    return fmt::format("{}/{}", parent->Text(), escaped);
  }
  Place Member(std::string_view name) const { return {.parent = this, .key = name}; }
  Place Element(size_t at) const { return {.parent = this, .key = {}, .index = at, .indexed = true}; }
};

Error Wrong(const Place& place, std::string_view what) {
  const std::string pointer = place.Text();
  return MakeError(ErrorCode::kInvalid, fmt::format("{}: {}", pointer.empty() ? "the event" : pointer, what));
}

std::string_view Described(JsonKind kind) {
  switch (kind) {
    case JsonKind::kAbsent:
      return "missing";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBoolean:
      return "a boolean";
    case JsonKind::kInteger:
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kObject:
      return "an object";
  }
  return "something else";
}

Result<void> Expect(JsonValue value, JsonKind kind, const Place& place) {
  if (value.Kind() == kind) return {};
  if (!value) return Wrong(place, "missing");
  return Wrong(place, fmt::format("{} where {} must stand", Described(value.Kind()), Described(kind)));
}

Result<void> CheckString(JsonValue object, std::string_view key, const Place& place) {
  return Expect(object[key], JsonKind::kString, place.Member(key));
}

// An object of facets, where there is one; every facet names its producer and schema.
Result<void> CheckFacets(JsonValue owner, std::string_view key, bool deletable, const Place& place) {
  const JsonValue facets = owner[key];
  if (!facets) return {};
  const Place at = place.Member(key);
  AMONT_TRY_VOID(Expect(facets, JsonKind::kObject, at));
  for (const JsonValue facet : facets) {
    const Place here = at.Member(facet.Key());
    AMONT_TRY_VOID(Expect(facet, JsonKind::kObject, here));
    AMONT_TRY_VOID(CheckString(facet, "_producer", here));
    AMONT_TRY_VOID(CheckString(facet, "_schemaURL", here));
    const JsonValue deleted = deletable ? facet["_deleted"] : JsonValue();
    if (deleted) AMONT_TRY_VOID(Expect(deleted, JsonKind::kBoolean, here.Member("_deleted")));
  }
  return {};
}

Result<void> CheckNamed(JsonValue named, const Place& place) {
  AMONT_TRY_VOID(Expect(named, JsonKind::kObject, place));
  AMONT_TRY_VOID(CheckString(named, "namespace", place));
  AMONT_TRY_VOID(CheckString(named, "name", place));
  return CheckFacets(named, "facets", true, place);
}

Result<void> CheckDatasets(JsonValue event, std::string_view key, std::string_view facets,
                           const Place& place) {
  const JsonValue datasets = event[key];
  if (!datasets) return {};
  const Place at = place.Member(key);
  AMONT_TRY_VOID(Expect(datasets, JsonKind::kArray, at));
  size_t index = 0;
  for (const JsonValue dataset : datasets) {
    const Place here = at.Element(index++);
    AMONT_TRY_VOID(CheckNamed(dataset, here));
    AMONT_TRY_VOID(CheckFacets(dataset, facets, false, here));
  }
  return {};
}

Result<void> CheckJobAndData(JsonValue event, const Place& root) {
  AMONT_TRY_VOID(CheckNamed(event["job"], root.Member("job")));
  AMONT_TRY_VOID(CheckDatasets(event, "inputs", "inputFacets", root));
  return CheckDatasets(event, "outputs", "outputFacets", root);
}

Result<void> CheckRun(JsonValue event, const OpenLineageRules& rules, const Place& root) {
  const JsonValue type = event["eventType"];
  if (type) {
    constexpr std::array<std::string_view, 6> kTypes = {"START", "RUNNING", "COMPLETE",
                                                        "ABORT", "FAIL",    "OTHER"};
    const Place at = root.Member("eventType");
    AMONT_TRY_VOID(Expect(type, JsonKind::kString, at));
    if (std::ranges::find(kTypes, type.String()) == kTypes.end())
      return Wrong(at, "none of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER");
  }
  const JsonValue run = event["run"];
  const Place at = root.Member("run");
  AMONT_TRY_VOID(Expect(run, JsonKind::kObject, at));
  AMONT_TRY_VOID(CheckString(run, "runId", at));
  if (rules.uuid_run_ids && !IsUuid(run["runId"].String())) return Wrong(at.Member("runId"), "not a UUID");
  AMONT_TRY_VOID(CheckFacets(run, "facets", false, at));
  return CheckJobAndData(event, root);
}

Result<void> CheckBase(JsonValue event, const OpenLineageRules& rules, const Place& root) {
  AMONT_TRY_VOID(CheckString(event, "eventTime", root));
  AMONT_TRY_VOID(CheckString(event, "producer", root));
  AMONT_TRY_VOID(CheckString(event, "schemaURL", root));
  const Result<Timestamp> at = ReadEventTime(event["eventTime"].String());
  if (!at) return Wrong(root.Member("eventTime"), at.error().message);
  if (*at > rules.latest)
    return Wrong(root.Member("eventTime"),
                 fmt::format("{} lies in the future; check the producer's clock", FormatTimestamp(*at)));
  return {};
}

}  // namespace

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (i == 8 || i == 13 || i == 18 || i == 23 ? c != '-' : !hex) return false;
  }
  return true;
}

Result<Timestamp> ReadEventTime(std::string_view text) {
  const Error wrong = MakeError(ErrorCode::kInvalid, "not a date-time such as 2026-11-24T05:31:18Z");
  if (text.size() < 17 || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) return wrong;
  Result<Timestamp> at = ParseTimestamp(text);
  if (at && !HasOffset(text))
    return MakeError(ErrorCode::kInvalid, "a time without Z or an offset such as +02:00");
  if (at) return at;
  // A leap second is a date-time all the same: the instant after the second before it.
  if (text.size() < 20 || text.substr(16, 3) != ":60") return wrong;
  std::string before(text);
  before[17] = '5';
  before[18] = '9';
  at = ParseTimestamp(before);
  if (!at) return wrong;
  return *at + std::chrono::seconds(1);
}

// The schema wants exactly one of its three kinds to fit. A run's and a job's exclude each other; a dataset's
// fits beside them unless both run and job are there.
Result<OpenLineageKind> CheckOpenLineageEvent(JsonValue event, const OpenLineageRules& rules) {
  const Place root;
  if (event.IsArray()) return Wrong(root, "an array; many events at once are a batch");
  AMONT_TRY_VOID(Expect(event, JsonKind::kObject, root));
  const bool run = static_cast<bool>(event["run"]);
  const bool job = static_cast<bool>(event["job"]);
  const bool dataset = static_cast<bool>(event["dataset"]);
  if (!run && !job && !dataset) {
    const bool has_data = event["inputs"] || event["outputs"] || event["eventType"];
    return Wrong(root,
                 has_data ? "\"run\" and \"job\" are missing" : "none of run, job and dataset is in it");
  }
  AMONT_TRY_VOID(CheckBase(event, rules, root));
  if (run && (job || !dataset)) {
    AMONT_TRY_VOID(CheckRun(event, rules, root));
    return OpenLineageKind::kRun;
  }
  const Place data = root.Member("dataset");
  if (!job) {
    AMONT_TRY_VOID(CheckNamed(event["dataset"], data));
    return OpenLineageKind::kDataset;
  }
  const Result<void> as_job = CheckJobAndData(event, root);
  if (!dataset) {
    if (!as_job) return as_job.error();
    return OpenLineageKind::kJob;
  }
  const Result<void> as_dataset = CheckNamed(event["dataset"], data);
  if (as_job && as_dataset) return Wrong(root, "both a job's and a dataset's; it must be one of them");
  if (!as_job && !as_dataset) return as_job.error();
  return as_job ? OpenLineageKind::kJob : OpenLineageKind::kDataset;
}

}  // namespace amont
