#include "core/sql/sqlite_functions.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "core/limits.h"

namespace amont {
namespace {

// A pattern made ready, kept by SQLite from row to row.
struct Pattern {
  ~Pattern() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(bounds);
    pcre2_code_free(code);
  }
  pcre2_code* code = nullptr;
  pcre2_match_context* bounds = nullptr;
  pcre2_match_data* data = nullptr;
};

std::string PcreMessage(int code) {
  PCRE2_UCHAR text[256];
  return pcre2_get_error_message(code, text, sizeof text) > 0 ? reinterpret_cast<const char*>(text)
                                                              : "error " + std::to_string(code);
}

void Fail(sqlite3_context* context, const std::string& message) {
  sqlite3_result_error(context, message.data(), static_cast<int>(message.size()));
}

// nullptr: the error is already the result.
std::unique_ptr<Pattern> Compile(sqlite3_context* context, sqlite3_value* text) {
  auto pattern = std::make_unique<Pattern>();
  int error = 0;
  PCRE2_SIZE at = 0;
  pattern->code =
      pcre2_compile(sqlite3_value_text(text), static_cast<PCRE2_SIZE>(sqlite3_value_bytes(text)),
                    PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &error, &at, nullptr);
  if (pattern->code == nullptr) {
    Fail(context, "regular expression: " + PcreMessage(error) + " at offset " + std::to_string(at));
    return nullptr;
  }
  pattern->bounds = pcre2_match_context_create(nullptr);
  pattern->data = pcre2_match_data_create_from_pattern(pattern->code, nullptr);
  if (pattern->bounds == nullptr || pattern->data == nullptr) {
    sqlite3_result_error_nomem(context);
    return nullptr;
  }
  pcre2_set_match_limit(pattern->bounds, limits::kRegexSteps);
  pcre2_set_heap_limit(pattern->bounds, limits::kRegexHeapKib);
  return pattern;
}

void Regexp(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL || sqlite3_value_type(arguments[1]) == SQLITE_NULL)
    return;
  auto* pattern = static_cast<Pattern*>(sqlite3_get_auxdata(context, 0));
  std::unique_ptr<Pattern> made;
  if (pattern == nullptr) {
    made = Compile(context, arguments[0]);
    if (made == nullptr) return;
    pattern = made.get();
  }
  const unsigned char* text = sqlite3_value_text(arguments[1]);
  if (text == nullptr) return sqlite3_result_error_nomem(context);
  const int found =
      pcre2_match(pattern->code, text, static_cast<PCRE2_SIZE>(sqlite3_value_bytes(arguments[1])), 0, 0,
                  pattern->data, pattern->bounds);
  if (found >= 0 || found == PCRE2_ERROR_NOMATCH) {
    sqlite3_result_int(context, found >= 0 ? 1 : 0);
  } else if (found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_HEAPLIMIT ||
             found == PCRE2_ERROR_DEPTHLIMIT) {
    Fail(context, "regular expression: a value takes too many steps to match; simplify the pattern");
  } else {
    Fail(context, "regular expression: " + PcreMessage(found));
  }
  // Last, since SQLite may let go of it at once.
  if (made != nullptr) {
    sqlite3_set_auxdata(context, 0, made.release(), [](void* kept) { delete static_cast<Pattern*>(kept); });
  }
}

// The argument as a number; false for NULL, or where it is none and the error is the result.
bool NumberIn(sqlite3_context* context, sqlite3_value* argument, double& number) {
  switch (sqlite3_value_numeric_type(argument)) {
    case SQLITE_NULL:
      return false;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      number = sqlite3_value_double(argument);
      return true;
    default:
      Fail(context, "a value is not a number");
      return false;
  }
}

// Welford's: one pass, no cancellation of large squares. SQLite hands it out zeroed.
struct Spread {
  int64_t count;
  double mean;
  double squares;
};

void StddevStep(sqlite3_context* context, int, sqlite3_value** arguments) {
  double number = 0;
  if (!NumberIn(context, arguments[0], number)) return;
  auto* spread = static_cast<Spread*>(sqlite3_aggregate_context(context, sizeof(Spread)));
  if (spread == nullptr) return sqlite3_result_error_nomem(context);
  ++spread->count;
  const double off = number - spread->mean;
  spread->mean += off / static_cast<double>(spread->count);
  spread->squares += off * (number - spread->mean);
}

void StddevFinal(sqlite3_context* context) {
  const auto* spread = static_cast<Spread*>(sqlite3_aggregate_context(context, 0));
  if (spread == nullptr || spread->count < 2) return;  // NULL
  sqlite3_result_double(context, std::sqrt(spread->squares / static_cast<double>(spread->count - 1)));
}

struct Sample {
  std::vector<double> numbers;
  double fraction = 0;
};

void PercentileStep(sqlite3_context* context, int, sqlite3_value** arguments) {
  double number = 0;
  if (!NumberIn(context, arguments[0], number)) return;
  // NOLINTNEXTLINE(bugprone-sizeof-expression): SQLite keeps the pointer, we the sample
  auto** kept = static_cast<Sample**>(sqlite3_aggregate_context(context, sizeof(Sample*)));
  if (kept == nullptr) return sqlite3_result_error_nomem(context);
  if (*kept == nullptr) {
    double fraction = -1;
    if (!NumberIn(context, arguments[1], fraction) || !(fraction >= 0 && fraction <= 1)) {
      return Fail(context, "amont_percentile: the fraction lies between 0 and 1");
    }
    *kept = new (std::nothrow) Sample{{}, fraction};
    if (*kept == nullptr) return sqlite3_result_error_nomem(context);
  }
  if ((*kept)->numbers.size() >= limits::kPercentileRowsMax) return sqlite3_result_error_toobig(context);
  (*kept)->numbers.push_back(number);
}

void PercentileFinal(sqlite3_context* context) {
  auto** kept = static_cast<Sample**>(sqlite3_aggregate_context(context, 0));
  if (kept == nullptr || *kept == nullptr) return;  // NULL
  const std::unique_ptr<Sample> sample(std::exchange(*kept, nullptr));
  std::vector<double>& numbers = sample->numbers;
  if (numbers.empty()) return;
  const double place = sample->fraction * static_cast<double>(numbers.size() - 1);
  const auto below = numbers.begin() + static_cast<std::ptrdiff_t>(std::floor(place));
  std::nth_element(numbers.begin(), below, numbers.end());
  const double low = *below;
  const double high = below + 1 == numbers.end() ? low : *std::min_element(below + 1, numbers.end());
  sqlite3_result_double(context, low + (high - low) * (place - std::floor(place)));
}

// amont_view_error(name): why the columns of a view cannot be told, or NULL. A pragma of a broken view would
// fail the statement it stands in.
void ViewError(sqlite3_context* context, int, sqlite3_value** arguments) {
  sqlite3* database = sqlite3_context_db_handle(context);
  sqlite3_stmt* statement = nullptr;
  constexpr char kSql[] = "SELECT count(*) FROM pragma_table_xinfo(?1)";
  int code = sqlite3_prepare_v2(database, kSql, sizeof kSql, &statement, nullptr);
  if (code == SQLITE_OK) code = sqlite3_bind_value(statement, 1, arguments[0]);
  if (code == SQLITE_OK) code = sqlite3_step(statement);
  if (code != SQLITE_ROW) sqlite3_result_text(context, sqlite3_errmsg(database), -1, SQLITE_TRANSIENT);
  sqlite3_finalize(statement);
}

}  // namespace

Result<void> AddSqliteFunctions(sqlite3* database) {
  constexpr int kPure = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  const auto add = [&](const char* name, int arguments, auto scalar, auto step, auto final) {
    return sqlite3_create_function_v2(database, name, arguments, kPure, nullptr, scalar, step, final,
                                      nullptr) == SQLITE_OK;
  };
  if (add("regexp", 2, Regexp, nullptr, nullptr) &&
      add("amont_stddev", 1, nullptr, StddevStep, StddevFinal) &&
      add("amont_percentile", 2, nullptr, PercentileStep, PercentileFinal) &&
      sqlite3_create_function_v2(database, "amont_view_error", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr,
                                 ViewError, nullptr, nullptr, nullptr) == SQLITE_OK) {
    return {};
  }
  return MakeError(ErrorCode::kInternal,
                   std::string("SQLite took no functions: ") + sqlite3_errmsg(database));
}

}  // namespace amont
