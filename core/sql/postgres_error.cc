#include "core/sql/postgres_error.h"

#include <algorithm>
#include <array>
#include <vector>

namespace amont {
namespace {

// Quotes in the languages that servers speak.
constexpr std::array<std::string_view, 12> kQuotes = {"\"", "'", "`", "«", "»", "„",
                                                      "“",  "”", "‚", "‘", "’", "「"};

bool IsOneOf(std::string_view sqlstate, std::initializer_list<std::string_view> states) {
  return std::find(states.begin(), states.end(), sqlstate) != states.end();
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Where ":  28P01: " begins in a line, or npos.
size_t FindState(std::string_view line) {
  constexpr size_t kLength = std::string_view(":  28P01: ").size();
  for (size_t at = line.find(":  "); at != std::string_view::npos; at = line.find(":  ", at + 1)) {
    if (line.size() < at + kLength || line.substr(at + 8, 2) != ": ") continue;
    const std::string_view state = line.substr(at + 3, 5);
    if (state.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos) return at;
  }
  return std::string_view::npos;
}

}  // namespace

// To the last quote, because a quoted value may hold quotes itself; to the end after a lone one.
std::string WithoutQuoted(std::string_view text) {
  size_t first = std::string_view::npos;
  size_t last = 0;
  size_t end = 0;
  for (const std::string_view quote : kQuotes) {
    const size_t at = text.find(quote);
    if (at == std::string_view::npos) continue;
    first = std::min(first, at);
    last = std::max(last, text.rfind(quote));
    end = std::max(end, text.rfind(quote) + quote.size());
  }
  if (first == std::string_view::npos) return std::string(text);
  if (first == last) end = text.size();
  return std::string(text.substr(0, first)) + "\"…\"" + std::string(text.substr(end));
}

ErrorCode PostgresErrorCode(std::string_view sqlstate) {
  if (sqlstate.size() != 5) return ErrorCode::kUnreachable;
  const std::string_view group = sqlstate.substr(0, 2);

  // Evaluation failed on data, or an expression does not fit its types.
  if (IsOneOf(group, {"21", "22", "38", "39", "P0"})) return ErrorCode::kData;
  if (IsOneOf(sqlstate, {"42703", "42804", "42883", "42846"})) return ErrorCode::kData;

  if (IsOneOf(sqlstate, {"42P01", "3F000", "3D000"})) return ErrorCode::kNotFound;
  if (IsOneOf(sqlstate, {"42501", "25006"}) || group == "28") return ErrorCode::kPermission;
  if (sqlstate == "57014" || sqlstate == "55P03") return ErrorCode::kTimeout;
  if (sqlstate == "53400") return ErrorCode::kLimit;  // the role's temp_file_limit and the like
  if (group == "40" || sqlstate == "55006") return ErrorCode::kBusy;
  if (group == "0A") return ErrorCode::kUnsupported;
  if (sqlstate == "08P01" || group == "42" || group == "26") return ErrorCode::kInvalid;
  if (group == "08" || IsOneOf(sqlstate, {"53300", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03"})) {
    return ErrorCode::kUnreachable;
  }
  return ErrorCode::kInternal;
}

Error PostgresError(std::string_view sqlstate, std::string_view message, bool placed) {
  const std::string_view group = sqlstate.substr(0, 2);
  const bool of_statement = placed && (group == "42" || group == "3F");
  const bool of_session = group == "28" || group == "3D" || sqlstate == "25006" || sqlstate == "42501";
  std::string text;
  if (IsOneOf(group, {"P0", "38", "39"})) {
    text = "a function of the database raised an error";
  } else if (of_statement || of_session) {
    text = OneLine(message);
  } else {
    text = OneLine(WithoutQuoted(message));
  }
  if (text.empty()) text = "the connection was lost";
  return MakeError(PostgresErrorCode(sqlstate), std::move(text), std::string(sqlstate));
}

Error PostgresConnectError(std::string_view text) {
  const std::vector<std::string_view> lines = Lines(text);
  for (const std::string_view line : lines) {
    const size_t at = FindState(line);
    if (at == std::string_view::npos) continue;
    const std::string_view sqlstate = line.substr(at + 3, 5);
    const ErrorCode code = PostgresErrorCode(sqlstate);
    return MakeError(code == ErrorCode::kPermission ? code : ErrorCode::kUnreachable,
                     OneLine(line.substr(at + 10)), std::string(sqlstate));
  }
  return MakeError(ErrorCode::kUnreachable, lines.empty() ? "no connection" : OneLine(lines.front()));
}

}  // namespace amont
