#include "checks/judge/baseline.h"

namespace amont {

BaselineMoment MomentAt(Timestamp at, const Zone& zone, const std::set<Date>* holidays) {
  const LocalTime local = zone.ToLocal(at);
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const auto is_holiday = [&](Date day) { return holidays != nullptr && holidays->contains(day); };
  BaselineMoment moment;
  moment.day = Date(midnight.time_since_epoch());
  moment.hour = static_cast<int>(std::chrono::floor<std::chrono::hours>(local - midnight).count());
  moment.holiday = is_holiday(moment.day);
  moment.beside_holiday = !moment.holiday && (is_holiday(moment.day - std::chrono::days(1)) ||
                                              is_holiday(moment.day + std::chrono::days(1)));
  return moment;
}

}  // namespace amont
