// Zone: an IANA time zone, and the two questions DST makes hard. A thin value over cctz.
//
// Cheap to copy, thread-safe. Local times are whole civil microseconds, carried as a std::chrono::local_time.
// A local time that DST skips or repeats is reported as data, and the caller picks the rule it promises.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace amont {

using LocalTime = std::chrono::local_time<Duration>;

struct LocalInstants {
  enum class Kind { kUnique, kSkipped, kRepeated };
  Kind kind = Kind::kUnique;
  Timestamp earlier;     // kRepeated: the first of the two; kSkipped: as if the offset before the gap held
  Timestamp transition;  // kSkipped and kRepeated: when the offset changes
  Timestamp later;       // kRepeated: the second of the two; kSkipped: as if the offset after the gap held
};

class Zone {
 public:
  Zone();  // UTC
  // kInvalid where the name is no IANA zone the machine knows.
  static Result<Zone> Load(std::string_view name);

  const std::string& name() const;
  LocalTime ToLocal(Timestamp at) const;
  LocalInstants Lookup(LocalTime local) const;
  // Every local time that has been before `at` is earlier than this: `at` in local time, but once an hour is
  // being repeated, the end of that hour.
  LocalTime LocalReached(Timestamp at) const;

  // The rule for schedules: a skipped local time is the transition, a repeated one its first occurrence.
  Timestamp ToInstant(LocalTime local) const;
  // The rule for data: in a repeated hour the latest instant not after `now`, in a skipped hour the
  // transition.
  Timestamp ToInstantNotAfter(LocalTime local, Timestamp now) const;

  Date LocalDay(Timestamp at) const;
  Timestamp StartOf(Date day) const;  // the local midnight (or the transition that skips it)

  bool operator==(const Zone& other) const { return name() == other.name(); }

 private:
  struct Impl;  // holds the cctz zone
  std::shared_ptr<const Impl> impl_;
};

}  // namespace amont
