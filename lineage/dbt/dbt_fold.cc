#include "lineage/dbt/dbt_fold.h"

#include <algorithm>

namespace amont {

// Walks without recursion: chains of ephemeral models have no bound.
std::vector<const DbtNode*> DbtFold::Before(const DbtNode& node) {
  std::vector<const DbtNode*> relations;
  std::set<const DbtNode*> seen;
  std::vector<const DbtNode*> open = {&node};
  while (!open.empty()) {
    const DbtNode* next = open.back();
    open.pop_back();
    for (const std::string& id : next->depends_on) {
      const auto found = nodes_.find(id);
      if (found == nodes_.end()) {
        unknown_.insert(id);
        continue;
      }
      const DbtNode* before = &found->second;
      if (!before->enabled || !seen.insert(before).second) continue;
      if (before->IsRelation()) {
        relations.push_back(before);
      } else if (before->IsFolded()) {
        open.push_back(before);
      }
    }
  }
  std::ranges::sort(relations, {}, &DbtNode::unique_id);
  return relations;
}

}  // namespace amont
