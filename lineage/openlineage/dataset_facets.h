// What the facets of a dataset and of a job say, read into OpenLineageDataset and OpenLineageJob.
//
// A facet whose content is not as its own schema says is left out as a whole where it would mislead, or in
// the place that is wrong, with a warning that names the facet. Facets marked _deleted are not read. Pure; a
// FacetReader serves one event.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_document.h"
#include "lineage/openlineage/event.h"

namespace amont {

class FacetReader {
 public:
  // Warnings go to `warnings`, at most a few of one event.
  explicit FacetReader(std::vector<std::string>& warnings) : warnings_(warnings) {}

  OpenLineageDataset ReadDataset(JsonValue dataset);
  OpenLineageJob ReadJob(JsonValue job);
  std::vector<StatedTarget> ReadStated(JsonValue job);  // the job's lineage facet
  // The jobs of a jobDependencies list.
  std::vector<DatasetId> ReadJobs(JsonValue dependencies);
  DatasetId ReadJobName(JsonValue named);
  void Warn(std::string warning);

 private:
  DatasetId Dataset(JsonValue named);
  // The facet, unless it is absent or deleted.
  static JsonValue Facet(JsonValue facets, std::string_view name);

  void ReadDescribing(JsonValue facets, OpenLineageDataset& dataset);
  void ReadSchema(JsonValue facet, OpenLineageDataset& dataset);
  void ReadChange(JsonValue facet, OpenLineageDataset& dataset);
  void ReadColumnLineage(JsonValue facet, OpenLineageDataset& dataset);
  bool ReadColumnSource(JsonValue input, ColumnSource& source);
  void ReadTarget(JsonValue facet, StatedTarget& target);
  bool ReadStatedSource(JsonValue input, StatedSource& source);
  Influence ReadInfluence(JsonValue transformations);
  void ReadQuality(JsonValue facet, std::vector<ReportedCount>& counts);
  void ReadStatistics(JsonValue facet, ReportedFact rows, std::vector<ReportedCount>& counts);

  std::vector<std::string>& warnings_;
  std::map<std::string, CanonicalNamespace, std::less<>> namespaces_;
};

}  // namespace amont
