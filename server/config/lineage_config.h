// [lineage]: what lineage is read from, and which of it is believed. Values.
//
// Manifests are named, not read: the service watches them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "core/toml_reader.h"
#include "lineage/edge.h"

namespace amont {

struct LineageConfig {
  std::vector<std::string> dbt_manifests;      // globs, relative to the directory of amont.toml
  std::map<std::string, std::string> aliases;  // OpenLineage namespace → source
  std::vector<Provenance> trust;               // besides declared, dbt and catalog, which always are

  bool operator==(const LineageConfig&) const = default;
};

// Reads the table. An alias must be of one of `sources`.
LineageConfig ReadLineageConfig(const TomlNode& node, const std::vector<std::string>& sources,
                                Diagnostics& diagnostics);

}  // namespace amont
