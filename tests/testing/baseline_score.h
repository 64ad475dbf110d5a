// Scores detectors of bad days on the simulated tables of the shared data, whose faults are labelled.
//
// A fault is a stretch of labelled days of one kind, found if any day of it alerts. Consecutive alerts are
// one incident: false if no labelled day is in it and no labelled shift of the level within the last three
// days. A history of N days: the detector begins N days before the 35 days that are scored, from every 35th
// day of a series on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/judge/baseline.h"
#include "core/file.h"
#include "core/time.h"
#include "tests/testing/shared_data.h"

namespace amont::testing {

struct ScoredDay {
  BaselineMoment moment;
  double value = 0;
  std::string fault;   // its kind; empty: none
  bool shift = false;  // from here on the level is another
};
using ScoredSeries = std::map<std::string, std::vector<ScoredDay>>;

using Detector = std::function<bool(const ScoredDay&)>;  // whether the day alerts; days come in order
using MakeDetector = std::function<Detector()>;

struct DetectorScore {
  double faults = 0;
  double found = 0;
  double right = 0;  // incidents
  double wrong = 0;
  double days = 0;
  double empty = 0;  // days without rows that are faults, where such a day usually has some
  double empty_found = 0;

  double Recall() const { return found / std::max(faults, 1.0); }
  double Precision() const { return right / std::max(right + wrong, 1.0); }
  double F1() const { return 2 * Recall() * Precision() / std::max(Recall() + Precision(), 1e-9); }
  double FalseAYear() const { return wrong / std::max(days / 365, 1e-9); }
};

inline constexpr size_t kScored = 35;
inline constexpr size_t kStride = 35;

inline std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

inline ScoredSeries Read(const std::string& values, const std::string& labels) {
  ScoredSeries all;
  std::map<std::pair<std::string, Date>, ScoredDay*> days;
  for (const std::string_view line : Split(values, '\n')) {
    const auto cells = Split(line, ',');
    if (cells.size() < 4 || cells[0] == "series") continue;
    const auto date = ParseDate(cells[1]);
    if (!date) continue;
    ScoredDay day;
    day.moment.day = *date;
    day.moment.holiday = cells[3].starts_with('1');
    day.value = std::stod(std::string(cells[2]));
    all[std::string(cells[0])].push_back(day);
  }
  for (auto& [name, series] : all) {
    for (size_t i = 0; i < series.size(); ++i) {
      days[{name, series[i].moment.day}] = &series[i];
      const bool before = i > 0 && series[i - 1].moment.holiday;
      const bool after = i + 1 < series.size() && series[i + 1].moment.holiday;
      series[i].moment.beside_holiday = !series[i].moment.holiday && (before || after);
    }
  }
  for (const std::string_view line : Split(labels, '\n')) {
    const auto cells = Split(line, ',');
    if (cells.size() < 5 || cells[0] == "series") continue;
    const auto date = ParseDate(cells[1]);
    if (!date) continue;
    const auto day = days.find({std::string(cells[0]), *date});
    if (day == days.end()) continue;
    if (cells[2] == "1") day->second->fault = cells[3];
    day->second->shift = cells[4].starts_with('1');
  }
  return all;
}

// Whether the same weekday had rows in most of the six weeks before.
inline bool UsuallyHasRows(const std::vector<ScoredDay>& series, size_t at) {
  int weeks = 0;
  int filled = 0;
  for (size_t back = 7; back <= std::min<size_t>(at, 42); back += 7, ++weeks) {
    filled += series[at - back].value > 0 ? 1 : 0;
  }
  return filled * 2 > weeks;
}

inline void ScoreDays(const std::vector<ScoredDay>& series, const std::vector<bool>& alerts, size_t from,
                      size_t to, DetectorScore& score) {
  for (size_t i = from; i < to;) {
    const std::string& fault = series[i].fault;
    if (fault.empty()) {
      ++i;
      continue;
    }
    bool found = false;
    for (; i < to && series[i].fault == fault; ++i) {
      found = found || alerts[i];
      if (series[i].value == 0 && UsuallyHasRows(series, i)) {
        ++score.empty;
        score.empty_found += alerts[i] ? 1 : 0;
      }
    }
    ++score.faults;
    score.found += found ? 1 : 0;
  }
  for (size_t i = from; i < to;) {
    if (!alerts[i]) {
      ++i;
      continue;
    }
    bool right = false;
    bool shift = false;
    for (; i < to && alerts[i]; ++i) {
      right = right || !series[i].fault.empty();
      for (size_t back = 0; back <= std::min<size_t>(3, i); ++back) shift = shift || series[i - back].shift;
    }
    if (right) {
      ++score.right;
    } else if (!shift) {
      ++score.wrong;
    }
  }
  score.days += static_cast<double>(to - from);
}

inline DetectorScore ScoreDetector(const ScoredSeries& all, const MakeDetector& make, size_t history) {
  DetectorScore score;
  for (const auto& [name, series] : all) {
    for (size_t start = 0; start + history + kScored <= series.size(); start += kStride) {
      const Detector detect = make();
      std::vector<bool> alerts(series.size());
      const size_t end = start + history + kScored;
      for (size_t i = start; i < end; ++i) alerts[i] = detect(series[i]);
      ScoreDays(series, alerts, start + history, end, score);
    }
  }
  return score;
}

inline Detector LearnedBounds() {
  return [baseline = Baseline()](const ScoredDay& day) mutable {
    return baseline.Observe(day.moment, day.value).Alerts();
  };
}

inline Detector LearnedBoundsWithoutCalendar() {
  return [baseline = Baseline()](const ScoredDay& day) mutable {
    return baseline.Observe({day.moment.day, 0, false, false}, day.value).Alerts();
  };
}

// Beyond three standard deviations of the last 14 values.
inline Detector ZScoreOf14Days() {
  return [last = std::vector<double>()](const ScoredDay& day) mutable {
    bool alert = false;
    if (last.size() == 14) {
      double mean = 0;
      double square = 0;
      for (const double value : last) mean += value / 14;
      for (const double value : last) square += (value - mean) * (value - mean) / 13;
      alert = std::abs(day.value - mean) > 3 * std::sqrt(square);
      last.erase(last.begin());
    }
    last.push_back(day.value);
    return alert;
  };
}

// nullopt where the shared data is not here.
inline std::optional<ScoredSeries> ReadScoredSeries() {
  const auto values = amont::ReadFile(SharedData("baselines/volume.csv").string(), size_t{1} << 28);
  const auto labels = amont::ReadFile(SharedData("baselines/volume_labels.csv").string(), size_t{1} << 28);
  if (!values || !labels) return std::nullopt;
  return Read(*values, *labels);
}

}  // namespace amont::testing
