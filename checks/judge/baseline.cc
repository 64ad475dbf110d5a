#include "checks/judge/baseline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace amont {
namespace {

// What the filter begins with and how fast it follows. Found by trial on simulated tables; bench/baseline.cc
// scores them.
constexpr double kFirstNoise = 0.15 * 0.15;  // variance of the noise before anything is known of it
constexpr double kFirstWeight = 4;           // how many observations that is worth
constexpr double kFirstDoubt = 0.25;         // variance of the level after the first value, besides the noise
constexpr double kWeekend =
    0.5;  // sd of an effect before it was seen, as a part: 0.5 is about -40 % to +65 %
constexpr double kWeekday = 0.18;
constexpr double kHourOfDay = 0.5;
constexpr double kHourOfWeek = 0.35;
constexpr double kMonthEdge = 0.35;
constexpr double kHoliday = 0.5;
constexpr double kBesideHoliday = 0.1;
constexpr double kGain = 0.07;  // a level's share in an ever longer history
constexpr double kHourlyGain = 0.05;
constexpr double kClip = 6.25;  // of a squared residual, in variances: what may teach the noise
constexpr double kStep = 2.0;   // of a residual, in sd: what may teach the terms
constexpr double kNoiseGain = 2;
constexpr double kNoiseFloor = 0.04;
constexpr double kLeastNoise = 1e-5;
constexpr double kDoubtAfterMove = 0.05;
constexpr double kThreshold = 3.8;  // sd
constexpr double kHourlyThreshold = 4.5;
constexpr double kHighestThreshold = 6;
constexpr double kThresholdDecay = 0.01;
constexpr double kHolidayThreshold = 1;  // added: holidays differ from one another
constexpr double kNearMiss = 1.8;        // thresholds
constexpr double kLeastChange = 0.15;    // as a part; hourly twice it
constexpr double kUsuallyQuiet = 0.4;
constexpr double kQuietGain = 0.25;
constexpr double kSamePattern = 0.25;
constexpr double kBack = 2;  // sd
constexpr int kWarmUp = 7;
constexpr int kHourlyWarmUp = 168;
constexpr int kPairedNoise = 28;  // observations whose noise is learned from the same slot's last
constexpr int kLevelKept = 14;    // observations
constexpr int kPatternKept = 40;

constexpr int kLevel = 0;
constexpr int kWeekendTerm = 1;  // of a daily series: what its weekends share, before the weekdays' own

constexpr float kNever = std::numeric_limits<float>::quiet_NaN();

int WeekdayOf(Date day) {
  return static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1;
}  // 0: Monday

bool IsFirstOfMonth(Date day) { return std::chrono::year_month_day(day).day() == std::chrono::day(1); }

bool IsLastOfMonth(Date day) { return IsFirstOfMonth(day + std::chrono::days(1)); }

// What stands behind the level in effects_.
int SeasonEffects(BaselineSeason season) {
  switch (season) {
    case BaselineSeason::kNone:
      return 0;
    case BaselineSeason::kDay:
      return 1 + 7;
    case BaselineSeason::kHour:
      return 24 + 168;
  }
  return 0;
}

int Slots(BaselineSeason season) {
  switch (season) {
    case BaselineSeason::kNone:
      return 1;
    case BaselineSeason::kDay:
      return 7;
    case BaselineSeason::kHour:
      return 168;
  }
  return 1;
}

enum DayApart : int { kMonthFirst, kMonthLast, kOnHoliday, kBeside, kDaysApart };

// What a term behind the level is of.
BaselineFactor FactorOf(BaselineSeason season, int term) {
  using Of = BaselineFactor::Of;
  constexpr std::array<Of, kDaysApart> kApart = {Of::kMonthFirst, Of::kMonthLast, Of::kHoliday,
                                                 Of::kBesideHoliday};
  const int apart = term - 1 - SeasonEffects(season);
  if (apart >= 0) return {kApart[static_cast<size_t>(apart)], 0, 1};
  if (season == BaselineSeason::kHour) {
    return term <= 24 ? BaselineFactor{Of::kHour, term - 1, 1}
                      : BaselineFactor{Of::kHourOfWeek, term - 25, 1};
  }
  return term == kWeekendTerm ? BaselineFactor{Of::kWeekend, 0, 1}
                              : BaselineFactor{Of::kWeekday, term - kWeekendTerm - 1, 1};
}

}  // namespace

Baseline::Baseline(BaselineOptions options)
    : options_(options), noise_(kFirstNoise), weight_(kFirstWeight), k_(Threshold()) {
  const int season = SeasonEffects(options_.season);
  effects_.resize(static_cast<size_t>(1) + static_cast<size_t>(season) + kDaysApart);
  for (int i = 1; i <= season; ++i) {
    const bool of_day = options_.season == BaselineSeason::kHour && i <= 24;
    const double daily = i == kWeekendTerm ? kWeekend : kWeekday;
    const double sd = options_.season == BaselineSeason::kDay ? daily : of_day ? kHourOfDay : kHourOfWeek;
    effects_[static_cast<size_t>(i)].variance = sd * sd;
  }
  constexpr std::array<double, kDaysApart> kApart = {kMonthEdge, kMonthEdge, kHoliday, kBesideHoliday};
  for (int i = 0; i < kDaysApart; ++i) {
    effects_[static_cast<size_t>(1) + static_cast<size_t>(season) + static_cast<size_t>(i)].variance =
        kApart[static_cast<size_t>(i)] * kApart[static_cast<size_t>(i)];
  }
  const auto slots = static_cast<size_t>(Slots(options_.season));
  quiet_.resize(slots);
  last_.resize(slots, kNever);
  rejected_.resize(slots + kDaysApart, kNever);
}

double Baseline::Threshold() const {
  const double normal = options_.season == BaselineSeason::kHour ? kHourlyThreshold : kThreshold;
  switch (options_.sensitivity) {
    case BaselineSensitivity::kLow:
      return normal * 1.4;
    case BaselineSensitivity::kNormal:
      return normal;
    case BaselineSensitivity::kHigh:
      return normal * 0.8;
  }
  return normal;
}

int Baseline::SlotOf(const BaselineMoment& moment) const {
  switch (options_.season) {
    case BaselineSeason::kNone:
      return 0;
    case BaselineSeason::kDay:
      return WeekdayOf(moment.day);
    case BaselineSeason::kHour:
      return WeekdayOf(moment.day) * 24 + moment.hour;
  }
  return 0;
}

// Moments that are alike: a holiday is like no weekday.
int Baseline::KindOf(const BaselineMoment& moment) const {
  const int slots = Slots(options_.season);
  if (options_.season == BaselineSeason::kNone) return 0;
  if (moment.holiday) return slots + kOnHoliday;
  if (moment.beside_holiday) return slots + kBeside;
  if (options_.season == BaselineSeason::kDay && IsFirstOfMonth(moment.day)) return slots + kMonthFirst;
  if (options_.season == BaselineSeason::kDay && IsLastOfMonth(moment.day)) return slots + kMonthLast;
  return SlotOf(moment);
}

Baseline::Prediction Baseline::Predict(const BaselineMoment& moment) const {
  Prediction prediction;
  const auto add = [&](int effect) { prediction.active[static_cast<size_t>(prediction.count++)] = effect; };
  const int apart = 1 + SeasonEffects(options_.season);
  add(kLevel);
  if (options_.season == BaselineSeason::kDay) {
    if (WeekdayOf(moment.day) >= 5) add(kWeekendTerm);
    add(kWeekendTerm + 1 + WeekdayOf(moment.day));
  }
  if (options_.season == BaselineSeason::kHour) {
    add(1 + moment.hour);
    add(1 + 24 + SlotOf(moment));
  }
  if (options_.season == BaselineSeason::kDay && IsFirstOfMonth(moment.day)) add(apart + kMonthFirst);
  if (options_.season == BaselineSeason::kDay && IsLastOfMonth(moment.day)) add(apart + kMonthLast);
  if (moment.holiday) add(apart + kOnHoliday);
  if (moment.beside_holiday && !moment.holiday) add(apart + kBeside);
  double doubt = 0;
  for (int i = 0; i < prediction.count; ++i) {
    const Effect& effect = effects_[static_cast<size_t>(prediction.active[static_cast<size_t>(i)])];
    prediction.mean += effect.mean;
    doubt += effect.variance;
  }
  prediction.count_variance = noise_ + 1 / (std::exp(prediction.mean) + 1);
  prediction.variance = doubt + prediction.count_variance;
  return prediction;
}

bool Baseline::IsUsuallyQuiet(const BaselineMoment& moment) const {
  if (quiet_[static_cast<size_t>(SlotOf(moment))].share > kUsuallyQuiet) return true;
  return moment.holiday && std::any_of(quiet_.begin(), quiet_.end(),
                                       [](const Quiet& slot) { return slot.share > kUsuallyQuiet; });
}

// Two quiet Saturdays are news, the third is how Saturdays are.
void Baseline::LearnQuiet(int slot, bool zero) {
  Quiet& quiet = quiet_[static_cast<size_t>(slot)];
  const double gain = std::max(1.0 / (quiet.seen + 1), kQuietGain);
  quiet.share += static_cast<float>(gain * ((zero ? 1.0 : 0.0) - quiet.share));
  ++quiet.seen;
}

BaselineJudgement Baseline::Observe(const BaselineMoment& moment, double value) {
  BaselineJudgement judgement;
  judgement.value = value;
  const int slot = SlotOf(moment);
  const bool zero = value <= 0;
  const double y = std::log1p(value);
  const bool hourly = options_.season == BaselineSeason::kHour;
  last_residual_.reset();
  last_moment_ = moment;
  ++level_moved_.age;
  ++pattern_moved_.age;

  const bool warm = ++observed_ > kWarmUp;
  if (effects_[kLevel].variance == 0) {  // there never were rows
    LearnQuiet(slot, zero);
    if (!zero) {
      effects_[kLevel] = {y, noise_ + kFirstDoubt};
      last_[static_cast<size_t>(slot)] = static_cast<float>(y);
    }
    return judgement;
  }

  const Prediction prediction = Predict(moment);
  Explain(moment, prediction, judgement);
  if (zero && (IsUsuallyQuiet(moment) || !warm)) {
    LearnQuiet(slot, true);
    run_length_ = 0;
    if (warm) judgement.status = BaselineStatus::kPass;
    judgement.event = BaselineEvent::kQuiet;
    return judgement;
  }

  const double sd = std::sqrt(prediction.variance);
  const double residual = y - prediction.mean;
  const double z = residual / sd;
  const double k = k_ + (moment.holiday ? kHolidayThreshold : 0);
  const double least = hourly ? 2 * kLeastChange : kLeastChange;
  bool beyond = warm && std::abs(z) > k && std::abs(std::expm1(residual)) >= least;
  if (hourly && observed_ <= kHourlyWarmUp && !zero) beyond = false;
  if (!beyond) {
    LearnQuiet(slot, zero);
    zeros_ = 0;
    run_length_ = 0;
    k_ = std::max(Threshold(), k_ - kThresholdDecay);
    Learn(prediction, slot, y, z);
    judgement.status = warm ? BaselineStatus::kPass : BaselineStatus::kLearning;
    return judgement;
  }

  judgement.event = Reject(moment, prediction, y, z);
  const bool wanted = options_.direction == BaselineDirection::kBoth ||
                      (options_.direction == BaselineDirection::kDrop) == (z < 0);
  if (judgement.event == BaselineEvent::kRecovered || !wanted) {
    judgement.status = BaselineStatus::kPass;
  } else {
    judgement.status = zero || std::abs(z) > 2 * k ? BaselineStatus::kFail : BaselineStatus::kWarn;
    last_residual_ = residual;
  }
  return judgement;
}

// Each term takes its share of the surprise, by how little is known of it.
void Baseline::Learn(const Prediction& prediction, int slot, double y, double z) {
  float& last = last_[static_cast<size_t>(slot)];
  const double weight = noise_ / prediction.variance;
  double squared = z * z;
  if (observed_ <= kPairedNoise && !std::isnan(last)) {
    const double step = y - last;
    squared = step * step / 2 / prediction.count_variance;
  }
  const double gain = kNoiseGain * std::max(weight / (weight_ + 4), kNoiseFloor * weight);
  noise_ = std::max(noise_ * (1 + gain * (std::min(squared, kClip) - 1)), kLeastNoise);
  weight_ += 1;

  const double step = std::clamp(z, -kStep, kStep) * std::sqrt(prediction.variance);
  const double pace = options_.season == BaselineSeason::kHour ? kHourlyGain : kGain;
  for (int i = 0; i < prediction.count; ++i) {
    Effect& effect = effects_[static_cast<size_t>(prediction.active[static_cast<size_t>(i)])];
    const double share = effect.variance / prediction.variance;
    effect.mean += share * step;
    effect.variance = effect.variance * (1 - share) + pace * pace / (1 - pace) * noise_ +
                      kDoubtAfterMove * (share * step) * (share * step);
  }
  last = static_cast<float>(y);
}

// An alerted observation trains nothing, but it may be the one that shows what the last ones were.
BaselineEvent Baseline::Reject(const BaselineMoment& moment, const Prediction& prediction, double y,
                               double z) {
  const double sd = std::sqrt(prediction.variance);
  const double residual = y - prediction.mean;
  const int slot = SlotOf(moment);
  if (y <= 0) {
    run_length_ = 0;
    ++zeros_;
    if (zeros_ <= 3) LearnQuiet(slot, true);
    return zeros_ >= 3 ? BaselineEvent::kDead : BaselineEvent::kNone;
  }
  zeros_ = 0;
  LearnQuiet(slot, false);
  if (GiveBack(level_moved_, prediction, y, sd, kLevelKept) ||
      GiveBack(pattern_moved_, prediction, y, sd, kPatternKept)) {
    run_length_ = 0;
    return BaselineEvent::kRecovered;
  }

  run_ = {residual, run_[0], run_[1]};
  run_length_ = std::min(run_length_ + 1, 3);
  const int needed = 3;
  if (run_length_ == needed) {
    const auto [least, most] = std::minmax_element(run_.begin(), run_.end());
    const double mean = (run_[0] + run_[1] + run_[2]) / 3;
    if (*most - *least < std::abs(mean) / 2 + 4 * std::sqrt(noise_)) {
      level_moved_ = {kLevel, effects_[kLevel].mean, 0};
      effects_[kLevel].mean += mean;
      effects_[kLevel].variance = noise_ / needed + 0.05;
      run_length_ = 0;
      std::fill(rejected_.begin(), rejected_.end(), kNever);
      return BaselineEvent::kNewLevel;
    }
  }

  float& rejected = rejected_[static_cast<size_t>(KindOf(moment))];
  const bool again = !std::isnan(rejected) && std::abs(std::expm1(y - rejected)) < kSamePattern;
  if (again && prediction.count > 1) {
    const int term = prediction.active[static_cast<size_t>(prediction.count - 1)];
    Effect& effect = effects_[static_cast<size_t>(term)];
    pattern_moved_ = {term, effect.mean, 0};
    effect.mean += residual;
    effect.variance = std::max(effect.variance, noise_);
    rejected = kNever;
    run_length_ = 0;
    return BaselineEvent::kNewPattern;
  }
  rejected = static_cast<float>(y);
  if (std::abs(z) < kNearMiss * k_) k_ = std::min(k_ + 1, std::max(kHighestThreshold, Threshold()));
  return BaselineEvent::kNone;
}

// Undoes a move of before where this observation is as it was then.
bool Baseline::GiveBack(Moved& moved, const Prediction& prediction, double y, double sd, int within) {
  if (moved.effect < 0 || moved.age > within) return false;
  const auto end = prediction.active.begin() + prediction.count;
  if (std::find(prediction.active.begin(), end, moved.effect) == end) return false;
  Effect& effect = effects_[static_cast<size_t>(moved.effect)];
  if (std::abs(y - (prediction.mean - effect.mean + moved.mean)) > kBack * sd) return false;
  effect.mean = moved.mean;
  if (moved.effect == kLevel) effect.variance = noise_ + 0.05;
  moved.effect = -1;
  return true;
}

void Baseline::Explain(const BaselineMoment& moment, const Prediction& prediction,
                       BaselineJudgement& judgement) const {
  const double sd = std::sqrt(prediction.variance);
  const double k = k_ + (moment.holiday ? kHolidayThreshold : 0);
  judgement.level = std::expm1(effects_[kLevel].mean);
  judgement.noise = std::sqrt(noise_);
  if (IsUsuallyQuiet(moment)) {
    judgement.expected = 0;
    judgement.low = 0;
  } else {
    judgement.expected = std::max(std::expm1(prediction.mean), 0.0);
    judgement.low = std::max(std::expm1(prediction.mean - k * sd), 0.0);
  }
  judgement.high = std::expm1(prediction.mean + k * sd);
  for (int i = 1; i < prediction.count; ++i) {
    const int term = prediction.active[static_cast<size_t>(i)];
    BaselineFactor& factor = judgement.factors[judgement.factor_count++];
    factor = FactorOf(options_.season, term);
    factor.factor = std::exp(effects_[static_cast<size_t>(term)].mean);
  }
  judgement.season = options_.season;
  judgement.slot = SlotOf(moment);
  judgement.seen = quiet_[static_cast<size_t>(judgement.slot)].seen;
}

void Baseline::AcceptAsLevel() {
  if (!last_residual_) return;
  level_moved_ = {};
  effects_[kLevel].mean += *last_residual_;
  effects_[kLevel].variance = noise_ + 0.05;
  run_length_ = 0;
  zeros_ = 0;
  std::fill(rejected_.begin(), rejected_.end(), kNever);
  last_residual_.reset();
}

void Baseline::AcceptAsPattern() {
  if (!last_residual_) return;
  const Prediction prediction = Predict(last_moment_);
  const int term = prediction.active[static_cast<size_t>(prediction.count - 1)];
  effects_[static_cast<size_t>(term)].mean += *last_residual_;
  pattern_moved_ = {};
  run_length_ = 0;
  last_residual_.reset();
}

void Baseline::AcceptOnce() {
  if (!last_residual_) return;
  k_ = std::min(k_ + 1, std::max(kHighestThreshold, Threshold()));
  run_length_ = 0;
  last_residual_.reset();
}

}  // namespace amont
