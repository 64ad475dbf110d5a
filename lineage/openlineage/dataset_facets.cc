#include "lineage/openlineage/dataset_facets.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lineage/openlineage/event_check.h"

namespace amont {
namespace {

constexpr size_t kWarningsMax = 20;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::vector<std::string> Owners(JsonValue facet) {
  std::vector<std::string> owners;
  for (const JsonValue owner : facet["owners"]) {
    const std::string_view name = owner["name"].String();
    if (!name.empty()) owners.emplace_back(name);
  }
  return owners;
}

// Tags of the whole, not those of single fields.
std::vector<std::string> Tags(JsonValue facet) {
  std::vector<std::string> tags;
  for (const JsonValue tag : facet["tags"]) {
    const std::string_view key = tag["key"].String();
    const std::string_view value = tag["value"].String();
    if (key.empty() || !tag["field"].String().empty()) continue;
    tags.push_back(value.empty() || value == "true" ? std::string(key) : fmt::format("{}:{}", key, value));
  }
  return tags;
}

constexpr std::pair<std::string_view, LifecycleChange> kChanges[] = {
    {"ALTER", LifecycleChange::kAlter},   {"CREATE", LifecycleChange::kCreate},
    {"DROP", LifecycleChange::kDrop},     {"OVERWRITE", LifecycleChange::kOverwrite},
    {"RENAME", LifecycleChange::kRename}, {"TRUNCATE", LifecycleChange::kTruncate},
};

ReportedFact After(ReportedFact first, int steps) {
  return static_cast<ReportedFact>(static_cast<int>(first) + steps);
}

void AddNumber(JsonValue value, ReportedFact what, std::string_view column,
               std::vector<ReportedCount>& counts) {
  ReportedCount count{.what = what, .column = std::string(column), .quantile = 0.0, .value = {}};
  if (const std::optional<int64_t> whole = value.Integer()) {
    count.value = *whole;
  } else if (const std::optional<double> number = value.Number()) {
    count.value = *number;
  } else {
    return;
  }
  counts.push_back(std::move(count));
}

}  // namespace

void FacetReader::Warn(std::string warning) {
  if (warnings_.size() < kWarningsMax) {
    warnings_.push_back(std::move(warning));
  } else if (warnings_.size() == kWarningsMax) {
    warnings_.emplace_back("more was left out");
  }
}

JsonValue FacetReader::Facet(JsonValue facets, std::string_view name) {
  const JsonValue facet = facets[name];
  return facet["_deleted"].Boolean() ? JsonValue() : facet;
}

DatasetId FacetReader::Dataset(JsonValue named) {
  const std::string_view space = named["namespace"].String();
  auto known = namespaces_.find(space);
  if (known == namespaces_.end()) known = namespaces_.emplace(space, ReadNamespace(space)).first;
  return CanonicalDataset(known->second, named["name"].String());
}

DatasetId FacetReader::ReadJobName(JsonValue named) {
  return CanonicalJob(named["namespace"].String(), named["name"].String());
}

OpenLineageDataset FacetReader::ReadDataset(JsonValue dataset) {
  OpenLineageDataset read;
  read.id = Dataset(dataset);
  const JsonValue facets = dataset["facets"];
  for (const JsonValue link : Facet(facets, "symlinks")["identifiers"]) {
    if (link["namespace"].IsString() && link["name"].IsString()) read.symlinks.push_back(Dataset(link));
  }
  // The database behind a namespace that somebody made up, by its own address.
  const CanonicalNamespace behind = ReadNamespace(Facet(facets, "dataSource")["uri"].String());
  if (behind.style == NamespaceStyle::kDatabase && behind.text != read.id.space) {
    read.symlinks.push_back(CanonicalDataset(behind, dataset["name"].String()));
  }
  ReadDescribing(facets, read);
  ReadSchema(Facet(facets, "schema"), read);
  ReadChange(Facet(facets, "lifecycleStateChange"), read);
  ReadColumnLineage(Facet(facets, "columnLineage"), read);
  if (const JsonValue lineage = Facet(facets, "lineage")) {
    read.stated.emplace();
    read.stated->id = read.id;
    ReadTarget(lineage, *read.stated);
  }
  ReadQuality(Facet(facets, "dataQualityMetrics"), read.counts);
  const JsonValue as_input = dataset["inputFacets"];
  ReadQuality(as_input["dataQualityMetrics"], read.counts);
  ReadStatistics(as_input["inputStatistics"], ReportedFact::kRowsRead, read.counts);
  ReadStatistics(dataset["outputFacets"]["outputStatistics"], ReportedFact::kRowsWritten, read.counts);
  return read;
}

void FacetReader::ReadDescribing(JsonValue facets, OpenLineageDataset& dataset) {
  const JsonValue type = Facet(facets, "datasetType");
  dataset.form = Lower(type["datasetType"].String());
  const std::string sub = Lower(type["subType"].String());
  if (sub == "materialized") dataset.form = "materialized " + dataset.form;
  dataset.owners = Owners(Facet(facets, "ownership"));
  dataset.tags = Tags(Facet(facets, "tags"));
  dataset.description = Facet(facets, "documentation")["description"].String();
}

void FacetReader::ReadSchema(JsonValue facet, OpenLineageDataset& dataset) {
  for (const JsonValue field : facet["fields"]) {
    const std::string_view name = field["name"].String();
    if (name.empty()) {
      Warn("a field of a schema facet has no name");
      continue;
    }
    dataset.columns.push_back({std::string(name), std::string(field["type"].String())});
  }
}

void FacetReader::ReadChange(JsonValue facet, OpenLineageDataset& dataset) {
  if (!facet) return;
  const std::string_view word = facet["lifecycleStateChange"].String();
  const auto* known = std::ranges::find(kChanges, word, &std::pair<std::string_view, LifecycleChange>::first);
  if (known == std::end(kChanges)) {
    Warn("a lifecycleStateChange facet has no state change the standard knows");
    return;
  }
  DatasetChange change{.change = known->second, .previous = {}};
  if (change.change == LifecycleChange::kRename) {
    const JsonValue previous = facet["previousIdentifier"];
    if (!previous["namespace"].IsString() || !previous["name"].IsString()) {
      Warn("a RENAME does not say what the dataset was called before");
      return;
    }
    change.previous = Dataset(previous);
  }
  dataset.change = std::move(change);
}

Influence FacetReader::ReadInfluence(JsonValue transformations) {
  Influence influence;
  for (const JsonValue transformation : transformations) {
    const std::string type = Lower(transformation["type"].String());
    if (type == "indirect") {
      influence.indirect = true;
    } else {
      influence.direct = true;
      if (type != "direct") Warn("a transformation is neither DIRECT nor INDIRECT; it is taken as DIRECT");
    }
  }
  return influence;
}

bool FacetReader::ReadColumnSource(JsonValue input, ColumnSource& source) {
  if (!input["namespace"].IsString() || !input["name"].IsString() || !input["field"].IsString()) {
    Warn("an input field of a columnLineage facet lacks namespace, name or field");
    return false;
  }
  source.dataset = Dataset(input);
  source.field = input["field"].String();
  source.influence = ReadInfluence(input["transformations"]);
  return true;
}

void FacetReader::ReadColumnLineage(JsonValue facet, OpenLineageDataset& dataset) {
  if (!facet) return;
  if (!facet["fields"].IsObject()) Warn("a columnLineage facet has no object of fields");
  if (facet["fields"].IsObject()) {
    for (const JsonValue field : facet["fields"]) {
      for (const JsonValue input : field["inputFields"]) {
        ColumnSource source;
        if (!ReadColumnSource(input, source)) continue;
        // The fields' own word from before there were transformations; without either it is a value's.
        if (!source.influence.indirect) source.influence.direct = true;
        dataset.column_lineage.emplace_back(field.Key(), std::move(source));
      }
    }
  }
  for (const JsonValue input : facet["dataset"]) {
    ColumnSource source;
    if (!ReadColumnSource(input, source)) continue;
    if (!source.influence.direct) source.influence.indirect = true;
    dataset.whole_lineage.push_back(std::move(source));
  }
}

bool FacetReader::ReadStatedSource(JsonValue input, StatedSource& source) {
  const std::string_view type = input["type"].String();
  source.job = type == "JOB";
  const bool named = input["namespace"].IsString() && input["name"].IsString();
  const bool half = static_cast<bool>(input["namespace"]) != static_cast<bool>(input["name"]);
  if ((type != "JOB" && type != "DATASET") || (!named && (!source.job || half))) {
    Warn("an input of a lineage facet lacks its type, namespace or name");
    return false;
  }
  if (named) source.id = source.job ? ReadJobName(input) : Dataset(input);
  if (!source.job) source.field = input["field"].String();
  source.influence = ReadInfluence(input["transformations"]);
  return true;
}

void FacetReader::ReadTarget(JsonValue facet, StatedTarget& target) {
  for (const JsonValue input : facet["inputs"]) {
    StatedSource source;
    if (ReadStatedSource(input, source)) target.inputs.push_back(std::move(source));
  }
  for (const JsonValue field : facet["fields"]) {
    for (const JsonValue input : field["inputs"]) {
      StatedSource source;
      if (ReadStatedSource(input, source)) target.fields.emplace_back(field.Key(), std::move(source));
    }
  }
}

std::vector<StatedTarget> FacetReader::ReadStated(JsonValue job) {
  std::vector<StatedTarget> targets;
  for (const JsonValue entry : Facet(job["facets"], "lineage")["entries"]) {
    StatedSource named;  // a target is named as a source is
    if (!ReadStatedSource(entry, named)) continue;
    StatedTarget target{.job = named.job, .id = std::move(named.id), .inputs = {}, .fields = {}};
    ReadTarget(entry, target);
    targets.push_back(std::move(target));
  }
  return targets;
}

void FacetReader::ReadQuality(JsonValue facet, std::vector<ReportedCount>& counts) {
  if (!facet) return;
  AddNumber(facet["rowCount"], ReportedFact::kRowCount, {}, counts);
  AddNumber(facet["bytes"], ReportedFact::kBytes, {}, counts);
  AddNumber(facet["fileCount"], ReportedFact::kFileCount, {}, counts);
  if (const JsonValue updated = facet["lastUpdated"]; updated.IsString()) {
    const Result<Timestamp> at = ReadEventTime(updated.String());
    if (at) {
      counts.push_back(
          {.what = ReportedFact::kLastUpdated, .column = {}, .quantile = 0.0, .value = ReportedValue(*at)});
    } else {
      Warn("lastUpdated of a dataQualityMetrics facet is no date-time");
    }
  }
  constexpr std::pair<std::string_view, ReportedFact> kOfColumn[] = {
      {"nullCount", ReportedFact::kNullCount},
      {"distinctCount", ReportedFact::kDistinctCount},
      {"sum", ReportedFact::kSum},
      {"count", ReportedFact::kCount},
      {"min", ReportedFact::kMin},
      {"max", ReportedFact::kMax},
  };
  for (const JsonValue column : facet["columnMetrics"]) {
    if (column.Key().empty()) continue;
    for (const auto& [key, what] : kOfColumn) AddNumber(column[key], what, column.Key(), counts);
    for (const JsonValue quantile : column["quantiles"]) {
      const Result<JsonDocument> rank = ParseJson(quantile.Key());
      const std::optional<double> number = rank ? rank->Root().Number() : std::nullopt;
      if (!number || *number < 0 || *number > 1) continue;
      const size_t before = counts.size();
      AddNumber(quantile, ReportedFact::kQuantile, column.Key(), counts);
      if (counts.size() > before) counts.back().quantile = *number;
    }
  }
}

void FacetReader::ReadStatistics(JsonValue facet, ReportedFact rows, std::vector<ReportedCount>& counts) {
  AddNumber(facet["rowCount"], rows, {}, counts);
  AddNumber(facet["size"], After(rows, 1), {}, counts);
  AddNumber(facet["fileCount"], After(rows, 2), {}, counts);
}

OpenLineageJob FacetReader::ReadJob(JsonValue job) {
  OpenLineageJob read;
  read.id = ReadJobName(job);
  const JsonValue facets = job["facets"];
  const JsonValue type = Facet(facets, "jobType");
  read.form = Lower(type["jobType"].String());
  if (read.form.empty()) read.form = Lower(type["integration"].String());
  read.owners = Owners(Facet(facets, "ownership"));
  read.tags = Tags(Facet(facets, "tags"));
  read.description = Facet(facets, "documentation")["description"].String();
  read.url = WithoutCredentials(Facet(facets, "sourceCodeLocation")["url"].String());
  const JsonValue sql = Facet(facets, "sql");
  read.sql = sql["query"].String();
  read.sql_dialect = sql["dialect"].String();
  return read;
}

std::vector<DatasetId> FacetReader::ReadJobs(JsonValue dependencies) {
  std::vector<DatasetId> jobs;
  for (const JsonValue dependency : dependencies) {
    const JsonValue job = dependency["job"];
    if (job["namespace"].IsString() && job["name"].IsString()) jobs.push_back(ReadJobName(job));
  }
  return jobs;
}

}  // namespace amont
