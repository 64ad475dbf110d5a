#include "server/cli/series_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "core/diagnostic.h"
#include "core/quoted.h"

namespace amont {
namespace {

enum Column : size_t { kSeries, kTime, kValue, kHoliday, kColumns };
constexpr std::array<const char*, kColumns> kNames = {"series", "timestamp", "value", "holiday"};
constexpr size_t kAbsent = std::numeric_limits<size_t>::max();
using Places = std::array<size_t, kColumns>;

// Takes one record off the front of `rest`: quotes may hold separators and line ends.
std::vector<std::string> TakeRecord(std::string_view& rest) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  size_t at = 0;
  for (; at < rest.size(); ++at) {
    const char c = rest[at];
    if (quoted) {
      if (c != '"') {
        cells.back() += c;
      } else if (at + 1 < rest.size() && rest[at + 1] == '"') {
        cells.back() += rest[++at];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      ++at;
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  rest.remove_prefix(at);
  return cells;
}

std::optional<double> ReadNumber(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<bool> ReadFlag(std::string_view text) {
  for (const char* yes : {"1", "true", "t", "yes"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"", "0", "false", "f", "no"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<Timestamp> ReadTime(const std::string& text, const Zone& zone) {
  const auto at = ParseTimestamp(text);
  if (!at) return std::nullopt;
  if (HasOffset(text)) return *at;
  return zone.ToInstant(LocalTime(at->time_since_epoch()));
}

// Where the columns stand, if the first record names them.
Result<std::optional<Places>> ReadNames(const std::vector<std::string>& cells) {
  Places places;
  places.fill(kAbsent);
  const bool names = std::any_of(cells.begin(), cells.end(), [](const std::string& cell) {
    return cell == kNames[kTime] || cell == kNames[kValue];
  });
  if (!names) return std::optional<Places>();
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto* const name = std::find(kNames.begin(), kNames.end(), cells[i]);
    if (name != kNames.end()) places[static_cast<size_t>(name - kNames.begin())] = i;
  }
  for (const Column needed : {kSeries, kTime, kValue}) {
    if (places[needed] != kAbsent) continue;
    const std::string hint = DidYouMean(kNames[needed], cells);
    return MakeError(ErrorCode::kInvalid, fmt::format("the first line has no column `{}`{}", kNames[needed],
                                                      hint.empty() ? "" : "; " + hint));
  }
  return std::optional<Places>(places);
}

SeriesLine ReadLine(const std::vector<std::string>& cells, const Places& places, const Zone& zone) {
  const auto cell = [&](Column column) {
    return places[column] < cells.size() ? cells[places[column]] : std::string();
  };
  SeriesLine line{cell(kSeries), cell(kTime), cell(kValue), {}, {}};
  line.point.value = std::numeric_limits<double>::quiet_NaN();
  const auto at = ReadTime(line.time, zone);
  const auto holiday = ReadFlag(cell(kHoliday));
  if (places[kValue] >= cells.size() || places[kTime] >= cells.size()) {
    line.problem = fmt::format("{} cells are too few", cells.size());
  } else if (!at) {
    line.problem = fmt::format("{} is neither a date nor a time", Quoted(line.time));
  } else if (!holiday) {
    line.problem = fmt::format("{} does not say whether it is a holiday", Quoted(cell(kHoliday)));
  } else {
    line.point.at = *at;
    line.point.holiday = *holiday;
    // An empty or unreadable number is a point without a value, whose time still counts.
    if (const auto number = ReadNumber(line.value)) line.point.value = *number;
  }
  return line;
}

}  // namespace

Result<std::vector<SeriesLine>> ReadSeriesCsv(std::string_view text, const Zone& zone) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<SeriesLine> lines;
  Places places = {0, 1, 2, 3};
  bool first = true;
  while (!text.empty()) {
    const std::vector<std::string> cells = TakeRecord(text);
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (first) {
      first = false;
      AMONT_TRY(const std::optional<Places> named, ReadNames(cells));
      if (named) {
        places = *named;
        continue;
      }
    }
    lines.push_back(ReadLine(cells, places, zone));
  }
  if (first) return MakeError(ErrorCode::kInvalid, "there is no line in it");
  return lines;
}

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace amont
