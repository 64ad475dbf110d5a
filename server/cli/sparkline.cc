#include "server/cli/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

namespace amont {

namespace {

constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kAscii = {"_", ".", "-", "~", "=", "+", "*", "#"};

using Point = std::optional<double>;

Point Finite(Point point) { return point && std::isfinite(*point) ? point : std::nullopt; }

double MedianOf(std::vector<double> numbers) {
  const auto middle = numbers.begin() + std::ssize(numbers) / 2;
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

// One point for each column.
std::vector<Point> Thinned(std::span<const Point> points, size_t width, double median) {
  const size_t columns = std::min(points.size(), width);
  std::vector<Point> thinned(columns);
  for (size_t i = 0; i < points.size(); ++i) {
    const Point point = Finite(points[i]);
    Point& shown = thinned[i * columns / points.size()];
    if (point && (!shown || std::abs(*point - median) >= std::abs(*shown - median))) shown = point;
  }
  return thinned;
}

}  // namespace

std::string Sparkline(std::span<const Point> points, size_t width, bool unicode) {
  std::vector<double> numbers;
  for (const Point& point : points) {
    if (const Point finite = Finite(point)) numbers.push_back(*finite);
  }
  if (numbers.empty() || width == 0) return {};
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  const auto& levels = unicode ? kBlocks : kAscii;
  std::string line;
  for (const Point& point : Thinned(points, width, MedianOf(numbers))) {
    if (!point) {
      line += ' ';
      continue;
    }
    // Halves first: the span of two doubles may be no double.
    const double span = *high / 2 - *low / 2;
    const double part = span > 0 ? (*point / 2 - *low / 2) / span : 0.5;
    line += levels[std::min<size_t>(static_cast<size_t>(part * 8), 7)];
  }
  return line;
}

}  // namespace amont
