#include "core/zone.h"

#include <cctz/civil_time.h>
#include <cctz/time_zone.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "core/quoted.h"

namespace amont {

struct Zone::Impl {
  std::string name;
  cctz::time_zone zone;
};

namespace {

constexpr int64_t kSecond = 1'000'000;

using Seconds = cctz::time_point<cctz::seconds>;

// At the very ends of the representable time an offset would overflow: stay at the end.
int64_t AddSaturated(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? INT64_MAX : INT64_MIN;
}

Timestamp ToTimestamp(Seconds seconds, int64_t micros) {
  int64_t count =
      std::clamp<int64_t>(seconds.time_since_epoch().count(), INT64_MIN / kSecond, INT64_MAX / kSecond);
  return Timestamp(Duration(AddSaturated(count * kSecond, micros)));
}

// The zones people mean, and no other file of the database: "right/" counts leap seconds, "posix/" repeats
// all names, "localtime" is whatever the machine is set to.
bool LooksLikeZone(std::string_view name) {
  constexpr size_t kLengthMax = 64;
  auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  if (name.empty() || name.size() > kLengthMax || !std::ranges::all_of(name, is_allowed)) return false;
  return name.front() != '/' && !name.starts_with("right/") && !name.starts_with("posix/") &&
         !name.starts_with("Fixed/") && name != "localtime" && name != "posixrules" && name != "Factory";
}

// cctz remembers every name it was ever asked for, wrong ones too, so it is asked only for names that have a
// file.
bool HasFile(std::string_view name) {
  const char* directory = std::getenv("TZDIR");
  if (directory == nullptr || *directory == '\0') directory = "/usr/share/zoneinfo";
  std::error_code error;
  return std::filesystem::is_regular_file(std::filesystem::path(directory) / name, error);
}

}  // namespace

Zone::Zone() {
  static const std::shared_ptr<const Impl> kUtc =
      std::make_shared<const Impl>(Impl{"UTC", cctz::utc_time_zone()});
  impl_ = kUtc;
}

Result<Zone> Zone::Load(std::string_view name) {
  Zone zone;
  if (name == zone.name()) return zone;
  cctz::time_zone loaded;
  if (!LooksLikeZone(name) || !HasFile(name) || !cctz::load_time_zone(std::string(name), &loaded)) {
    return MakeError(
        ErrorCode::kInvalid,
        fmt::format("{} is not a time zone; write UTC or a name such as Europe/Paris", Quoted(name)));
  }
  zone.impl_ = std::make_shared<const Impl>(Impl{std::string(name), loaded});
  return zone;
}

const std::string& Zone::name() const { return impl_->name; }

LocalTime Zone::ToLocal(Timestamp at) const {
  int64_t offset = impl_->zone.lookup(std::chrono::floor<cctz::seconds>(at)).offset;
  return LocalTime(Duration(AddSaturated(at.time_since_epoch().count(), offset * kSecond)));
}

LocalInstants Zone::Lookup(LocalTime local) const {
  auto seconds = std::chrono::floor<std::chrono::seconds>(local);
  int64_t micros = (local.time_since_epoch().count() % kSecond + kSecond) % kSecond;
  auto found = impl_->zone.lookup(cctz::civil_second() + seconds.time_since_epoch().count());
  LocalInstants instants;
  instants.earlier = ToTimestamp(found.pre, micros);
  instants.transition = ToTimestamp(found.trans, 0);
  instants.later = ToTimestamp(found.post, micros);
  switch (found.kind) {
    case cctz::time_zone::civil_lookup::UNIQUE:
      instants.transition = instants.earlier;
      break;
    case cctz::time_zone::civil_lookup::SKIPPED:
      instants.kind = LocalInstants::Kind::kSkipped;
      break;
    case cctz::time_zone::civil_lookup::REPEATED:
      instants.kind = LocalInstants::Kind::kRepeated;
      break;
  }
  return instants;
}

LocalTime Zone::LocalReached(Timestamp at) const {
  const LocalTime local = ToLocal(at);
  const LocalInstants instants = Lookup(local);
  const bool second = instants.kind == LocalInstants::Kind::kRepeated && at >= instants.transition;
  return second ? ToLocal(instants.transition - Duration(1)) + Duration(1) : local;
}

Timestamp Zone::ToInstant(LocalTime local) const {
  LocalInstants instants = Lookup(local);
  return instants.kind == LocalInstants::Kind::kSkipped ? instants.transition : instants.earlier;
}

Timestamp Zone::ToInstantNotAfter(LocalTime local, Timestamp now) const {
  LocalInstants instants = Lookup(local);
  switch (instants.kind) {
    case LocalInstants::Kind::kUnique:
      return instants.earlier;
    case LocalInstants::Kind::kSkipped:
      return instants.transition;
    case LocalInstants::Kind::kRepeated:
      return instants.later <= now ? instants.later : instants.earlier;
  }
  return instants.earlier;
}

Date Zone::LocalDay(Timestamp at) const {
  return Date(std::chrono::floor<std::chrono::days>(ToLocal(at)).time_since_epoch());
}

Timestamp Zone::StartOf(Date day) const {
  constexpr int64_t kDaysMax = INT64_MAX / kSecond / 86'400;
  int64_t days = std::clamp<int64_t>(day.time_since_epoch().count(), -kDaysMax, kDaysMax);
  return ToInstant(LocalTime(std::chrono::days(days)));
}

}  // namespace amont
