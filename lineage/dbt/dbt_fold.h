// DbtFold: what a node of a manifest comes to in the warehouse: a relation to itself, an ephemeral model or a
// metric to the relations before it. Pure; holds pointers to the nodes it was given.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lineage/dbt/dbt_node.h"

namespace amont {

using DbtNodes = std::map<std::string, DbtNode, std::less<>>;

class DbtFold {
 public:
  explicit DbtFold(const DbtNodes& nodes) : nodes_(nodes) {}

  // The relations that what `node` depends on comes to, in order, each once. Cycles end.
  std::vector<const DbtNode*> Before(const DbtNode& node);
  // Ids that something depends on and that are in no manifest.
  const std::set<std::string>& unknown() const { return unknown_; }

 private:
  const DbtNodes& nodes_;
  std::set<std::string> unknown_;
};

}  // namespace amont
