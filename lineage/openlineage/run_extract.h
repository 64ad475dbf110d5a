// What a run's knowledge says of the graph: its nodes and edges, as an Extract of provenance OpenLineage.
//
// Which edges a run without a lineage facet gives:
//   - between tables: every input to every output, where there are both, the run's job on the edge. Where a
//     run writes several outputs, an input is left out of an output whose column lineage does not name it
//     while another output's does; what is left then, many to many, has a confidence of one half;
//   - between columns: what the column lineage says, each as direct or indirect; a source of the whole
//     dataset (a filter, a join) is an edge from a column to the table. They stand beside the edges between
//     tables, and may name tables that are no inputs.
//   - a run with more than kPairsMax pairs of input and output: inputs to the job, and the job to outputs,
//   with
//     a warning, since nothing is traced through a job.
// A run with a lineage facet that names datasets has said it all: only what is stated counts, and neither
// inputs times outputs nor column lineage is inferred; its edges go from columns or tables to columns or
// tables, as they are stated. Jobs that started this one, wait for it or are waited for are hints. Nothing
// is its own source: an edge within one table is left out. Drops and renames count once the run has completed
// without failing. Pure.
#pragma once

#include <map>

#include "lineage/edge.h"
#include "lineage/openlineage/dataset_naming.h"
#include "lineage/openlineage/run_knowledge.h"

namespace amont {

inline constexpr size_t kPairsMax = 50'000;

// Other names of datasets that are tables of our sources: what a run calls by its path alone, another may
// have called by its table's name too.
using KnownNames = std::map<DatasetId, LatestWord<NodeName>>;

Extract ExtractRun(const RunKnowledge& run, const DatasetNaming& naming, const KnownNames& names);

// The table of ours that one of these names is, if any; the first in order.
std::optional<NodeName> OurName(const std::vector<DatasetId>& names, const DatasetNaming& naming);

}  // namespace amont
