// SourceSet: a set of a statement's source columns, by their numbers. Small, ascending; a value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace amont {

class SourceSet {
 public:
  SourceSet() = default;
  explicit SourceSet(uint32_t id) : ids_{id} {}

  void Add(uint32_t id) {
    if (ids_.empty() || ids_.back() < id) {
      ids_.push_back(id);
      return;
    }
    const auto at = std::lower_bound(ids_.begin(), ids_.end(), id);
    if (*at != id) ids_.insert(at, id);
  }

  void Add(const SourceSet& other) {
    if (other.ids_.empty()) return;
    if (ids_.empty()) {
      ids_ = other.ids_;
      return;
    }
    if (other.ids_.size() == 1) return Add(other.ids_.front());
    if (ids_.back() < other.ids_.front()) {
      ids_.insert(ids_.end(), other.ids_.begin(), other.ids_.end());
      return;
    }
    if (std::includes(ids_.begin(), ids_.end(), other.ids_.begin(), other.ids_.end())) return;
    std::vector<uint32_t> both;
    both.reserve(ids_.size() + other.ids_.size());
    std::set_union(ids_.begin(), ids_.end(), other.ids_.begin(), other.ids_.end(), std::back_inserter(both));
    ids_ = std::move(both);
  }

  bool Contains(uint32_t id) const { return std::binary_search(ids_.begin(), ids_.end(), id); }
  bool empty() const { return ids_.empty(); }
  size_t size() const { return ids_.size(); }
  auto begin() const { return ids_.begin(); }
  auto end() const { return ids_.end(); }
  const std::vector<uint32_t>& Ids() const { return ids_; }
  bool operator==(const SourceSet&) const = default;

 private:
  std::vector<uint32_t> ids_;
};

}  // namespace amont
