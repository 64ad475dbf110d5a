// How well learned bounds find what is wrong, and how quickly: scored on simulated tables with labelled
// faults (tests/testing/baseline_score.h says how), beside a plain z-score over the last 14 values.

#include <chrono>
#include <cstdio>

#include "tests/testing/baseline_score.h"

namespace amont::testing {
namespace {

void Table(const char* title, const ScoredSeries& all, const MakeDetector& make) {
  std::printf("%s\n", title);
  for (const size_t history : {14, 30, 90, 365}) {
    const DetectorScore score = ScoreDetector(all, make, history);
    std::printf(
        "  history %3zu: F1 %.3f  precision %.2f  recall %.2f  false a table-year %.2f  empty days %.0f of %.0f\n",
        history, score.F1(), score.Precision(), score.Recall(), score.FalseAYear(), score.empty_found,
        score.empty);
  }
}

int Main() {
  const auto all = ReadScoredSeries();
  if (!all) {
    std::printf("Learned bounds: skipped, the simulated tables are not here\n");
    return 0;
  }
  Table("Learned bounds, with holidays (at least .66 .74 .78 .82; at most 0.5 false)", *all, LearnedBounds);
  Table("  without a calendar", *all, LearnedBoundsWithoutCalendar);
  Table("  z-score over 14 days, beyond 3", *all, ZScoreOf14Days);
  const auto before = std::chrono::steady_clock::now();
  size_t observed = 0;
  size_t alerts = 0;
  for (const auto& [name, series] : *all) {
    const Detector detect = LearnedBounds();
    for (const ScoredDay& day : series) alerts += detect(day) ? 1 : 0;
    observed += series.size();
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  std::printf("  an observation %.0f ns (at most 150)   %zu alerts\n",
              took / static_cast<double>(observed) * 1e9, alerts);
  return 0;
}

}  // namespace
}  // namespace amont::testing

int main() { return amont::testing::Main(); }
