// Any lines as durations, instants, dates, table names and weekdays: what is read must come back from its own
// text, what is refused must say why on one line.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/calendar.h"
#include "core/table_name.h"
#include "core/time.h"
#include "core/zone.h"

namespace amont {
namespace {

void Require(bool holds) {
  if (!holds) __builtin_trap();
}

template <class T>
bool Read(const Result<T>& result) {
  if (!result) {
    const std::string& message = result.error().message;
    Require(!message.empty() && message.find('\n') == std::string::npos);
  }
  return result.has_value();
}

void TryTimes(std::string_view text) {
  if (auto span = ParseDuration(text); Read(span)) {
    Require(*span >= Duration(0));
    Require(ParseDuration(FormatDuration(*span)) == *span);
    Require(!HumanDuration(*span).empty());
  }
  if (auto at = ParseTimestamp(text); Read(at)) {
    std::string written = FormatTimestamp(*at);
    Require(ParseTimestamp(written) == *at && HasOffset(written));
    for (const char* name : {"Europe/Paris", "Australia/Lord_Howe"}) {
      auto zone = Zone::Load(name);
      Require(zone.has_value());
      LocalTime local = zone->ToLocal(*at);
      Require(zone->ToInstant(local) <= *at);
      Require(zone->ToInstantNotAfter(local, *at) == *at);
    }
  } else {
    Require(!HasOffset(text));
  }
  if (auto day = ParseDate(text); Read(day)) {
    Require(FormatDate(*day) == text);
    Require(ParseTimestamp(text) == Timestamp(*day));
  }
}

void TryNames(std::string_view text) {
  if (auto name = ParseTableName(text, "source"); Read(name)) {
    Require(ParseTableName(name->Full(), "elsewhere") == *name);
    Require(ParseTableName(name->Local(), name->source) == *name);
  }
  if (auto parts = SplitDotted(text); Read(parts)) {
    std::string joined;
    for (const std::string& part : *parts) joined += (joined.empty() ? "" : ".") + QuotePart(part);
    Require(SplitDotted(joined) == *parts);
  }
  if (!text.empty()) {
    auto whole = ParseTableName(QuotePart(text), "source");
    Require(whole && whole->table == text && whole->schema.empty());
  }
  Read(Zone::Load(text));
  if (auto weekdays = ParseWeekdays(text); Read(weekdays)) Require(weekdays->any());
}

}  // namespace
}  // namespace amont

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (true) {
    size_t end = text.find('\n');
    amont::TryTimes(text.substr(0, end));
    amont::TryNames(text.substr(0, end));
    if (end == std::string_view::npos) return 0;
    text.remove_prefix(end + 1);
  }
}
