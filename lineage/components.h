// Strongly connected components of a small graph: each cycle, or several that hang together, as one. Tarjan's
// algorithm (1972), without recursion. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace amont {

struct Components {
  size_t count = 0;
  std::vector<uint32_t> of;  // by vertex
  // The steps between different components, by the first of each pair: components are numbered so that every
  // step leads to a lower number, so what a step leads to is complete when it is come to.
  std::vector<std::pair<uint32_t, uint32_t>> steps;
};

// Steps are from the first to the second vertex of each pair, all below `vertices`.
Components ComponentsOf(size_t vertices, std::span<const std::pair<uint32_t, uint32_t>> steps);

}  // namespace amont
