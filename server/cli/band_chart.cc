#include "server/cli/band_chart.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "checks/judge/baseline_text.h"

namespace amont {
namespace {

constexpr size_t kLabelWidth = 12;
constexpr double kHeadroom = 2.5;  // of the usual highest value: what stands above is cut

// Points that share a column.
struct Stack {
  std::optional<double> value;
  bool alerts = false;
  bool banded = false;
  double low = 0;
  double high = 0;
};

double Surprise(const BaselineJudgement& judgement) {
  return judgement.expected ? std::abs(std::log1p(judgement.value) - std::log1p(*judgement.expected)) : 0;
}

Stack StackOf(std::span<const ReplayedPoint> points) {
  Stack stack;
  double surprise = -1;
  for (const ReplayedPoint& point : points) {
    if (!point.problem.empty()) continue;
    const BaselineJudgement& judgement = point.judgement;
    if (judgement.expected) {
      stack.low = stack.banded ? std::min(stack.low, judgement.low) : judgement.low;
      stack.high = std::max(stack.high, judgement.high);
      stack.banded = true;
    }
    const double now = Surprise(judgement) + (judgement.Alerts() ? 1e6 : 0);
    if (now > surprise) {
      surprise = now;
      stack.value = judgement.value;
    }
    stack.alerts = stack.alerts || judgement.Alerts();
  }
  return stack;
}

// What the top line stands for: the highest value, but not that of a lone spike.
double TopOf(const std::vector<Stack>& stacks) {
  std::vector<double> usual;
  double highest = 1;
  for (const Stack& stack : stacks) {
    if (!stack.value) continue;
    highest = std::max(highest, *stack.value);
    usual.push_back(*stack.value);
  }
  if (usual.empty()) return highest;
  const auto high = usual.begin() + static_cast<std::ptrdiff_t>(usual.size() * 9 / 10);
  std::nth_element(usual.begin(), high, usual.end());
  return std::min(highest, std::max(*high * kHeadroom, 1.0));
}

}  // namespace

std::string DrawBand(std::span<const ReplayedPoint> points, const Sheet& sheet, size_t height) {
  const TextStyle& style = sheet.style();
  const size_t room = std::max<size_t>(style.width, kLabelWidth + 20) - kLabelWidth - 3;
  const size_t columns = std::max<size_t>(std::min(room, points.size()), 1);
  std::vector<Stack> stacks;
  for (size_t i = 0; i < columns; ++i) {
    const size_t from = i * points.size() / columns;
    const size_t to = (i + 1) * points.size() / columns;
    stacks.push_back(StackOf(points.subspan(from, to - from)));
  }
  const double top = TopOf(stacks);
  const auto line_of = [&](double value) {
    const double part = std::clamp(value / top, 0.0, 1.0);
    return static_cast<size_t>(std::lround(part * static_cast<double>(height - 1)));
  };
  std::string drawn;
  for (size_t line = height; line-- > 0;) {
    const bool labelled = line == height - 1 || line == 0 || line == height / 2;
    const double at = top * static_cast<double>(line) / static_cast<double>(height - 1);
    drawn += fmt::format("{:>{}} {} ", labelled ? RowsText(at) : "", kLabelWidth, style.unicode ? "│" : "|");
    std::string row;
    for (const Stack& stack : stacks) {
      if (stack.value && line_of(*stack.value) == line) {
        row +=
            stack.alerts ? sheet.Tinted(Tint::kRed, style.unicode ? "●" : "X") : (style.unicode ? "•" : "o");
      } else if (stack.banded && line >= line_of(stack.low) && line <= line_of(stack.high)) {
        row += sheet.Tinted(Tint::kDim, style.unicode ? "░" : ".");
      } else {
        row += ' ';
      }
    }
    while (row.ends_with(' ')) row.pop_back();
    drawn += row;
    while (drawn.ends_with(' ')) drawn.pop_back();
    drawn += '\n';
  }
  return drawn;
}

}  // namespace amont
