#include "lineage/openlineage/event_text.h"

#include <string_view>
#include <utility>

#include "core/json.h"
#include "core/time.h"

namespace amont {
namespace {

std::string_view TypeOf(RunTransition transition) {
  constexpr std::string_view kTypes[] = {"", "START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"};
  return kTypes[static_cast<size_t>(transition)];
}

std::string_view TypeOf(LifecycleChange change) {
  constexpr std::string_view kTypes[] = {"ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE"};
  return kTypes[static_cast<size_t>(change)];
}

bool IsNamed(const DatasetId& id) { return !id.name.empty() || !id.space.empty(); }

class EventWriter {
 public:
  std::string Write(const OpenLineageEvent& event) {
    Open('{');
    Text("eventTime", FormatTimestamp(event.at));
    Text("producer", event.producer);
    Text("schemaURL", "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent");
    Said("eventType", TypeOf(event.transition));
    Key("run");
    Run(event);
    if (event.job) {
      Key("job");
      Job(*event.job, event.stated);
    }
    Datasets("inputs", event.inputs);
    Datasets("outputs", event.outputs);
    Close('}');
    return std::move(text_);
  }

 private:
  void Comma() {
    if (!text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':') text_ += ',';
  }
  void Open(char bracket) {
    Comma();
    text_ += bracket;
  }
  void Close(char bracket) { text_ += bracket; }
  void Key(std::string_view key) {
    Comma();
    text_ += JsonQuote(key);
    text_ += ':';
  }
  void Text(std::string_view key, std::string_view value) {
    Key(key);
    text_ += JsonQuote(value);
  }
  void Said(std::string_view key, std::string_view value) {
    if (!value.empty()) Text(key, value);
  }
  void OpenAt(std::string_view key, char bracket) {
    Key(key);
    text_ += bracket;
  }
  // What the standard wants to stand in each.
  void OpenFacet(std::string_view key) {
    OpenAt(key, '{');
    Text("_producer", "amont:");
    Text("_schemaURL", "amont:");
  }
  void Id(const DatasetId& id) {
    Text("namespace", id.space);
    Text("name", id.name);
  }
  // A list of objects, each of which `write` fills.
  template <class Items, class Fill>
  void List(std::string_view key, const Items& items, Fill fill) {
    OpenAt(key, '[');
    for (const auto& item : items) {
      Open('{');
      fill(item);
      Close('}');
    }
    Close(']');
  }

  void Run(const OpenLineageEvent& event) {
    Open('{');
    Text("runId", event.run_id);
    OpenAt("facets", '{');
    if (event.parent) {
      OpenFacet("parent");
      OpenAt("run", '{');
      Text("runId", event.run_id);
      Close('}');
      OpenAt("job", '{');
      Id(*event.parent);
      Close('}');
      Close('}');
    }
    if (!event.waits_for.empty() || !event.awaited_by.empty()) {
      OpenFacet("jobDependencies");
      const auto job = [this](const DatasetId& id) {
        OpenAt("job", '{');
        Id(id);
        Close('}');
      };
      List("upstream", event.waits_for, job);
      List("downstream", event.awaited_by, job);
      Close('}');
    }
    Close('}');
    Close('}');
  }

  // The facets that jobs and datasets share.
  void Described(const std::vector<std::string>& owners, const std::vector<std::string>& tags,
                 const std::string& description) {
    if (!owners.empty()) {
      OpenFacet("ownership");
      List("owners", owners, [this](const std::string& owner) { Text("name", owner); });
      Close('}');
    }
    if (!tags.empty()) {
      OpenFacet("tags");
      List("tags", tags, [this](const std::string& tag) {
        const size_t colon = tag.find(':');
        Text("key", tag.substr(0, colon));
        Text("value", colon == std::string::npos ? "true" : tag.substr(colon + 1));
      });
      Close('}');
    }
    if (description.empty()) return;
    OpenFacet("documentation");
    Text("description", description);
    Close('}');
  }

  void Job(const OpenLineageJob& job, const std::vector<StatedTarget>& stated) {
    Open('{');
    Id(job.id);
    OpenAt("facets", '{');
    if (!job.form.empty()) {
      OpenFacet("jobType");
      Text("processingType", "BATCH");
      Text("integration", job.form);
      Text("jobType", job.form);
      Close('}');
    }
    Described(job.owners, job.tags, job.description);
    if (!job.url.empty()) {
      OpenFacet("sourceCodeLocation");
      Text("type", "git");
      Text("url", job.url);
      Close('}');
    }
    if (!stated.empty()) {
      OpenFacet("lineage");
      List("entries", stated, [this](const StatedTarget& target) {
        Text("type", target.job ? "JOB" : "DATASET");
        if (IsNamed(target.id)) Id(target.id);
        Stated(target);
      });
      Close('}');
    }
    Close('}');
    Close('}');
  }

  void Influenced(const Influence& influence) {
    OpenAt("transformations", '[');
    for (const bool direct : {true, false}) {
      if (!(direct ? influence.direct : influence.indirect)) continue;
      Open('{');
      Text("type", direct ? "DIRECT" : "INDIRECT");
      Close('}');
    }
    Close(']');
  }

  void Source(const StatedSource& source) {
    Text("type", source.job ? "JOB" : "DATASET");
    if (IsNamed(source.id)) Id(source.id);
    Said("field", source.field);
    Influenced(source.influence);
  }
  void Source(const ColumnSource& source) {
    Id(source.dataset);
    Text("field", source.field);
    Influenced(source.influence);
  }

  // `fields`: the sources of one field stand together.
  template <class Source>
  void Fields(const std::vector<std::pair<std::string, Source>>& fields, std::string_view key) {
    OpenAt("fields", '{');
    for (size_t i = 0; i < fields.size();) {
      const std::string& field = fields[i].first;
      std::vector<Source> sources;
      for (; i < fields.size() && fields[i].first == field; ++i) sources.push_back(fields[i].second);
      OpenAt(field, '{');
      List(key, sources, [this](const Source& source) { this->Source(source); });
      Close('}');
    }
    Close('}');
  }

  void Stated(const StatedTarget& target) {
    List("inputs", target.inputs, [this](const StatedSource& source) { Source(source); });
    Fields(target.fields, "inputs");
  }

  void ColumnLineage(const OpenLineageDataset& dataset) {
    if (dataset.column_lineage.empty() && dataset.whole_lineage.empty()) return;
    OpenFacet("columnLineage");
    Fields(dataset.column_lineage, "inputFields");
    List("dataset", dataset.whole_lineage, [this](const ColumnSource& source) { Source(source); });
    Close('}');
  }

  void Form(const std::string& form) {
    constexpr std::string_view kMaterialized = "materialized ";
    if (form.empty()) return;
    OpenFacet("datasetType");
    const bool materialized = form.starts_with(kMaterialized);
    Text("datasetType", materialized ? form.substr(kMaterialized.size()) : form);
    if (materialized) Text("subType", "MATERIALIZED");
    Close('}');
  }

  void Names(const OpenLineageDataset& dataset) {
    if (!dataset.symlinks.empty()) {
      OpenFacet("symlinks");
      List("identifiers", dataset.symlinks, [this](const DatasetId& link) {
        Id(link);
        Text("type", "TABLE");
      });
      Close('}');
    }
    if (dataset.columns.empty()) return;
    OpenFacet("schema");
    List("fields", dataset.columns, [this](const NodeColumn& column) {
      Text("name", column.name);
      Said("type", column.type);
    });
    Close('}');
  }

  void Changed(const DatasetChange& change) {
    OpenFacet("lifecycleStateChange");
    Text("lifecycleStateChange", TypeOf(change.change));
    if (change.change == LifecycleChange::kRename) {
      OpenAt("previousIdentifier", '{');
      Id(change.previous);
      Close('}');
    }
    Close('}');
  }

  void Datasets(std::string_view key, const std::vector<OpenLineageDataset>& datasets) {
    List(key, datasets, [this](const OpenLineageDataset& dataset) {
      Id(dataset.id);
      OpenAt("facets", '{');
      Form(dataset.form);
      Described(dataset.owners, dataset.tags, dataset.description);
      Names(dataset);
      if (dataset.change) Changed(*dataset.change);
      ColumnLineage(dataset);
      if (dataset.stated) {
        OpenFacet("lineage");
        Stated(*dataset.stated);
        Close('}');
      }
      Close('}');
    });
  }

  std::string text_;
};

}  // namespace

std::string TextOfRunEvent(const OpenLineageEvent& event) { return EventWriter().Write(event); }

}  // namespace amont
