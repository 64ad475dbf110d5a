// Baseline: what is normal for one series of counts, learned from the series itself: rows a load, an hour or
// a day, or a total that grows. Pure: time is a parameter, the same observations give the same judgements.
//
// The model is y = ln(1 + value) = level + effects + noise. Each term is a scalar with a variance of its own:
// a Kalman filter with a diagonal covariance (R. E. Kalman, 1960), made robust by clipping what one
// observation may teach and by teaching nothing with one that alerts. A count of few rows varies as Poisson's
// law says, which adds 1/(e^μ + 1) to the variance; no other special case is made for small tables.
// docs/baselines.md tells the rest.
//
// An observation costs O(1) time; the state of a daily series is below 1 KB and is never stored: it is
// rebuilt from the stored measurements. Values: copyable, no threads of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "checks/baseline_options.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {

// When an observation was made, in the table's own zone and calendar.
struct BaselineMoment {
  Date day;
  int hour = 0;
  bool holiday = false;
  bool beside_holiday = false;  // the day before or after is one, and this is none
};

// What an observation did to what is known, besides passing or not.
enum class BaselineEvent : uint8_t {
  kNone,
  kQuiet,       // no rows, as usual at such a time
  kNewLevel,    // the third in a row that agrees: from here on this is normal
  kRecovered,   // back at the level, or the pattern, of before
  kNewPattern,  // the second of its kind of day that agrees: from here on such days are so
  kDead,        // the third without rows in a row: nothing more is learned until there are some
};

enum class BaselineStatus : uint8_t { kLearning, kPass, kWarn, kFail };

// One term of an expectation: what it is of, and its factor on the level.
struct BaselineFactor {
  enum class Of : uint8_t {
    kWeekend,
    kWeekday,
    kHour,
    kHourOfWeek,
    kMonthFirst,
    kMonthLast,
    kHoliday,
    kBesideHoliday
  };
  Of of = Of::kWeekday;
  int index = 0;  // of a weekday 0 (Monday) to 6; of an hour; of an hour of the week from Monday 00:00
  double factor = 1;
};

struct BaselineJudgement {
  BaselineStatus status = BaselineStatus::kLearning;
  BaselineEvent event = BaselineEvent::kNone;
  double value = 0;
  std::optional<double> expected;  // rows; nothing is expected before the first rows were seen
  double low = 0;
  double high = 0;
  double level = 0;  // rows, factors apart
  std::array<BaselineFactor, 5> factors{};
  size_t factor_count = 0;
  double noise = 0;  // one standard deviation, as a part: 0.04
  int seen = 0;      // observations of this slot before this one: of Mondays, of Mondays at 06:00, of loads
  BaselineSeason season = BaselineSeason::kDay;
  int slot = 0;

  bool Alerts() const { return status == BaselineStatus::kWarn || status == BaselineStatus::kFail; }
};

// The local moment of `at`; `holidays` may be null.
BaselineMoment MomentAt(Timestamp at, const Zone& zone, const std::set<Date>* holidays);

class Baseline {
 public:
  explicit Baseline(BaselineOptions options = {});

  // Judges one observation, then learns from it. `value` is at least 0 and finite; observations come in
  // order.
  BaselineJudgement Observe(const BaselineMoment& moment, double value);

  // What people said of the last observation, which alerted.
  void AcceptAsLevel();    // this is the new level
  void AcceptAsPattern();  // such days are so
  void AcceptOnce();       // it happens: be less strict

 private:
  struct Effect {
    double mean = 0;
    double variance = 0;
  };
  // How often there were no rows at such a moment, and how often such a moment was seen.
  struct Quiet {
    float share = 0;
    int seen = 0;
  };
  // A term that an alert moved, and what it was before; given back when it turns out to have been a fault.
  struct Moved {
    int effect = -1;
    double mean = 0;
    int age = 0;
  };
  // The model's answer before an observation is looked at.
  struct Prediction {
    std::array<int, 6> active{};  // indices into effects_
    int count = 0;
    double mean = 0;
    double variance = 0;  // of the observation: of all terms, the noise and the count
    double count_variance = 0;
  };

  int SlotOf(const BaselineMoment& moment) const;
  int KindOf(const BaselineMoment& moment) const;
  Prediction Predict(const BaselineMoment& moment) const;
  bool IsUsuallyQuiet(const BaselineMoment& moment) const;
  void LearnQuiet(int slot, bool zero);
  void Learn(const Prediction& prediction, int slot, double y, double z);
  bool GiveBack(Moved& moved, const Prediction& prediction, double y, double sd, int within);
  BaselineEvent Reject(const BaselineMoment& moment, const Prediction& prediction, double y, double z);
  void Explain(const BaselineMoment& moment, const Prediction& prediction,
               BaselineJudgement& judgement) const;
  double Threshold() const;

  BaselineOptions options_;
  std::vector<Effect> effects_;  // level, then those of the season, then the days apart
  std::vector<Quiet> quiet_;     // by slot
  std::vector<float> last_;      // by slot: y when it was last learned from; NaN: never
  std::vector<float> rejected_;  // by kind: y when it was last rejected; NaN: not
  double noise_;
  double weight_;
  double k_;
  int observed_ = 0;
  int zeros_ = 0;                // alerted ones in a row
  std::array<double, 3> run_{};  // residuals of the rejections in a row, the last first
  int run_length_ = 0;
  Moved level_moved_;
  Moved pattern_moved_;
  BaselineMoment last_moment_;
  std::optional<double> last_residual_;  // of the last observation, where it alerted
};

}  // namespace amont
