#include "lineage/components.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace amont {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

class Tarjan {
 public:
  Tarjan(size_t vertices, std::span<const std::pair<uint32_t, uint32_t>> steps)
      : begin_(vertices + 1), to_(steps.size()), order_(vertices, kNone), low_(vertices) {
    components.of.assign(vertices, kNone);
    for (const auto& step : steps) ++begin_[step.first + 1];
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    std::vector<uint32_t> next(begin_.begin(), begin_.end() - 1);
    for (const auto& step : steps) to_[next[step.first]++] = step.second;
  }

  void Visit(uint32_t root) {
    if (order_[root] != kNone) return;
    Enter(root);
    while (!path_.empty()) {
      auto& [vertex, next] = path_.back();
      if (next < begin_[vertex + 1]) {
        const uint32_t to = to_[next++];
        if (order_[to] == kNone) {
          Enter(to);
        } else if (components.of[to] == kNone) {
          low_[vertex] = std::min(low_[vertex], order_[to]);
        }
        continue;
      }
      const uint32_t done = vertex;
      path_.pop_back();
      if (!path_.empty()) low_[path_.back().first] = std::min(low_[path_.back().first], low_[done]);
      if (low_[done] == order_[done]) Close(done);
    }
  }

  Components components;

 private:
  void Enter(uint32_t vertex) {
    order_[vertex] = low_[vertex] = entered_++;
    path_.emplace_back(vertex, begin_[vertex]);
    open_.push_back(vertex);
  }

  void Close(uint32_t root) {
    uint32_t vertex = kNone;
    do {
      vertex = open_.back();
      open_.pop_back();
      components.of[vertex] = static_cast<uint32_t>(components.count);
    } while (vertex != root);
    ++components.count;
  }

  std::vector<uint32_t> begin_;  // by vertex: into to_
  std::vector<uint32_t> to_;
  std::vector<uint32_t> order_;
  std::vector<uint32_t> low_;
  uint32_t entered_ = 0;
  std::vector<std::pair<uint32_t, uint32_t>> path_;  // vertex, its next step
  std::vector<uint32_t> open_;
};

}  // namespace

Components ComponentsOf(size_t vertices, std::span<const std::pair<uint32_t, uint32_t>> steps) {
  Tarjan tarjan(vertices, steps);
  for (uint32_t vertex = 0; vertex < vertices; ++vertex) tarjan.Visit(vertex);
  Components components = std::move(tarjan.components);
  for (const auto& step : steps) {
    const uint32_t from = components.of[step.first];
    const uint32_t to = components.of[step.second];
    if (from != to) components.steps.emplace_back(from, to);
  }
  std::sort(components.steps.begin(), components.steps.end());
  components.steps.erase(std::unique(components.steps.begin(), components.steps.end()),
                         components.steps.end());
  return components;
}

}  // namespace amont
